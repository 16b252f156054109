"""The commands that keep a warehouse sound."""
