-- The newest snapshot.
-- grain: one row
-- columns: snapshot_id
select max(snapshot_id) as snapshot_id
from lake.snapshots();
