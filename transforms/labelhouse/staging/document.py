"""What is known of one document while it is read, and its row in documents."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.coco.encord import is_encord_info, is_uuid
from labelhouse.coco.json_text import json_text
from labelhouse.coco.other_tools import other_format
from labelhouse.coco.sections import Section
from labelhouse.coco.values import Json
from labelhouse.errors import InputError
from labelhouse.hashing.fingerprint import Fingerprint, Sums
from labelhouse.normalise.batches import RecordIssue
from labelhouse.normalise.categories import CategorySets
from labelhouse.readers.events import DocumentEnd, DocumentStart
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.warehouse_tables import ANNOTATIONS, CATEGORIES, DOCUMENT_TABLES, IMAGES, Table
from labelhouse.texts.url_secrets import without_secrets

VIDEO_REMEDY = "convert it to an image a frame and an annotation a box; docs/formats.md has a script"


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

    def name_of(self, start: DocumentStart) -> str:
        """Return the id of a document that has none of its own."""
        return self.name + (f"#{start.position + 1}" if start.in_list else "")


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
    data_hash: str | None
    has_several_units: bool


class DocumentIds:
    """The ids that the documents of a source have used so far."""

    def __init__(self) -> None:
        self._uses: dict[str, int] = {}
        self._has_collisions = False

    def add(self, document_id: str) -> str:
        """Return the id for the next document; a suffix distinguishes it if the id has been used."""
        distinct = document_id
        while distinct in self._uses:
            self._has_collisions = True
            self._uses[document_id] += 1
            distinct = f"{document_id}~{self._uses[document_id]}"
        self._uses[distinct] = 1
        return distinct

    def add_all(self, document_ids: Sequence[str]) -> bool:
        """Take the ids of the next documents if all of them are new; return whether they are."""
        unlike = set(document_ids)
        if len(unlike) < len(document_ids) or not self._uses.keys().isdisjoint(unlike):
            return False
        self._uses.update(dict.fromkeys(document_ids, 1))
        return True

    def has_collisions(self) -> bool:
        """Return whether several documents have used the same id."""
        return self._has_collisions


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
    _has_several_units: bool = False
    is_named: bool = False
    """Whether its id comes from the name of its file or member."""
    index: int = -1
    """Its index among the documents that are open; its position in the text unless said otherwise."""
    has_own_id: bool = True
    """Whether no suffix distinguishes its id from that of another document."""

    def __post_init__(self) -> None:
        if self.index < 0:
            self.index = self.start.position

    @property
    def pointer(self) -> str:
        """JSON pointer of the document in its text."""
        return f"/{self.start.position}" if self.start.in_list else ""

    def add(self, table: Table, rows: int, sums: Sums | None) -> None:
        """Count rows that are stored for the document, and add the sums of their hashes."""
        self.rows[table] += rows
        if sums is not None:
            self._fingerprint.add(table.name, sums)

    def see_images(self, batch: pa.RecordBatch, media_type: str | None, data_hash: str | None) -> None:
        """Learn from images of the document what it is, before they are counted; the first one says it."""
        if not self.rows[IMAGES]:
            self.see_first_image(media_type, data_hash)
        if not self.start.in_list and self._data_hash and is_uuid(self._data_hash):
            others = pc.any(pc.not_equal(batch["data_hash"], self._data_hash))
            self._has_several_units |= bool(others.as_py())

    def see_first_image(self, media_type: str | None, data_hash: str | None) -> None:
        """Learn from the first image of the document what it is."""
        self._media_type, self._data_hash = media_type, data_hash

    def see_uuids(self) -> None:
        """Learn that a label of the document has the stable object hash that Encord alone writes."""
        self._is_encord = True

    def add_categories(self, batch: pa.RecordBatch) -> None:
        """Hold categories of the document."""
        self._categories.append(batch)
        self.rows[CATEGORIES] += batch.num_rows

    def should_be_split(self, end: DocumentEnd) -> bool:
        """Return whether it is an object of Encord's with images of several data units."""
        return (
            end.document_id is None
            and self._has_several_units
            and self._comes_from_encord(end.values.get("info"))
        )

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
            data_hash=self._data_hash,
            has_several_units=self._has_several_units,
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
                reason = RecordIssue(self.index, section, position, key, ReasonCode(code), message)
                self.reasons[section] = reason
        self._is_encord |= part.is_encord
        self._has_several_units |= part.has_several_units or (
            part.data_hash is not None and part.data_hash != self._data_hash
        )

    @property
    def categories(self) -> Sequence[pa.RecordBatch]:
        """The document's categories, without the key of their set."""
        return self._categories

    def row_and_issues(
        self, end: DocumentEnd, sets: CategorySets, ids: DocumentIds
    ) -> tuple[dict[str, Any], list[RecordIssue]]:
        """Return the row in documents, and the issues of the document as a whole; `ids` gets its id.

        Raises InputError if the object is not a COCO document.
        """
        _check_shape(end, self.pointer)
        if not (self.met[Section.IMAGES] or self.rows[ANNOTATIONS]):
            _refuse_videos(end, self.pointer)
            _refuse_other_tools(end, self.pointer)
        info = end.values.get("info")
        title = title_of(info)
        extra = json_text(end.values) if end.values else None
        own_id = end.document_id or self._document_id(info, title)
        document_id = ids.add(own_id)
        self.has_own_id = document_id == own_id
        sections = listed_sections(end.sections)
        category_set = sets.key_of(self._categories)
        row = {
            "document_key": self.key,
            "project": self.origin.project,
            "document_id": document_id,
            "title": title,
            "media_type": end.media_type or self._media_type,
            "source": self.origin.source,
            "member": self.origin.member,
            "position": self.position,
            "category_set": category_set,
            "image_count": self.rows[IMAGES],
            "annotation_count": self.rows[ANNOTATIONS],
            "fingerprint": self._fingerprint.hexdigest((title, extra, sections, category_set)),
            "ingest_id": self.origin.ingest_id,
            "extra": extra,
            "sections": sections,
        }
        return row, self._issues(end, has_distinct_id=self.has_own_id)

    def _issues(self, end: DocumentEnd, *, has_distinct_id: bool) -> list[RecordIssue]:
        issues = [
            self._issue(ReasonCode.MISSING_SECTION, _missing_section(section, end))
            for section in Section
            if section not in end.sections
        ]
        if not has_distinct_id:
            message = "the source has the document_id twice: a suffix tells them apart"
            issues.append(self._issue(ReasonCode.DUPLICATE_DOCUMENT, message))
        return issues

    def _issue(self, code: ReasonCode, message: str) -> RecordIssue:
        return RecordIssue(self.index, None, None, "", code, message)

    def _comes_from_encord(self, info: Json) -> bool:
        return self._is_encord or is_encord_info(info)

    def _document_id(self, info: Json, title: str | None) -> str:
        encord = self._comes_from_encord(info)
        if encord and self._data_hash:
            return self._data_hash
        if encord and title and not self.rows[IMAGES]:
            return title
        self.is_named = True
        return self.origin.name_of(self.start)


def title_of(info: Json) -> str | None:
    """Return the title that `info` gives a document."""
    description = info.get("description") if isinstance(info, dict) else None
    return without_secrets(description) if isinstance(description, str) else None


@cache
def listed_sections(sections: frozenset[Section]) -> str:
    """Return the names of sections as the table documents has them."""
    return ",".join(section for section in Section if section in sections)


def _refuse_videos(end: DocumentEnd, pointer: str) -> None:
    """Raise InputError if a document without images lists the frames of videos, as YouTube-VIS does."""
    videos = end.values.get("videos")
    if isinstance(videos, list) and any(isinstance(v, dict) and "file_names" in v for v in videos):
        raise InputError(
            ReasonCode.YOUTUBE_VIS,
            "a YouTube-VIS file (an annotation an object, its boxes listed by frame), not COCO of images",
            pointer=pointer,
            remedy=VIDEO_REMEDY,
        )


def _refuse_other_tools(end: DocumentEnd, pointer: str) -> None:
    """Raise InputError for the JSON of another tool, which may have the key `annotations`, too."""
    if Section.IMAGES in end.sections or Section.IMAGES in end.values:
        return
    other = other_format(end.values, has_annotations=Section.ANNOTATIONS in end.sections)
    if other is not None:
        raise InputError(
            ReasonCode.NOT_AN_EXPORT, f"{other.name}, not COCO", pointer=pointer, remedy=other.remedy
        )


def _missing_section(section: Section, end: DocumentEnd) -> str:
    if section in end.values:
        return f"{section.value} is null: the document has none"
    return f"no {section.value} in the document"


def _check_shape(end: DocumentEnd, pointer: str) -> None:
    """Raise InputError, naming what the object is, if it has no section of a COCO document."""
    keys = set(end.values)
    if end.sections or end.document_id or not keys.isdisjoint(Section):
        return
    if "image_id" in keys and keys & {"score", "caption", "bbox", "segmentation", "keypoints"}:
        raise InputError(
            ReasonCode.RESULTS_LIST,
            "a COCO results list (one detection or caption an object), not a dataset",
            pointer=pointer,
            remedy="load it with --as predictions --model NAME, after its dataset",
        )
    if "data_units" in keys or "label_hash" in keys:
        raise InputError(
            ReasonCode.LABEL_ROWS,
            "a label row of Encord's among COCO objects",
            pointer=pointer,
            remedy="load label rows and COCO from files of their own",
        )
    _refuse_other_tools(end, pointer)
    raise InputError(
        ReasonCode.NOT_AN_EXPORT,
        "an object without images, annotations or categories",
        pointer=pointer,
        remedy="export as COCO JSON",
    )
