"""Encord's label rows: their format, and the reader that turns them into the events of an export."""
