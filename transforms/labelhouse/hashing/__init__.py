"""Hashes of rows, of contents and of documents."""
