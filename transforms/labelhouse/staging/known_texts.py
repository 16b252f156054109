"""Remember what the texts of documents mean, so that a document whose text is known is not decoded again.

A parsed source leaves a file in the warehouse's folder parsed/, in a folder of its project: for the text of
each document its digest, and the fingerprint and id that parsing gave it. The next load of the project uses
the files that are newest. All of it may be removed at any time: the documents are then decoded.
"""

import hashlib
import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa

from labelhouse.manifest import ParseTask
from labelhouse.readers.events import KnownText, Recogniser
from labelhouse.staging.known_documents import KnownDocuments
from labelhouse.staging.known_sources import short_digest, texts_folder
from labelhouse.staging.parsed_bytes import build

LEAST_BYTES = 1 << 17
"""A smaller source leaves no file: it is parsed as fast as the file is read."""
KEPT_FILES = 8
"""Files that are kept for a project, and that a load reads."""
MOST_DOCUMENTS = 1_000_000
_UNSEEN_DOCUMENTS = 32
_SUFFIX = ".arrow"
_SCHEMA = pa.schema(
    [
        ("first", pa.uint64()),
        ("second", pa.uint64()),
        ("fingerprint", pa.binary(16)),
        ("document_id", pa.large_string()),
        ("issues", pa.uint32()),
    ]
)


class NothingKnownError(Exception):
    """The first documents of a text are all new: several processes read it faster than one."""


class ReadTexts:
    """Collect what the texts of a source's documents mean, at some 70 bytes each."""

    def __init__(self) -> None:
        self._digests = bytearray()
        self._fingerprints = bytearray()
        self._issues = array("I")
        self._ids = bytearray()
        self._id_bytes = array("i")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._issues)

    def add(self, digests: Sequence[str], known_texts: Sequence[KnownText]) -> None:
        """Add documents, as many as there is room for."""
        room = MOST_DOCUMENTS - len(self)
        digests, known_texts = digests[:room], known_texts[:room]
        self._digests += bytes.fromhex("".join(digests))
        self._fingerprints += bytes.fromhex("".join([known.fingerprint for known in known_texts]))
        self._issues.extend([known.issues for known in known_texts])
        ids = [None if known.document_id is None else known.document_id.encode() for known in known_texts]
        self._id_bytes.extend([-1 if own_id is None else len(own_id) for own_id in ids])
        self._ids += b"".join(filter(None, ids))

    def table(self) -> pa.Table:
        """Return them, in the order of their digests."""
        digests = np.frombuffer(bytes(self._digests), ">u8").reshape(-1, 2).astype(np.uint64)
        fingerprints = pa.Array.from_buffers(
            pa.binary(16), len(self), [None, pa.py_buffer(bytes(self._fingerprints))]
        )
        columns = [digests[:, 0], digests[:, 1], fingerprints, pa.array(self._own_ids(), pa.large_string())]
        table = pa.table([*columns, pa.array(self._issues, pa.uint32())], schema=_SCHEMA)
        return table.take(pa.array(np.argsort(digests[:, 0], kind="stable")))

    def _own_ids(self) -> Iterator[str | None]:
        at = 0
        for length in self._id_bytes:
            yield None if length < 0 else self._ids[at : at + length].decode()
            at += max(0, length)


class KnownTexts:
    """The texts of a project that the last loads read, with the options of a task."""

    def __init__(self, task: ParseTask) -> None:
        assert task.parsed is not None
        self._folder = texts_folder(Path(task.parsed), task.project)
        self._prefix = short_digest(f"{task.reader_kind} {task.limits} {task.people.mark} {build()}")
        self._name = f"{self._prefix}-{short_digest(task.source)}"
        self._tables: list[tuple[np.ndarray, pa.Table]] = []

    def load(self) -> bool:
        """Read the newest files; return whether there are any."""
        with suppress(OSError):
            paths = self._newest(self._folder.glob(f"{self._prefix}-*{_SUFFIX}"))
            for path in paths[:KEPT_FILES]:
                content = path.read_bytes()
                if hashlib.sha256(content).hexdigest()[:32] == path.stem.split("-")[2]:
                    table = pa.ipc.open_file(pa.py_buffer(content)).read_all().combine_chunks()
                    self._tables.append((table["first"].to_numpy(), table))
        return bool(self._tables)

    def recogniser(self, known: KnownDocuments, name: str, *, may_share: bool) -> Recogniser:
        """Return a recogniser of documents that the warehouse held; `name` is that of their member.

        If other processes `may_share` the text, it raises NothingKnownError when no document is known.
        """
        unseen = 0

        def recognise(first: int, digests: Sequence[str]) -> Sequence[KnownText | None]:
            nonlocal unseen
            known_texts = self._find(digests)
            texts = [
                text
                if text is not None
                and known.holds(text.document_id or f"{name}#{first + index + 1}", text.fingerprint)
                else None
                for index, text in enumerate(known_texts)
            ]
            unseen = unseen + len(texts) if not any(texts) else -MOST_DOCUMENTS
            if may_share and unseen >= _UNSEEN_DOCUMENTS:
                raise NothingKnownError
            return texts

        return recognise

    def save(self, texts: ReadTexts, decoded_bytes: int) -> None:
        """Remember the texts of a source instead of those that it had; a failure costs only time."""
        if not len(texts) or decoded_bytes < LEAST_BYTES:
            return
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, _SCHEMA) as writer:
            writer.write_table(texts.table())
        content = sink.getvalue()
        digest = hashlib.sha256(content).hexdigest()[:32]
        path = self._folder / f"{self._name}-{digest}{_SUFFIX}"
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            partial = self._folder / f"{os.getpid()}.partial"
            partial.write_bytes(content)
            older = [other for other in self._folder.glob(f"{self._name}-*{_SUFFIX}") if other != path]
            os.replace(partial, path)
            for old in [*older, *self._newest(self._folder.glob(f"*{_SUFFIX}"))[KEPT_FILES:]]:
                old.unlink(missing_ok=True)

    def _find(self, digests: Sequence[str]) -> list[KnownText | None]:
        known_texts: list[KnownText | None] = [None] * len(digests)
        if not self._tables:
            return known_texts
        wanted = np.frombuffer(bytes.fromhex("".join(digests)), ">u8").reshape(-1, 2).astype(np.uint64)
        for first, table in self._tables:
            places = np.minimum(np.searchsorted(first, wanted[:, 0]), len(first) - 1)
            rows = table.take(pa.array(places)).combine_chunks()
            same = (rows["first"].to_numpy() == wanted[:, 0]) & (rows["second"].to_numpy() == wanted[:, 1])
            columns = (rows[name].to_pylist() for name in ("fingerprint", "document_id", "issues"))
            for index, (is_same, fingerprint, own_id, issues) in enumerate(
                zip(same.tolist(), *columns, strict=True)
            ):
                if is_same and known_texts[index] is None:
                    known_texts[index] = KnownText(fingerprint.hex(), own_id, issues)
            if all(known_texts):
                break
        return known_texts

    @staticmethod
    def _newest(paths: Iterable[Path]) -> list[Path]:
        return sorted(paths, key=lambda path: path.stat().st_mtime_ns, reverse=True)
