"""What is known of one document while it is read, and its row in documents."""

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa

from labelhouse.coco.json_text import json_text
from labelhouse.coco.sections import Section
from labelhouse.coco.values import Json
from labelhouse.errors import InputError
from labelhouse.hashing.fingerprint import Fingerprint, Sums
from labelhouse.normalise.batches import RecordIssue
from labelhouse.normalise.categories import CategorySets
from labelhouse.readers.events import DocumentEnd, DocumentStart
from labelhouse.reason_codes import Code
from labelhouse.schema.warehouse_tables import ANNOTATIONS, CATEGORIES, DOCUMENT_TABLES, IMAGES, Table
from labelhouse.texts.url_secrets import without_secrets

_ENCORD_INFO = {"description", "contributor", "date_created", "url", "version", "year"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document comes from: source path, its name within the call, member of the archive.

    `name` identifies a document without an id of its own. It is the path below the folder or glob that was
    given, else the file's name. With several members in an archive, it is the member's path below that.
    """

    project: str
    source: str
    name: str
    member: str | None
    ingest_id: str


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """What a process knows of the records of a document that it has read; plain values, by names.

    `reasons` has, for each section, the first reason why a record was not stored.
    """

    rows: dict[str, int]
    sums: dict[str, Sums]
    met: dict[str, int]
    bad: dict[str, int]
    reasons: dict[str, tuple[int, str, str, str]]
    is_encord: bool


@dataclass(slots=True)
class Document:
    """Follow one document from its start to its end; holds its categories and no other records."""

    key: int
    position: int
    start: DocumentStart
    origin: Origin
    rows: Counter[Table] = field(default_factory=Counter)
    met: Counter[Section] = field(default_factory=Counter)
    bad: Counter[Section] = field(default_factory=Counter)
    reasons: dict[Section, RecordIssue] = field(default_factory=dict)
    _fingerprint: Fingerprint = field(default_factory=Fingerprint)
    _categories: list[pa.RecordBatch] = field(default_factory=list)
    _media_type: str | None = None
    _data_hash: str | None = None
    _is_encord: bool = False
    _collided: bool = False
    _category_set: str = ""

    @property
    def pointer(self) -> str:
        """JSON pointer of the document in its text."""
        return f"/{self.start.position}" if self.start.in_list else ""

    def add(self, table: Table, batch: pa.RecordBatch, sums: Sums | None) -> None:
        """Count rows that are stored for the document, and add the sums of their hashes."""
        if table is IMAGES and not self.rows[IMAGES] and batch.num_rows:
            self._media_type = batch["media_type"][0].as_py()
            self._data_hash = batch["data_hash"][0].as_py()
        if table is ANNOTATIONS and not self._is_encord:
            self._is_encord = batch["encord_track_uuid"].null_count < batch.num_rows
        if table is CATEGORIES:
            self._categories.append(batch)
        self.rows[table] += batch.num_rows
        if sums is not None:
            self._fingerprint.add(table.name, sums)

    def summary(self) -> DocumentSummary:
        """Return what is known of the document so far, without its categories."""
        reasons = {
            section.value: (finding.position or 0, finding.key, finding.code.value, finding.message)
            for section, finding in self.reasons.items()
        }
        return DocumentSummary(
            rows={table.name: count for table, count in self.rows.items()},
            sums=self._fingerprint.sums(),
            met={section.value: count for section, count in self.met.items()},
            bad={section.value: count for section, count in self.bad.items()},
            reasons=reasons,
            is_encord=self._is_encord,
        )

    def merge(self, part: DocumentSummary) -> None:
        """Add what another process has read of the document's images and annotations."""
        tables = {table.name: table for table in DOCUMENT_TABLES}
        for name, count in part.rows.items():
            self.rows[tables[name]] += count
        for name, sums in part.sums.items():
            self._fingerprint.add(name, sums)
        for name, count in part.met.items():
            self.met[Section(name)] += count
        for name, count in part.bad.items():
            self.bad[Section(name)] += count
        for name, (position, key, code, message) in part.reasons.items():
            section = Section(name)
            known = self.reasons.get(section)
            if known is None or position < (known.position or 0):
                found = RecordIssue(self.start.position, section, position, key, Code(code), message)
                self.reasons[section] = found
        self._is_encord |= part.is_encord

    @property
    def category_set(self) -> str:
        """Key of the document's categories, once the document has ended."""
        return self._category_set

    def categories(self) -> pa.Table:
        """Return the document's categories under the key of their set."""
        table = pa.Table.from_batches(self._categories, CATEGORIES.arrow)
        keys = pa.repeat(pa.scalar(self._category_set), table.num_rows)
        return table.set_column(0, CATEGORIES.arrow.field(0), keys)

    def issues(self, end: DocumentEnd) -> list[RecordIssue]:
        """Return the issues of the document as a whole."""
        found = [
            RecordIssue(
                self.start.position,
                None,
                None,
                "",
                Code.MISSING_SECTION,
                f"no {section.value} in the document",
            )
            for section in Section
            if section not in end.sections
        ]
        if self._collided:
            message = "the source has the document_id twice: a suffix tells them apart"
            found.append(RecordIssue(self.start.position, None, None, "", Code.DUPLICATE_DOCUMENT, message))
        return found

    def row(
        self, end: DocumentEnd, sets: CategorySets, taken: Counter[str] | None = None
    ) -> dict[str, object]:
        """Return the row in documents; `taken` counts the ids that the source has used so far.

        Raises InputError if the object is not a COCO document.
        """
        _check_shape(end, self.pointer)
        info = end.values.get("info")
        description = info.get("description") if isinstance(info, dict) else None
        title = without_secrets(description) if isinstance(description, str) else None
        extra = json_text(end.values) if end.values else None
        document_id = self._document_id(info, title)
        taken = Counter() if taken is None else taken
        taken[document_id] += 1
        if taken[document_id] > 1:
            document_id = f"{document_id}~{taken[document_id]}"
            self._collided = True
        sections = ",".join(section for section in Section if section in end.sections)
        self._category_set = sets.key_of(self._categories)
        return {
            "document_key": self.key,
            "project": self.origin.project,
            "document_id": document_id,
            "title": title,
            "media_type": self._media_type,
            "source": self.origin.source,
            "member": self.origin.member,
            "position": self.position,
            "category_set": self._category_set,
            "image_count": self.rows[IMAGES],
            "annotation_count": self.rows[ANNOTATIONS],
            "fingerprint": self._fingerprint.hexdigest((title, extra, sections, self._category_set)),
            "ingest_id": self.origin.ingest_id,
            "extra": extra,
            "sections": sections,
        }

    def _document_id(self, info: Json, title: str | None) -> str:
        encord = self._is_encord or (
            isinstance(info, dict)
            and set(info) == _ENCORD_INFO
            and all(v is None for k, v in info.items() if k != "description")
        )
        if encord and self._data_hash:
            return self._data_hash
        if encord and title and not self.rows[IMAGES]:
            return title
        return self.origin.name + (f"#{self.start.position + 1}" if self.start.in_list else "")


def _check_shape(end: DocumentEnd, pointer: str) -> None:
    """Raise InputError, naming what the object is, if it has no section of a COCO document."""
    if end.sections:
        return
    keys = set(end.values)
    if "image_id" in keys and keys & {"score", "caption", "bbox", "segmentation", "keypoints"}:
        raise InputError(
            Code.RESULTS_LIST,
            "a COCO results list (one detection or caption an object), not a dataset",
            pointer=pointer,
            remedy="load the dataset's annotation file",
        )
    if "data_units" in keys or "label_hash" in keys:
        raise InputError(
            Code.LABEL_ROWS,
            "an Encord label-row export, not COCO",
            pointer=pointer,
            remedy="choose COCO as the export's format",
        )
    raise InputError(
        Code.NOT_AN_EXPORT,
        "an object without images, annotations or categories",
        pointer=pointer,
        remedy="export as COCO JSON",
    )
