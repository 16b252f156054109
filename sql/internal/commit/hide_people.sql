-- Say which people the commit leaves out of what it records of earlier versions: patterns of keys and of addresses.
-- parameters: patterns (keys with a value, with a nested one, with an object, with a list; names of fields;
--   addresses; files that look like addresses; null to keep people)
set variable people = $patterns::struct(
    keys varchar,
    nested varchar,
    objects varchar,
    lists varchar,
    fields varchar,
    addresses varchar,
    files varchar
);
