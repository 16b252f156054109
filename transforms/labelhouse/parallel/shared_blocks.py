"""Blocks of text that one process hands to others: slots of a file that all of them have mapped.

A pipe would move them in small pieces, and each piece would wait for the receiver's interpreter.
"""

import mmap
from pathlib import Path


class SharedBlocks:
    """A file of slots; the process that fills a slot sends its number and length to the other one."""

    def __init__(self, path: Path, slots: int, slot_bytes: int) -> None:
        self.slot_bytes = slot_bytes
        self._file = path.open("r+b" if path.exists() else "w+b")
        self._file.truncate(slots * slot_bytes)
        self._map = mmap.mmap(self._file.fileno(), slots * slot_bytes)

    def put(self, slot: int, text: bytes | memoryview) -> None:
        """Fill a slot."""
        start = slot * self.slot_bytes
        self._map[start : start + len(text)] = text

    def get(self, slot: int, length: int) -> bytes:
        """Return the text in a slot."""
        start = slot * self.slot_bytes
        return self._map[start : start + length]

    def close(self) -> None:
        """Close the file, which the owner of its folder removes."""
        self._map.close()
        self._file.close()
