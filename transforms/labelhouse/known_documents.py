"""Remember which versions of documents a project holds, at eight bytes each."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt


class KnownDocuments:
    """Tell whether a document, by its id and fingerprint, is one that the warehouse held."""

    def __init__(self, path: str | None) -> None:
        empty = np.zeros(0, np.uint64)
        self._digests: npt.NDArray[np.uint64] = np.load(path) if path else empty

    def holds(self, document_id: str, fingerprint: str) -> bool:
        """Tell whether the document is known; the commit looks again at the whole fingerprint."""
        digest = _digest(document_id, fingerprint)
        place = int(np.searchsorted(self._digests, digest))
        # Not a bool of numpy: decoding processes answer in JSON.
        return place < len(self._digests) and bool(self._digests[place] == digest)


def save_known(path: Path, documents: Iterable[tuple[str, str]]) -> int:
    """Write ids and fingerprints of documents for KnownDocuments to load; return how many they are."""
    digests = np.fromiter((_digest(*document) for document in documents), np.uint64)
    digests.sort()
    with path.open("wb") as file:
        np.save(file, digests)
    return len(digests)


def _digest(document_id: str, fingerprint: str) -> np.uint64:
    text = f"{fingerprint}{document_id}".encode("utf-8", "surrogatepass")
    return np.uint64(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little"))
