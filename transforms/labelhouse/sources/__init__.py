"""Where bytes come from: find, open and unpack the files of a call."""
