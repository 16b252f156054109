"""Measure marts, the published file, the report and exports."""
