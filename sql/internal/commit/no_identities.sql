-- Identities that do not follow from the labels' own rows, where there are none.
-- grain: label
-- columns: those of history_identities
create or replace temp table history_identities (
    document_key bigint, position bigint, label_id varchar, is_new boolean
);
