"""Select the members of an archive that are label exports; report what is known of them before reading."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import compress

from labelhouse.coco.encord import is_ontology
from labelhouse.errors import InputError
from labelhouse.limits import Limits
from labelhouse.manifest import ParseTask
from labelhouse.readers.export_detection import HEAD_BYTES, is_export
from labelhouse.sources.containers import MemberEntry, Members, is_archive_name
from labelhouse.sources.naming import DocumentNames, member_names
from labelhouse.sources.source_file import DecodedBytes
from labelhouse.texts.names import some_of


def exports_of(members: Members, file_bytes: int, limits: Limits) -> Members:
    """Return the members without JSON that is not an export, if another member is.

    It reads the beginning of each, up to its first record. A member that is named as JSON and is not valid
    stays: it may be a broken export, and reading it reports what is wrong. All stay if none is an export.
    """
    if len(members.entries) < 2:
        return members
    decoded = DecodedBytes(file_bytes, limits)
    are_exports = [_may_be_export(entry, decoded, limits) for entry in members.entries]
    kept = list(compress(members.entries, are_exports))
    if not kept:
        return members
    others = list(compress(members.entries, (not is_one for is_one in are_exports)))
    ontology = next(filter(_is_ontology, others), None)
    names = [entry.name or "" for entry in others if entry is not ontology]
    return replace(members, entries=kept, other_json=names, ontology=ontology)


def _is_ontology(entry: MemberEntry) -> bool:
    if not (entry.name or "").lower().endswith("ontology.json"):
        return False
    with entry.open() as stream:
        return is_ontology(stream.read(HEAD_BYTES))


def _may_be_export(entry: MemberEntry, decoded: DecodedBytes, limits: Limits) -> bool:
    try:
        with entry.open() as stream:
            return is_export(
                stream,
                most_bytes=limits.document_bytes,
                if_broken=entry.is_named_json,
                count=decoded.add,
            )
    except InputError as error:
        error.member = error.member or entry.name
        raise


def names_of(task: ParseTask, members: Members) -> list[str]:
    """Return the name that identifies the documents of each member."""
    if len(members.entries) == 1:
        return [task.name]
    names = [entry.name or "" for entry in members.entries]
    return [f"{task.name}/{name}" for name in member_names(names, DocumentNames(tuple(task.documents)))]


def hints_of(members: Members) -> list[str]:
    """Return what the container says of the bytes of each member."""
    return [entry.hint for entry in members.entries]


def notes_on(members: Members) -> list[str]:
    """Return lines on members that are not JSON, such as images, and on JSON that is not an export."""
    notes = []
    if names := members.other_json:
        what = some_of(names, len(names), "members")
        notes.append(f"passed over {what}: JSON, but no label export")
    archives = [name for name in members.passed_over if is_archive_name(name)]
    if names := [name for name in members.passed_over if not is_archive_name(name)]:
        notes.append("passed over " + some_of(names, len(names), "members"))
    if archives:
        what = some_of(archives, len(archives), "members")
        notes.append(f"passed over {what}: archives in an archive are not read; unpack them")
    return notes


def joint_digest(digests: Sequence[str]) -> str:
    """Return the SHA-256 of a source: that of its bytes; for several members, of their digests."""
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
