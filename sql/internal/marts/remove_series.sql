-- Remove the rows of some ingests from a mart that grows with every ingest; the refresh counts them again.
-- identifiers: table
-- parameters: all_ingests (remove all rows)
delete from {table}
where
    $all_ingests
    or ingest_number in (select new_ingests.ingest_number from temp.main.new_ingests as new_ingests);
