"""The fingerprint of a document's content; it is the same for all blocks and processes that read it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from labelhouse.hashing.row_hashes import Hashes, mixed

Sums: TypeAlias = tuple[int, int, int]
"""The count of a set of rows, and two sums of their hashes, modulo 2^64."""

_SALT = np.uint64(0xD6E8FEB86659FD93)
_MODULUS = 1 << 64


@dataclass(slots=True)
class Fingerprint:
    """Add up the hashes of a document's rows, table by table, in any order."""

    _sums: dict[str, Sums] = field(default_factory=dict)

    def add(self, table: str, sums: Sums) -> None:
        """Add rows of a table."""
        count, first, second = self._sums.get(table, (0, 0, 0))
        self._sums[table] = (
            count + sums[0],
            (first + sums[1]) % _MODULUS,
            (second + sums[2]) % _MODULUS,
        )

    def sums(self) -> dict[str, Sums]:
        """Return what has been added so far, by table."""
        return dict(self._sums)

    def hexdigest(self, texts: Iterable[str | None]) -> str:
        """Return the digest of all rows and of the document's own texts."""
        total = hashlib.blake2b(digest_size=16)
        for table, sums in sorted(self._sums.items()):
            if sums[0]:
                total.update(f"{table}:{sums}".encode())
        for text in texts:
            total.update(repr(text).encode("utf-8", "surrogatepass"))
        return total.hexdigest()


def sums_of_runs(hashes: Hashes, starts: npt.NDArray[np.int64]) -> list[Sums]:
    """Return the sums of each run of rows; a run starts at each of `starts`, and none is empty."""
    counts = np.diff(starts, append=len(hashes))
    first = np.add.reduceat(hashes, starts)
    second = np.add.reduceat(mixed(hashes ^ _SALT), starts)
    return list(zip(counts.tolist(), first.tolist(), second.tolist(), strict=True))
