-- Say which people the commit leaves out of what it records of earlier versions: patterns of keys and of addresses.
-- parameters: patterns (keys, addresses, files that look like addresses; null to hide nobody)
set variable people = $patterns::struct(keys varchar, fields varchar, addresses varchar, files varchar);
