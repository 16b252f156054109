"""All steps from a source to staged files: members → reader → normalise → stage."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from labelhouse.errors import InputError
from labelhouse.ingestion.label_members import exports_of, hints_of, joint_digest, names_of, notes_on
from labelhouse.ingestion.results_list import ARRAY, read_results
from labelhouse.ingestion.row_ontology import ontology_digest, ontology_of
from labelhouse.ingestion.small_members import MOST_BYTES, SmallMembers
from labelhouse.manifest import NATIVE, ParseTask, Staged
from labelhouse.parallel.decode_pool import CannotShareError, DecodePool, decoding
from labelhouse.parallel.work_sharing import shared_events
from labelhouse.readers import bulk_reader, ijson_reader
from labelhouse.readers.ahead import read_ahead
from labelhouse.readers.events import Event, Reader, Recogniser, RowEvent
from labelhouse.readers.export_detection import HEAD_BYTES, is_label_rows
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.containers import open_members
from labelhouse.sources.source_file import DecodedBytes, HashedStream, is_large, opened, size_of
from labelhouse.staging.block_stager import BlockStager
from labelhouse.staging.data_units import (
    DataUnits,
    UnknownUnitsError,
    read_data_units,
    split_data_units,
)
from labelhouse.staging.document import Origin
from labelhouse.staging.document_stager import DocumentsElsewhere, DocumentStager, NotRecognisedError
from labelhouse.staging.known_documents import KnownDocuments
from labelhouse.staging.known_texts import KnownTexts, NothingKnownError
from labelhouse.staging.parsed_bytes import LISTED_DOCUMENTS, ParsedBytes
from labelhouse.staging.staging_area import staging

if TYPE_CHECKING:
    from labelhouse.label_rows.ontology import Ontology

READERS: Mapping[str, Reader] = {
    NATIVE: partial(bulk_reader.read, is_compiled=True),
    "bulk": bulk_reader.read,
    "ijson": ijson_reader.read,
}
"""Readers by their names for `--reader`."""


def stage_source(task: ParseTask, progress: Callable[[int], None] = lambda _: None) -> Staged:
    """Read a source to its end into Parquet files below `task.folder`.

    It holds one block, one document of up to SPILL_BYTES, and one row group per table. `progress` receives
    the number of bytes of the file that have been read. It shares a large file with `task.decoders` more
    processes if it can. Raises InputError if the source has to be rejected; then no file is left.
    """
    can_share = bool(
        task.decoders
        and not task.is_results
        and task.is_bulk
        and is_large(task.path, task.share_bytes, listed_bytes=task.listed_bytes)
    )
    texts = _known_texts(task)
    if texts is not None and texts.load():
        # Texts are recognised faster than other processes can take them.
        try:
            return _staged_alone(task, progress, texts, can_share=can_share)
        except (NothingKnownError, NotRecognisedError):
            progress(0)
            texts = _known_texts(task)
    if can_share:
        try:
            with decoding(task) as pool:
                return stage_with(task, pool, progress, texts=texts)
        except (CannotShareError, InputError):
            # One process alone reports what is wrong in the order of the text.
            progress(0)
            texts = _known_texts(task)
    return _staged_alone(task, progress, texts)


def _known_texts(task: ParseTask) -> KnownTexts | None:
    """Return the texts of a task, which have not been read yet; None if none is to be recognised."""
    is_on = task.parsed is not None and task.is_bulk and not task.is_results
    return KnownTexts(task) if is_on else None


def _staged_alone(
    task: ParseTask,
    progress: Callable[[int], None],
    texts: KnownTexts | None,
    *,
    can_share: bool = False,
) -> Staged:
    try:
        return stage_with(task, None, progress, texts=texts, can_share=can_share)
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
    *,
    texts: KnownTexts | None = None,
    can_share: bool = False,
) -> Staged:
    """Read a source with the help of decoding processes, or without.

    `units` are the data units of each member, if they have been read before. Documents whose texts are in
    `texts` are not decoded. Raises NotRecognisedError if one has to be decoded, and NothingKnownError if
    there are none in a text that `can_share` decoding processes.
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
        known = KnownDocuments(task.known)
        documents = DocumentStager(
            area,
            BlockStager(area, task.ingest_id, task.max_bad, task.limits, task.people),
            task.ingest_number,
            known,
            parts=pool.parts if pool else lambda: (),
            keeps_list=task.parsed is not None,
        )
        decoded = DecodedBytes(file_bytes, task.limits)
        hashes = []
        gathers = len(names) > 1 and not (pool or units or task.is_results) and task.is_bulk
        small = SmallMembers(task, documents, partial(_stage_alone, task, documents))
        for index, (member, name) in enumerate(zip(members, names, strict=True)):
            origin = Origin(task.project, task.source, name, member.name, task.ingest_id)
            stream = HashedStream(member.stream, decoded)
            if gathers:
                head = _head(stream, small, origin)
                if not is_label_rows(head) and small.take(head, origin):
                    hashes.append(stream.hexdigest())
                    progress(_place(file))
                    continue
                small.flush()
            its_units = units[index] if units else None
            recognise = texts.recogniser(known, name, may_share=can_share) if texts else None
            for _ in _staged(
                task,
                documents,
                origin,
                stream,
                pool=pool,
                units=its_units,
                recogniser=recognise,
                ontology=ontology,
            ):
                progress(_place(file))
            hashes.append(stream.hexdigest())
        small.flush()
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
        milestones = stream.milestones if len(hashes) == 1 else ()
        for listed in files:
            if listed.table == LISTED_DOCUMENTS:
                parsed.save(sha256, listed, is_named=documents.is_named, milestones=milestones)
    if texts is not None:
        texts.save(documents.texts, decoded.count)
    return Staged(sha256, decoded.count, dict(rows), staged, notes_on(members), task.people.mark)


def _place(file: BinaryIO) -> int:
    """Return how much of a file has been read, about; a thread that is reading is not waited for."""
    place: int = getattr(file, "raw", file).tell()
    return place


def _head(stream: HashedStream, small: SmallMembers, origin: Origin) -> bytes:
    """Return the start of a member, one byte more than a small one has."""
    try:
        return stream.head(MOST_BYTES + 1)
    except InputError as error:
        # What is wrong with the members before it comes first.
        small.flush()
        error.member = error.member or origin.member
        raise


def _stage_alone(task: ParseTask, documents: DocumentStager, stream: BinaryIO, origin: Origin) -> None:
    # It is not counted again.
    again = HashedStream(stream, DecodedBytes(0, replace(task.limits, ratio=1 << 40)))
    for _ in _staged(task, documents, origin, again):
        pass


def _staged(
    task: ParseTask,
    documents: DocumentStager,
    origin: Origin,
    stream: HashedStream,
    *,
    pool: DecodePool | None = None,
    units: DataUnits | None = None,
    recogniser: Recogniser | None = None,
    ontology: "Ontology | None" = None,
) -> Iterator[None]:
    """Stage one member; yields after each event."""
    try:
        for event in _events(task, stream, documents, pool, origin, units, recogniser, ontology):
            documents.take(event, origin)
            if pool and (ended := pool.ended()):
                documents.accept(ended, {})
            yield
    except InputError as error:
        error.member = error.member or origin.member
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
    recogniser: Recogniser | None,
    ontology: "Ontology | None",
) -> Iterator[RowEvent | DocumentsElsewhere]:
    if not task.is_results and is_label_rows(stream.head(HEAD_BYTES)):
        if pool is not None:
            raise CannotShareError
        # Imported here because most sources hold other forms of labels.
        from labelhouse.label_rows import reader as label_rows

        return label_rows.read(
            cast("BinaryIO", stream),
            block_bytes=task.block_bytes,
            limits=task.limits,
            ontology=ontology,
            folder=Path(task.folder),
        )
    if task.is_results:
        return read_results(
            _reader(task),
            cast("BinaryIO", stream),
            block_bytes=task.block_bytes,
            limits=task.limits,
        )
    if pool is None:
        events = split_data_units(_read(task, stream, recogniser), units)
        # Compiled code holds no lock of Python's: it reads while this thread stages.
        return read_ahead(events) if task.is_compiled else events
    return shared_events(
        cast("BinaryIO", stream),
        pool,
        origin,
        lambda: (documents.next_key, documents.count),
        block_bytes=task.block_bytes,
        limits=task.limits,
        digests=task.parsed is not None,
        is_compiled=task.is_compiled,
    )


def _read(task: ParseTask, stream: HashedStream, recogniser: Recogniser | None = None) -> Iterator[Event]:
    if recogniser is not None:
        return bulk_reader.read(
            cast("BinaryIO", stream),
            block_bytes=task.block_bytes,
            limits=task.limits,
            recogniser=recogniser,
            is_compiled=task.is_compiled,
        )
    read = _reader(task)
    return read(cast("BinaryIO", stream), block_bytes=task.block_bytes, limits=task.limits)


def _reader(task: ParseTask) -> Reader:
    # The compiled library takes no people out of labels.
    return READERS["bulk" if task.is_bulk and not task.is_compiled else task.reader]
