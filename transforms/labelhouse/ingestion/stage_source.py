"""All steps from a source to staged files: members → reader → normalise → stage."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from labelhouse.errors import InputError
from labelhouse.ingestion.label_members import exports_of, hints_of, joint_digest, names_of, notes_on
from labelhouse.ingestion.results_list import ARRAY, read_results
from labelhouse.ingestion.row_ontology import ontology_digest, ontology_of
from labelhouse.label_rows import reader as label_rows
from labelhouse.label_rows.ontology import Ontology
from labelhouse.manifest import ParseTask, Staged
from labelhouse.parallel.decode_pool import CannotShareError, DecodePool, decoding
from labelhouse.parallel.work_sharing import shared_events
from labelhouse.readers import bulk_reader, ijson_reader
from labelhouse.readers.events import Event, Reader, RowEvent
from labelhouse.readers.export_detection import HEAD_BYTES, is_label_rows
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.containers import Member, open_members
from labelhouse.sources.source_file import DecodedBytes, HashedStream, is_large, opened, size_of
from labelhouse.staging.block_stager import BlockStager
from labelhouse.staging.data_units import (
    DataUnits,
    UnknownUnitsError,
    read_data_units,
    split_data_units,
)
from labelhouse.staging.document import Origin
from labelhouse.staging.document_stager import DocumentsElsewhere, DocumentStager
from labelhouse.staging.known_documents import KnownDocuments
from labelhouse.staging.parsed_bytes import LISTED_DOCUMENTS, ParsedBytes
from labelhouse.staging.staging_area import staging

READERS: Mapping[str, Reader] = {"bulk": bulk_reader.read, "ijson": ijson_reader.read}
"""Readers by their names for `--reader`."""


def stage_source(task: ParseTask, progress: Callable[[int], None] = lambda _: None) -> Staged:
    """Read a source to its end into Parquet files below `task.folder`.

    It holds one block, one document of up to SPILL_BYTES, and one row group per table. `progress` receives
    the number of bytes of the file that have been read. It shares a large file with `task.decoders` more
    processes if it can. Raises InputError if the source has to be rejected; then no file is left.
    """
    if (
        task.decoders
        and not task.is_results
        and task.reader == "bulk"
        and is_large(task.path, task.share_bytes, listed_bytes=task.listed_bytes)
    ):
        try:
            with decoding(task) as pool:
                return stage_with(task, pool, progress)
        except (CannotShareError, InputError):
            # One process alone reports what is wrong in the order of the text.
            progress(0)
    try:
        return stage_with(task, None, progress)
    except UnknownUnitsError:
        # The text has shown too late which data units it has.
        units = _data_units(task)
        progress(0)
        return stage_with(task, None, progress, units)


def _data_units(task: ParseTask) -> list[DataUnits]:
    """Read each member of a source for its data units alone."""
    with (
        opened(task.path, Path(task.folder)) as file,
        open_members(file, max_members=task.limits.members) as json_members,
    ):
        file_bytes = size_of(file)
        decoded = DecodedBytes(file_bytes, task.limits)
        members = exports_of(json_members, file_bytes, task.limits)
        streams = (HashedStream(member.stream, decoded) for member in members)
        return [
            DataUnits.none()
            if is_label_rows(stream.head(HEAD_BYTES))
            else read_data_units(_read(task, stream))
            for stream in streams
        ]


def stage_with(
    task: ParseTask,
    pool: DecodePool | None,
    progress: Callable[[int], None] = lambda _: None,
    units: Sequence[DataUnits] = (),
) -> Staged:
    """Read a source with the help of decoding processes, or without.

    `units` are the data units of each member, if they have been read before.
    Raises InputError as stage_source does, and CannotShareError if the text cannot be shared.
    """
    with (
        # Outermost, so that an error while closing the others still removes the staged files.
        staging(Path(task.folder), task.ingest_id) as area,
        opened(task.path, Path(task.folder)) as file,
        open_members(file, max_members=task.limits.members) as json_members,
    ):
        file_bytes = size_of(file)
        members = json_members if task.is_results else exports_of(json_members, file_bytes, task.limits)
        names = names_of(task, members)
        ontology = None if task.is_results else ontology_of(task, members)
        documents = DocumentStager(
            area,
            BlockStager(area, task.ingest_id, task.max_bad, task.limits),
            task.ingest_number,
            KnownDocuments(task.known),
            parts=pool.parts if pool else lambda: (),
            keeps_list=task.parsed is not None,
        )
        decoded = DecodedBytes(file_bytes, task.limits)
        hashes = []
        for index, (member, name) in enumerate(zip(members, names, strict=True)):
            stream = HashedStream(member.stream, decoded)
            known = units[index] if units else None
            for _ in _staged(task, documents, member, name, stream, pool, known, ontology):
                progress(file.tell())
            hashes.append(stream.hexdigest())
        hashes += ontology_digest(ontology)
        if pool:
            files, category_sets = pool.finish()
            documents.accept(pool.ended(), category_sets)
            area.adopt(files, drop=False)
            if documents.has_collisions() or documents.is_unsplit:
                raise CannotShareError
        if not documents.count:
            raise InputError(
                ReasonCode.EMPTY_INPUT, "the list holds no documents", remedy="export it again"
            )
        rows = documents.finish()
        sha256 = joint_digest(hashes)
        files = area.finish()
        staged = [staged for staged in files if staged.table != LISTED_DOCUMENTS]
    if task.parsed is not None:
        parsed = ParsedBytes(task, names, hints_of(members) + ontology_digest(ontology))
        for listed in files:
            if listed.table == LISTED_DOCUMENTS:
                parsed.save(sha256, listed, is_named=documents.is_named)
    return Staged(sha256, decoded.count, dict(rows), staged, notes_on(members))


def _staged(
    task: ParseTask,
    documents: DocumentStager,
    member: Member,
    name: str,
    stream: HashedStream,
    pool: DecodePool | None,
    units: DataUnits | None,
    ontology: Ontology | None,
) -> Iterator[None]:
    """Stage one member, whose documents are identified by a name; yields after each event."""
    origin = Origin(task.project, task.source, name, member.name, task.ingest_id)
    try:
        for event in _events(task, stream, documents, pool, origin, units, ontology):
            documents.take(event, origin)
            if pool and (ended := pool.ended()):
                documents.accept(ended, {})
            yield
    except InputError as error:
        error.member = error.member or member.name
        if task.is_results and error.pointer:
            # The list is all that the file has.
            error.pointer = error.pointer.removeprefix(ARRAY)
        raise


def _events(
    task: ParseTask,
    stream: HashedStream,
    documents: DocumentStager,
    pool: DecodePool | None,
    origin: Origin,
    units: DataUnits | None,
    ontology: Ontology | None,
) -> Iterator[RowEvent | DocumentsElsewhere]:
    if not task.is_results and is_label_rows(stream.head(HEAD_BYTES)):
        if pool is not None:
            raise CannotShareError
        return label_rows.read(
            cast("BinaryIO", stream),
            block_bytes=task.block_bytes,
            limits=task.limits,
            ontology=ontology,
            folder=Path(task.folder),
        )
    if task.is_results:
        return read_results(
            READERS[task.reader],
            cast("BinaryIO", stream),
            block_bytes=task.block_bytes,
            limits=task.limits,
        )
    if pool is None:
        return split_data_units(_read(task, stream), units)
    return shared_events(
        cast("BinaryIO", stream),
        pool,
        origin,
        lambda: (documents.next_key, documents.count),
        block_bytes=task.block_bytes,
        limits=task.limits,
    )


def _read(task: ParseTask, stream: HashedStream) -> Iterator[Event]:
    read = READERS[task.reader]
    return read(cast("BinaryIO", stream), block_bytes=task.block_bytes, limits=task.limits)
