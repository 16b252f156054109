"""What JSON allows between values, and how long a number of an honest export may be."""

WHITE_SPACE = b" \t\r\n"
"""RFC 8259, section 2."""

MAX_DIGITS = 4_000
"""Python refuses integers of more than 4,300 digits: the time to convert them is quadratic."""
