-- Whether the warehouse holds label rows: without them the tables about people and answers are empty.
-- grain: the warehouse
-- columns: has_label_rows
select exists (from lake.main.label_rows) as has_label_rows;
