"""Bring a project's label rows from the API of the labelling tool, those that differ from what is there."""
