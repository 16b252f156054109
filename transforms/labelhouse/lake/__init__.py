"""What lies in a warehouse folder, and how DuckDB attaches it."""
