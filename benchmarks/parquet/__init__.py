"""Find how tables are stored best: encodings, row groups, order, file size."""
