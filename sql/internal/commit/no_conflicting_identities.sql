-- Table for the identities of new documents' labels that may conflict.
-- grain: claim
-- columns: claim (equal for labels of one image with one identity; rarely for others)
create or replace temp table conflicting_identities (claim ubigint);
