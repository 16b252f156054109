"""Measurements of Labelhouse, a folder for each question; README.md lists them."""
