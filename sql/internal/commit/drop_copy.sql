-- Drop the copy that hides a table of the warehouse.
-- identifiers: table
drop table temp.main.{table};
