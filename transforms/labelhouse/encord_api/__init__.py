"""Encord's API, read-only: list the label rows of a project and fetch them, whatever fails on the way."""
