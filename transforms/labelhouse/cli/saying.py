"""Print lines and JSON: everything that commands print, except the rows of a query, passes here."""

import json
import sys
from typing import BinaryIO

from labelhouse.printable import printable, printable_json


def say(line: str, *, error: bool = False) -> None:
    """Print one harmless line, on the standard output or on that for errors."""
    print(printable(line), file=sys.stderr if error else sys.stdout, flush=True)


def is_terminal(out: BinaryIO) -> bool:
    """Return whether a stream is the standard output and shown on a terminal."""
    return out is getattr(sys.stdout, "buffer", None) and sys.stdout.isatty()


def say_json(value: object, indent: int | None = None) -> None:
    """Print a value as JSON; times and paths are texts."""
    print(printable_json(json.dumps(value, default=str, indent=indent)), flush=True)


def say_lines(text: str, *, error: bool = False) -> None:
    """Print a text whose line feeds are part of it, each line as `say` does."""
    for line in text.removesuffix("\n").split("\n"):
        say(line, error=error)
