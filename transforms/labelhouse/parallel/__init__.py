"""One text shared among decoding processes."""
