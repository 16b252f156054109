"""Label rows as they came: their parts from the tables, and the text of each row."""
