"""Defaults of options, for the verbs, the command line and the flows alike."""

from typing import Final

PROJECT: Final = "default"

FAILING_ROWS: Final = 5
"""Failing rows that a check keeps."""

KEEP_DAYS: Final[float] = 30
"""Maintenance keeps the states of this many days."""

GRACE_HOURS: Final[float] = 24
"""Maintenance keeps a file for this long after the last state released it."""

MIN_IOU: Final[float] = 0.5
"""Labels of two sides that overlap by less are not matched."""

GOOD_IOU: Final[float] = 0.8
"""A match of less overlap is loose."""

MIN_SCORE: Final[float] = 0.5
"""Predictions of a lower score are not matched; average precision counts all."""
