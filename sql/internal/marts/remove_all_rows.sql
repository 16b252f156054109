-- Remove all rows of a mart. A delete that picks rows takes several times as much memory.
-- identifiers: table
delete from {table};
