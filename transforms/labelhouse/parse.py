"""The whole way of a source into staged files: members → reader → normalise → stage."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from labelhouse import bulk_reader, ijson_reader
from labelhouse.codes import Code
from labelhouse.containers import Member, open_members
from labelhouse.documents import Origin
from labelhouse.errors import InputError
from labelhouse.known_documents import KnownDocuments
from labelhouse.limits import Limits
from labelhouse.parquet import StagedFile
from labelhouse.reader import BLOCK_BYTES, DEFAULT_LIMITS, DEFAULT_READER, Reader
from labelhouse.source_file import DecodedBytes, HashedStream, opened
from labelhouse.stage import staging
from labelhouse.staged_documents import MAX_BAD_SHARE, StagedDocuments
from labelhouse.urls import without_secrets

READERS: Mapping[str, Reader] = {"bulk": bulk_reader.read, "ijson": ijson_reader.read}
"""Readers by their names for `--reader`."""


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
    reader: str = DEFAULT_READER
    block_bytes: int = BLOCK_BYTES
    limits: Limits = DEFAULT_LIMITS
    known: str | None = None


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
        # Outermost, so that what closing the others finds still throws the staged files away.
        staging(Path(task.folder), task.ingest_id) as stage,
        opened(task.path) as file,
        open_members(file, max_members=task.limits.members) as members,
    ):
        documents = StagedDocuments(
            stage,
            task.ingest_id,
            task.ingest_number,
            task.max_bad,
            task.limits,
            KnownDocuments(task.known),
        )
        decoded = DecodedBytes(os.fstat(file.fileno()).st_size, task.limits)
        hashes = []
        for member in members:
            stream = HashedStream(member.stream, decoded)
            for _ in _staged(task, documents, member, stream, several=members.count > 1):
                progress(file.tell())
            hashes.append(stream.digest.hexdigest())
        if not documents.count:
            raise InputError(Code.EMPTY_INPUT, "the list holds no documents", remedy="export it again")
        notes = [f"passed over {without_secrets(name)}" for name in members.passed_over]
        return Staged(_joint(hashes), decoded.count, dict(documents.rows), stage.finish(), notes)


def _staged(
    task: ParseTask, documents: StagedDocuments, member: Member, stream: HashedStream, *, several: bool
) -> Iterator[None]:
    """Stage one member; yields after each event."""
    name = f"{task.name}/{member.name}" if several else task.name
    origin = Origin(task.project, task.source, name, member.name, task.ingest_id)
    read = READERS[task.reader]
    try:
        for event in read(cast("BinaryIO", stream), block_bytes=task.block_bytes, limits=task.limits):
            documents.take(event, origin)
            yield
    except InputError as error:
        error.member = error.member or member.name
        raise


def _joint(hashes: list[str]) -> str:
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
