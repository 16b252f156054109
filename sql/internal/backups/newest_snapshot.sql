-- The newest snapshot in a catalog; SQLite runs this.
-- grain: one row
-- columns: snapshot_id (null without one)
select max(snapshot_id) as snapshot_id
from ducklake_snapshot;
