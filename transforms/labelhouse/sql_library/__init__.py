"""The SQL files below sql/: statements, their headers and their parameters."""
