"""The fingerprint of a document's content; it is the same for all blocks and processes that read it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class SumColumns:
    """The sums of many sets of rows, as columns."""

    counts: npt.NDArray[np.int64]
    first: Hashes
    second: Hashes

    @classmethod
    def zeros(cls, count: int) -> "SumColumns":
        """Return the sums of `count` sets without rows."""
        return cls(np.zeros(count, np.int64), np.zeros(count, np.uint64), np.zeros(count, np.uint64))

    def of(self, index: int) -> Sums:
        """Return the sums of one set."""
        return int(self.counts[index]), int(self.first[index]), int(self.second[index])

    def listed(self) -> list[Sums]:
        """Return the sums of each set."""
        return list(zip(self.counts.tolist(), self.first.tolist(), self.second.tolist(), strict=True))

    def add(self, indices: npt.NDArray[np.int64], sums: "SumColumns") -> None:
        """Add rows to the sets at `indices`."""
        np.add.at(self.counts, indices, sums.counts)
        np.add.at(self.first, indices, sums.first)
        np.add.at(self.second, indices, sums.second)


def sums_of_runs(hashes: Hashes, starts: npt.NDArray[np.int64]) -> SumColumns:
    """Return the sums of each run of rows; a run starts at each of `starts`, and none is empty."""
    counts = np.diff(starts, append=len(hashes))
    first = np.add.reduceat(hashes, starts)
    return SumColumns(counts, first, np.add.reduceat(mixed(hashes ^ _SALT), starts))


def fingerprints(sums: Mapping[str, SumColumns], texts: Sequence[Sequence[str | None]]) -> list[str]:
    """Return what `Fingerprint.hexdigest` returns of each of many documents.

    `sums` are by table, and each of `texts` has one of each document's own texts.
    """
    columns: list[list[str]] = [
        [f"{table}:{one}" if one[0] else "" for one in sums[table].listed()] for table in sorted(sums)
    ]
    columns += [list(map(repr, own)) for own in texts]
    contents = ["".join(row).encode("utf-8", "surrogatepass") for row in zip(*columns, strict=True)]
    return [hashlib.blake2b(content, digest_size=16).hexdigest() for content in contents]
