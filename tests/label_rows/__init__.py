"""Tests of the room label_rows."""
