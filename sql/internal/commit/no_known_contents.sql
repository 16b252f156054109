-- Table for documents of a commit that are new by name only.
-- grain: document
-- columns: new_key (key of the document), old_project, old_id (project and id of the one that has its content)
create or replace temp table known_contents (
    new_key bigint,
    old_project varchar,
    old_id varchar
);
