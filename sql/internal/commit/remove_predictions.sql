-- Remove the rows of superseded prediction sets from one table.
-- identifiers: table
delete from {table}
where set_key in (select set_key from temp.main.superseded_predictions);
