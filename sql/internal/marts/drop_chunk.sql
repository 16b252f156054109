-- Free the memory of a chunk.
-- identifiers: table
drop table if exists temp.main.{table};
