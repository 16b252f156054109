"""Pure functions from a reader's blocks to the Arrow batches of the tables."""
