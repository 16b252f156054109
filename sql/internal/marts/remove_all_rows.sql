-- Remove all rows of a mart. A delete that picks rows holds several times as much.
-- identifiers: table
delete from {table};
