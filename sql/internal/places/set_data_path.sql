-- Let the catalog say that its files lie elsewhere; for PostgreSQL.
-- parameters: data_path
update public.ducklake_metadata
set value = $data_path
where key = 'data_path' and scope is null;
