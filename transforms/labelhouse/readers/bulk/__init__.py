"""The bulk reader's decoders: many records, and many documents, at a time."""
