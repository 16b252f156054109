"""Where exports are read from."""
