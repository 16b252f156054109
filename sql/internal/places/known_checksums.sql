-- Checksums of all files; for PostgreSQL.
-- grain: file
-- columns: path (below the data), bytes, sha256
select path, bytes, sha256
from labelhouse.checksums;
