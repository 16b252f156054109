-- Set the version of the warehouse's tables.
-- parameters: schema_version
update fence
set schema_version = $schema_version;
