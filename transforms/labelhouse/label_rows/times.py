"""Read the times of label rows."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC = re.compile(r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC)")


def time_of(text: str) -> datetime | None:
    """Return the time that a text says, in UTC; None if it says none. A time without a zone is UTC.

    >>> time_of("Fri, 01 Dec 2023 11:03:24 GMT") == time_of("2023-12-01 11:03:24+00:00")
    True
    >>> time_of("2023-03-21T10:25:48.821571").microsecond, time_of("yesterday")
    (821571, None)
    """
    try:
        if match := _RFC.fullmatch(text):
            day, month, year, *clock = match.groups()
            hour, minute, second = map(int, clock)
            number = _MONTHS.index(month) + 1
            return datetime(int(year), number, int(day), hour, minute, second, tzinfo=UTC)
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class Time(NamedTuple):
    """A time in microseconds since 1970, and whether its text is as the platform writes those of labels."""

    microseconds: int
    is_usual: bool


@lru_cache(maxsize=1 << 14)
def read_time(text: str) -> Time | None:
    """Read a time, as `time_of` does."""
    time = time_of(text)
    if time is None:
        return None
    return Time((time - EPOCH) // timedelta(microseconds=1), text == usual_text(time))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def usual_text(time: datetime) -> str:
    """Return a time as the platform writes those of labels.

    >>> usual_text(time_of("2023-12-01 11:03:24"))
    'Fri, 01 Dec 2023 11:03:24 GMT'
    """
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return (
        f"{days[time.weekday()]}, {time.day:02} {_MONTHS[time.month - 1]} {time.year:04} "
        f"{time.hour:02}:{time.minute:02}:{time.second:02} GMT"
    )
