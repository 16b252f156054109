-- The one row of the fence.
-- parameters: schema_version
insert into fence (commits, schema_version)
values (0, $schema_version);
