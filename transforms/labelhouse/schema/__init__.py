"""The tables of a warehouse and their columns: the only home of a column."""
