"""The whole way of a source into staged files: members → reader → normalise → stage."""

import hashlib
import io
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from labelhouse import ijson_reader
from labelhouse.codes import Code
from labelhouse.containers import Member, open_members
from labelhouse.documents import Document, Origin
from labelhouse.errors import InputError
from labelhouse.normalise.annotations import annotation_batches
from labelhouse.normalise.batches import Finding, Normalised
from labelhouse.normalise.categories import category_batches
from labelhouse.normalise.images import image_batches
from labelhouse.parquet import StagedFile
from labelhouse.reader import BLOCK_BYTES, Block, DocumentStart, Reader, Section
from labelhouse.schema import CATEGORIES, DOCUMENTS, ISSUES, QUARANTINE, Table
from labelhouse.stage import Stage, staging
from labelhouse.urls import without_secrets

MAX_BAD_SHARE = 0.01
MAX_BAD_RECORDS = 100
"""A source is rejected if a section has more bad records than both."""
HOPELESS_RECORDS = 10_000
"""From so many bad records on, a section is judged by what has been read of it."""

READERS: Mapping[str, Reader] = {"ijson": ijson_reader.read}


@dataclass(frozen=True, slots=True)
class ParseTask:
    """One source to stage: everything a parsing process needs, all of it plain values."""

    path: str
    source: str
    name: str
    project: str
    ingest_id: str
    ingest_number: int
    folder: str
    max_bad: float = MAX_BAD_SHARE
    reader: str = "ijson"
    block_bytes: int = BLOCK_BYTES


@dataclass(frozen=True, slots=True)
class Staged:
    """What a source became: Parquet files that are no data yet, and what is known of it."""

    sha256: str
    bytes: int
    rows: dict[str, int]
    files: list[StagedFile]
    notes: list[str] = field(default_factory=list)


def stage_source(task: ParseTask, progress: Callable[[int], None] = lambda _: None) -> Staged:
    """Read a source to its end into Parquet files below `task.folder`.

    Holds one block, one document of up to SPILL_BYTES, and one row group a table. `progress` is told
    how many bytes of the file have been read. Raises InputError if the source has to be rejected;
    then no file is left.
    """
    with (
        _opened(task.path) as file,
        open_members(file) as members,
        staging(Path(task.folder), task.ingest_id) as stage,
    ):
        source = _Source(task, stage)
        hashes = []
        total = 0
        for member in members:
            stream = _Hashed(member.stream)
            several = members.count > 1
            for _ in _with_place(source.read(member, cast("BinaryIO", stream), several), member):
                progress(file.tell())
            hashes.append(stream.digest.hexdigest())
            total += stream.bytes
        if not source.documents:
            raise InputError(Code.EMPTY_INPUT, "the list holds no documents", remedy="export it again")
        notes = [f"passed over {without_secrets(name)}" for name in members.passed_over]
        digest = hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
        return Staged(digest, total, dict(source.rows), stage.finish(), notes)


class _Source:
    """Stage the documents of one source."""

    def __init__(self, task: ParseTask, stage: Stage) -> None:
        self.documents = 0
        self.rows: Counter[str] = Counter()
        self._task = task
        self._stage = stage
        self._category_sets: set[str] = set()
        self._document_ids: Counter[str] = Counter()

    def read(self, member: Member, stream: BinaryIO, several: bool) -> Iterator[None]:
        """Stage one member; yields after each event so that the caller can tell its progress."""
        task = self._task
        name = f"{task.name}/{member.name}" if several else task.name
        origin = Origin(task.project, task.source, name, member.name, task.ingest_id)
        document: Document | None = None
        for event in READERS[task.reader](stream, block_bytes=task.block_bytes):
            if isinstance(event, DocumentStart):
                key = task.ingest_number << 32 | self.documents
                document = Document(key, self.documents, event, origin)
                self.documents += 1
            elif isinstance(event, Block):
                assert document is not None
                self._take(document, event)
            else:
                assert document is not None
                row = document.row(event, self._document_ids)
                self._check_bad(document)
                self._take_categories(document)
                self._hold(DOCUMENTS, row)
                self._note_collision(document, row)
                self._stage.keep()
            yield

    def _take(self, document: Document, block: Block) -> None:
        normalised = _normalised(block, document.key)
        document.met[block.section] += len(block.positions) + len(block.refused)
        for table, batch in normalised.tables.items():
            document.add(table, batch)
            if table is not CATEGORIES:
                self._hold(table, batch)
        self._hold(QUARANTINE, self._finding_rows(QUARANTINE, document, normalised.quarantine))
        self._hold(ISSUES, self._finding_rows(ISSUES, document, normalised.issues))
        for finding in normalised.quarantine:
            document.bad[finding.section] += 1
            document.reasons.setdefault(finding.section, finding)
        if document.bad[block.section] > HOPELESS_RECORDS:
            self._check_bad(document)

    def _take_categories(self, document: Document) -> None:
        # A set belongs to no document: it is stored once, whichever brought it first.
        categories = document.categories()
        if (
            categories.num_rows
            and (key := categories["category_set"][0].as_py()) not in self._category_sets
        ):
            self._category_sets.add(key)
            for batch in categories.to_batches():
                self._hold(CATEGORIES, batch)

    def _check_bad(self, document: Document) -> None:
        for section, bad in document.bad.items():
            met = document.met[section]
            if bad == met or (bad > MAX_BAD_RECORDS and bad > self._task.max_bad * met):
                first = document.reasons[section]
                raise InputError(
                    Code.LIMIT_BAD_RECORDS if bad < met else first.code,
                    f"{bad:,} of {met:,} {section.value} cannot be stored, the first for {first.message}",
                    pointer=document.pointer + first.pointer,
                    remedy="mend the export" if bad == met else "mend the export, or raise --max-bad",
                )

    def _note_collision(self, document: Document, row: pa.RecordBatch) -> None:
        if document.collided:
            self._hold(
                ISSUES,
                pa.RecordBatch.from_pylist(
                    [
                        {
                            "ingest_id": self._task.ingest_id,
                            "document_key": document.key,
                            "member": document.origin.member,
                            "pointer": document.pointer,
                            "code": Code.DUPLICATE_DOCUMENT.value,
                            "message": "the source has the document_id twice: a suffix tells them apart",
                        }
                    ],
                    schema=ISSUES.arrow,
                ),
            )

    def _finding_rows(
        self, table: Table, document: Document, findings: Sequence[Finding]
    ) -> pa.RecordBatch:
        rows = [
            {
                "ingest_id": self._task.ingest_id,
                "document_key": document.key,
                "member": document.origin.member,
                "section": finding.section.value,
                "position": finding.position,
                "pointer": document.pointer + finding.pointer,
                "code": finding.code.value,
                "message": finding.message,
                "raw": finding.raw,
            }
            for finding in findings
        ]
        names = table.arrow.names
        return pa.RecordBatch.from_pylist(
            [{name: row[name] for name in names} for row in rows], schema=table.arrow
        )

    def _hold(self, table: Table, batch: pa.RecordBatch) -> None:
        self.rows[table.name] += batch.num_rows
        self._stage.hold(table, batch)


def _normalised(block: Block, document_key: int) -> Normalised:
    if block.section is Section.ANNOTATIONS:
        return annotation_batches(block, document_key)
    if block.section is Section.IMAGES:
        return image_batches(block, document_key)
    return category_batches(block)


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    """Open the source; raise InputError if it cannot be read or changes while it is read."""
    try:
        with open(path, "rb") as file:
            before = os.fstat(file.fileno())
            yield file
            after = Path(path).stat()
    except FileNotFoundError:
        raise InputError(Code.SOURCE_NOT_FOUND, "no such file", remedy="check the path") from None
    except OSError as error:
        raise InputError(
            Code.SOURCE_UNREADABLE,
            f"cannot be read ({error.strerror or 'I/O error'})",
            remedy="check the file and its permissions",
        ) from None
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (
        after.st_size,
        after.st_mtime_ns,
        after.st_ino,
    ):
        raise InputError(
            Code.SOURCE_CHANGED,
            "the file changed while it was read",
            remedy="load it when its export is complete",
        )


def _with_place(steps: Iterator[None], member: Member) -> Iterator[None]:
    try:
        yield from steps
    except InputError as error:
        error.member = error.member or member.name
        raise


class _Hashed(io.BufferedIOBase):
    """Hash and count what is read."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self.digest = hashlib.sha256()
        self.bytes = 0
        self._stream = stream

    def read(self, size: int | None = -1) -> bytes:
        piece = self._stream.read(-1 if size is None else size)
        self.digest.update(piece)
        self.bytes += len(piece)
        return piece
