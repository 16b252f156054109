"""All steps from a source to staged files: members → reader → normalise → stage."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from labelhouse.errors import InputError
from labelhouse.manifest import ParseTask, Staged
from labelhouse.parallel.decode_pool import AloneError, Decoders, decoding
from labelhouse.parallel.work_sharing import Delegation
from labelhouse.readers import bulk_reader, ijson_reader
from labelhouse.readers.events import Event, Reader
from labelhouse.reason_codes import Code
from labelhouse.sources.containers import Member, open_members
from labelhouse.sources.source_file import DecodedBytes, HashedStream, is_large, opened
from labelhouse.staging.block_stager import BlockRows
from labelhouse.staging.document import Origin
from labelhouse.staging.document_stager import StagedDocuments
from labelhouse.staging.known_documents import KnownDocuments
from labelhouse.staging.staging_area import staging

_SHOWN_NAMES = 3

READERS: Mapping[str, Reader] = {"bulk": bulk_reader.read, "ijson": ijson_reader.read}
"""Readers by their names for `--reader`."""


def stage_source(task: ParseTask, progress: Callable[[int], None] = lambda _: None) -> Staged:
    """Read a source to its end into Parquet files below `task.folder`.

    It holds one block, one document of up to SPILL_BYTES, and one row group per table. `progress` receives
    the number of bytes of the file that have been read. It shares a large file with `task.decoders` more
    processes if it can. Raises InputError if the source has to be rejected; then no file is left.
    """
    if task.decoders and task.reader == "bulk" and is_large(task.path, task.share_bytes):
        try:
            with decoding(task) as decoders:
                return stage_with(task, decoders, progress)
        except (AloneError, InputError):
            # One process alone reports what is wrong in the order of the text.
            progress(0)
    return stage_with(task, None, progress)


def stage_with(
    task: ParseTask, decoders: Decoders | None, progress: Callable[[int], None] = lambda _: None
) -> Staged:
    """Read a source with the help of decoding processes, or without.

    Raises InputError as stage_source does, and AloneError if the text cannot be shared.
    """
    with (
        # Outermost, so that an error while closing the others still removes the staged files.
        staging(Path(task.folder), task.ingest_id) as stage,
        opened(task.path) as file,
        open_members(file, max_members=task.limits.members) as members,
    ):
        documents = StagedDocuments(
            stage,
            BlockRows(stage, task.ingest_id, task.max_bad, task.limits),
            task.ingest_number,
            KnownDocuments(task.known),
            parts=decoders.parts if decoders else lambda: (),
        )
        decoded = DecodedBytes(os.fstat(file.fileno()).st_size, task.limits)
        hashes = []
        for member in members:
            stream = HashedStream(member.stream, decoded)
            for _ in _staged(task, documents, member, stream, decoders, several=members.count > 1):
                progress(file.tell())
            hashes.append(stream.hexdigest())
        if decoders:
            files, category_sets = decoders.finish()
            documents.accept(decoders.ended(), category_sets)
            stage.adopt(files, drop=False)
            if documents.has_collisions():
                raise AloneError
        if not documents.count:
            raise InputError(Code.EMPTY_INPUT, "the list holds no documents", remedy="export it again")
        rows = documents.finish()
        notes = [_passed_over(members.passed_over)] if members.passed_over else []
        return Staged(_joint(hashes), decoded.count, dict(rows), stage.finish(), notes)


def _passed_over(names: Sequence[str]) -> str:
    """Return one line on members that are not JSON, such as the images of a data set."""
    shown = ", ".join(names[:_SHOWN_NAMES])
    more = len(names) - _SHOWN_NAMES
    return f"passed over {shown}{f' and {more:,} more members' if more > 0 else ''}"


def _staged(
    task: ParseTask,
    documents: StagedDocuments,
    member: Member,
    stream: HashedStream,
    decoders: Decoders | None,
    *,
    several: bool,
) -> Iterator[None]:
    """Stage one member; yields after each event."""
    name = f"{task.name}/{member.name}" if several else task.name
    origin = Origin(task.project, task.source, name, member.name, task.ingest_id)
    try:
        for event in _events(task, cast("BinaryIO", stream), documents, decoders, origin):
            documents.take(event, origin)
            if decoders and (ended := decoders.ended()):
                documents.accept(ended, {})
            yield
    except InputError as error:
        error.member = error.member or member.name
        raise


def _events(
    task: ParseTask,
    stream: BinaryIO,
    documents: StagedDocuments,
    decoders: Decoders | None,
    origin: Origin,
) -> Iterator[Event]:
    if decoders is None:
        return READERS[task.reader](stream, block_bytes=task.block_bytes, limits=task.limits)
    bulk = bulk_reader.BulkBlocks(task.limits, task.block_bytes)
    shared = Delegation(bulk, decoders, origin, lambda: (documents.next_key, documents.count))
    return bulk_reader.events_of(stream, bulk, shared, block_bytes=task.block_bytes, limits=task.limits)


def _joint(hashes: list[str]) -> str:
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
