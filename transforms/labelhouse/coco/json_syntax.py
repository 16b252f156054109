"""What JSON allows between values, and how long a number of an honest export may be."""

import re

WHITE_SPACE = b" \t\r\n"
"""RFC 8259, section 2."""

MAX_DIGITS = 4_000
"""Python refuses integers of more than 4,300 digits: the time to convert them is quadratic."""

ENDLESS_NUMBER = re.compile(rb"[0-9]{%d}" % MAX_DIGITS)
"""The digits of a number that no honest export has."""
