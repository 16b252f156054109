"""Recognise the bytes of a source that have been parsed before, from their hash alone."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path

from labelhouse.errors import InputError
from labelhouse.ingestion.label_members import exports_of, hints_of, joint_digest, names_of, notes_on
from labelhouse.ingestion.row_ontology import ontology_digest, ontology_of
from labelhouse.manifest import ParseTask, Staged
from labelhouse.sources.containers import open_members
from labelhouse.sources.source_file import (
    MILESTONE_DIGITS,
    DecodedBytes,
    HashedStream,
    opened,
    size_of,
)
from labelhouse.staging.parsed_bytes import ParsedBytes

_PIECE_BYTES = 1 << 20


def recalled(task: ParseTask, progress: Callable[[int], None] = lambda _: None) -> Staged | None:
    """Return what parsing a source would stage if the warehouse holds all of its documents.

    The only file of the result is the list of the documents. The commit compares them with the warehouse,
    as it does with documents that have just been parsed. Returns None if the bytes are not known, or if
    something is wrong with them: parsing then reports it. Reads the source once, up to where it differs
    from those of its length that are known, or only its directory if there are none.
    """
    if task.parsed is None:
        return None
    try:
        with (
            opened(task.path, Path(task.folder)) as file,
            open_members(file, max_members=task.limits.members) as json_members,
        ):
            file_bytes = size_of(file)
            members = exports_of(json_members, file_bytes, task.limits)
            ontology = ontology_digest(ontology_of(task, members))
            parsed = ParsedBytes(task, names_of(task, members), hints_of(members) + ontology)
            if not parsed.may_be_known():
                return None
            decoded = DecodedBytes(file_bytes, task.limits)
            digests = []
            for member in members:
                stream = HashedStream(member.stream, decoded)
                known = parsed.milestones() if len(members.entries) == 1 else [{}]
                if not _hash(stream, known, lambda: progress(file.tell())):
                    return None
                digests.append(stream.hexdigest())
            sha256 = joint_digest(digests + ontology)
            target = Path(task.folder) / f"{task.ingest_id}-parsed.parquet"
            listed = parsed.known(sha256, target)
            notes = notes_on(members)
    except InputError:
        return None
    return None if listed is None else Staged(sha256, decoded.count, {}, [listed], notes, task.people.mark)


def _hash(stream: HashedStream, known: Sequence[Mapping[int, str]], progress: Callable[[], None]) -> bool:
    """Read a text to its end; return whether it may be one of those whose milestones are `known`.

    It stops at the first milestone at which the text differs from all of them. A text without milestones
    may be any.
    """
    count = 0
    for milestone in (*sorted(set(chain.from_iterable(known))), None):
        while milestone is None or count < milestone:
            piece = stream.read(_PIECE_BYTES if milestone is None else min(_PIECE_BYTES, milestone - count))
            if not piece:
                return True
            count += len(piece)
            progress()
        digest = stream.hexdigest()[:MILESTONE_DIGITS]
        known = [one for one in known if one.get(milestone, digest) == digest]
        if not known:
            return False
    return True
