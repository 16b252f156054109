"""Open a warehouse: for changes under its lock, or one state of it for reading."""
