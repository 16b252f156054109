"""Time the checks."""
