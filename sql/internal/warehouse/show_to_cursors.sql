-- Show a table or view of the warehouse under its bare name in the current database, which is in memory.
-- identifiers: table
create view {table} as from lake.main.{table};
