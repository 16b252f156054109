-- Object hashes that a relation names: the text itself, or the texts in its list or object.
-- parameters: value (of the relation, as in attributes), value_type
-- returns: a list of texts; empty for null
create or replace macro relation_targets(value, value_type) as
    case
        when value is null or value_type = 'null' then []::varchar[]
        when value_type <> 'json' then [value]
        else list_filter(flatten(list_transform(
            if(value like '[%', json_extract_string(value, '$[*]'), [value]),
            lambda part: if(part like '{%', json_extract_string(part, '$.*'), [part]))),
            lambda text: text is not null)
    end;
