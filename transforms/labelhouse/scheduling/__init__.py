"""Nightly runs: their configuration, their record and their end."""
