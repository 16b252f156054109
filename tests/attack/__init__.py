"""Attacks: what anyone may do to a warehouse, and what it holds against."""
