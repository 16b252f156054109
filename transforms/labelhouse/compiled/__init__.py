"""The compiled reader of labels, where it is installed: its library, and its columns in Arrow."""
