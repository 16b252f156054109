"""Open a source of a contender: plain JSON, or the one JSON member of a zip."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def opened(source: Path) -> Iterator[IO[bytes]]:
    """Give the decoded bytes of a source."""
    if not zipfile.is_zipfile(source):
        with source.open("rb") as stream:
            yield stream
        return
    with zipfile.ZipFile(source) as archive:
        [member] = (name for name in archive.namelist() if name.endswith(".json"))
        with archive.open(member) as stream:
            yield stream
