"""Questions to a warehouse: SQL, named questions, checks, changes, status."""
