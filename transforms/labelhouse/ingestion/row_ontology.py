"""Find the ontology of a source of label rows: given, a member of the archive, or a file beside it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from labelhouse.coco.encord import is_ontology
from labelhouse.errors import InputError
from labelhouse.manifest import ParseTask
from labelhouse.readers.export_detection import HEAD_BYTES
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.addresses import is_url
from labelhouse.sources.containers import Members

if TYPE_CHECKING:
    from labelhouse.label_rows.ontology import Ontology

_NAME = "ontology.json"
_MOST_BYTES = 64 << 20


def ontology_of(task: ParseTask, members: Members) -> "Ontology | None":
    """Return the ontology of a source, None without one.

    Raises InputError for one that was given and cannot be read.
    """
    if task.ontology is not None:
        return _given(Path(task.ontology))
    if members.ontology is not None:
        with members.ontology.open() as stream:
            return _parsed(stream.read(_MOST_BYTES))
    if is_url(task.path):
        return None
    return _beside(Path(task.path))


def ontology_digest(ontology: "Ontology | None") -> list[str]:
    """Return what the ontology adds to the digests of a source: its key, or nothing."""
    return [ontology.key] if ontology is not None and ontology.key else []


def _given(path: Path) -> "Ontology":
    try:
        text = path.read_bytes()
    except OSError:
        raise InputError(
            ReasonCode.SOURCE_NOT_FOUND,
            "the ontology cannot be read",
            remedy="give the path of a file with --ontology",
        ) from None
    return _parsed(text)


def _beside(path: Path) -> "Ontology | None":
    stem = path.name.partition(".")[0]
    for name in (f"{stem}.{_NAME}", _NAME):
        beside = path.with_name(name)
        if beside == path or not os.path.isfile(beside):  # noqa: PTH113  (no error for odd names)
            continue
        with beside.open("rb") as file:
            head = file.read(HEAD_BYTES)
            if is_ontology(head):
                return _parsed(head + file.read(_MOST_BYTES))
    return None


def _parsed(text: bytes) -> "Ontology":
    # Imported here because most sources hold other forms of labels.
    from labelhouse.label_rows.ontology import Ontology

    return Ontology.of(text)
