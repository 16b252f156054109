"""Aggregates that dashboards read, brought up to date by what changed."""
