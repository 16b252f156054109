"""Remember which versions of documents a project holds, at eight bytes each."""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from pathlib import Path


class KnownDocuments:
    """Recognise documents that the warehouse held, by id and fingerprint."""

    def __init__(self, path: str | None) -> None:
        self._digests = array("Q", Path(path).read_bytes() if path else b"")

    def holds(self, document_id: str, fingerprint: str) -> bool:
        """Return whether the document is known; the commit checks the whole fingerprint again."""
        digest = _digest(document_id, fingerprint)
        place = bisect_left(self._digests, digest)
        return place < len(self._digests) and self._digests[place] == digest

    def hold(self, documents: Sequence[tuple[str, str]]) -> list[bool]:
        """Return which documents are known, by their ids and fingerprints."""
        if not self._digests:
            return [False] * len(documents)
        return [self.holds(*document) for document in documents]


def save_known(path: Path, documents: Iterable[tuple[str, str]]) -> int:
    """Write ids and fingerprints of documents for KnownDocuments to load; return their count."""
    digests = array("Q", sorted(_digest(*document) for document in documents))
    path.write_bytes(digests.tobytes())
    return len(digests)


def _digest(document_id: str, fingerprint: str) -> int:
    text = f"{fingerprint}{document_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")
