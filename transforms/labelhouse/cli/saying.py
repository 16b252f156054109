"""Print lines and JSON: everything that commands print, except the rows of a query, passes here."""

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from labelhouse.printable import printable, printable_json


def say(line: str, *, error: bool = False) -> None:
    """Print one harmless line, on the standard output or on that for errors.

    On a terminal a line that is too long is broken at spaces.
    """
    stream = sys.stderr if error else sys.stdout
    for part in fitting_terminal(printable(line), stream):
        print(part, file=stream)
    stream.flush()


def fitting_terminal(line: str, stream: TextIO) -> list[str]:
    """Return a line as the lines that fit the terminal behind a stream; unchanged where there is none."""
    if not stream.isatty():
        return [line]
    from labelhouse.cli.layout import folded, terminal_width

    return folded(line, terminal_width())


def is_terminal(out: BinaryIO) -> bool:
    """Return whether a stream is the standard output and shown on a terminal."""
    return out is getattr(sys.stdout, "buffer", None) and sys.stdout.isatty()


def shown_path(path: str) -> str:
    """Return a path as a person writes it here: below the current folder, without that folder."""
    with suppress(ValueError, OSError):
        return str(Path(path).relative_to(Path.cwd()))
    return path


def say_json(value: object, indent: int | None = None) -> None:
    """Print a value as JSON; times and paths are texts."""
    print(printable_json(json.dumps(value, default=str, indent=indent)), flush=True)


def say_lines(text: str, *, error: bool = False) -> None:
    """Print a text whose line feeds are part of it, each line as `say` does."""
    for line in text.removesuffix("\n").split("\n"):
        say(line, error=error)
