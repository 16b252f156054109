-- The split that a document belongs to, from the words in its name: train, valid or test.
-- parameters: document_id (a path or another name)
-- returns: train, valid or test; null for a name without such a word
create or replace macro split_name(document_id) as
    case
        when regexp_matches(document_id, '(^|[^a-zA-Z])(train|training|trainval)([^a-zA-Z]|$)', 'i') then 'train'
        when regexp_matches(document_id, '(^|[^a-zA-Z])(val|valid|validation|dev|minival)([^a-zA-Z]|$)', 'i') then 'valid'
        when regexp_matches(document_id, '(^|[^a-zA-Z])(test|testing)([^a-zA-Z]|$)', 'i') then 'test'
    end;
