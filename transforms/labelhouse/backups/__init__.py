"""Copies of the catalog, and how a lost one is noticed."""
