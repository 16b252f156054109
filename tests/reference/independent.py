"""A second reader of COCO exports: json.loads and plain Python, nothing of the package.

It says what must be in the tables. Rows are tuples in the order of COLUMNS; `document` is the position of
the document in its source, where the warehouse has its surrogate key. `extra` is canonical JSON text (see
`canonical`). Rows of categories are those of each document, in its order. Where no rule says what a
value becomes, UndecidedError is raised: add the rule.
"""

import gzip
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any

COLUMNS = {
    "documents": "document document_id title media_type member image_count annotation_count extra",
    "images": "document position image_id image_key file_name title media_type data_hash frame width "
    "height coco_url image_id_text video_id extra",
    "categories": "document position category_id name supercategory keypoints skeleton category_id_text "
    "extra",
    "annotations": "document position annotation_id image_id category_id bbox_x bbox_y bbox_w bbox_h area "
    "iscrowd segmentation_kind polygons rle_height rle_width rle_counts num_keypoints track_id "
    "encord_track_uuid rotation manual_annotation score annotation_id_text image_id_text category_id_text "
    "track_id_text extra",
    "keypoints": "document annotation_position annotation_id keypoint_index x y visibility",
    "attributes": "document annotation_position annotation_id name origin value value_type value_number "
    "value_boolean",
}
TABLES = {table: tuple(columns.split()) for table, columns in COLUMNS.items()}

Row = tuple[Any, ...]
Tables = dict[str, list[Row]]

_SECTIONS = ("images", "categories", "annotations")
_INFO_KEYS = {"description", "contributor", "date_created", "url", "version", "year"}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_MISSING = object()


class QuarantinedError(Exception):
    """The record cannot be stored."""


class UndecidedError(Exception):
    """No rule says what becomes of this value."""


@dataclass(frozen=True)
class Document:
    """One parsed document: the zip member it came from, and its place in a list, None outside one."""

    member: str | None
    index: int | None
    value: dict[str, Any]
    positions: dict[str, list[int]] = field(default_factory=dict)
    """Of the records of a section in their object, if it was split into data units."""


def tables_of(path: Path, name: str | None = None) -> Tables:
    """Return the rows that the file must give; `name` is its path below the folder that was given.

    Raises QuarantinedError where a record cannot be stored.
    """
    tables: Tables = {table: [] for table in TABLES}
    ids: dict[str, int] = {}
    documents = list(documents_of(path))
    several = len({document.member for document in documents}) > 1
    units = [unit for document in documents for unit in units_of(document)]
    for position, document in enumerate(units):
        below = f"/{document.member}" if several else ""
        rows = _document_tables(position, document, (name or path.name) + below)
        [row] = rows["documents"]
        count = ids[row[1]] = ids.get(row[1], 0) + 1
        if count > 1:
            rows["documents"] = [(row[0], f"{row[1]}~{count}", *row[2:])]
        for table, its_rows in rows.items():
            tables[table] += its_rows
    return tables


def documents_of(path: Path) -> Iterator[Document]:
    """Parse a file, one document after the other."""
    for member, text in texts_of(path):
        value = json.loads(text)
        if isinstance(value, list):
            yield from (Document(member, index, item) for index, item in enumerate(value))
        else:
            yield Document(member, None, value)


def units_of(document: Document) -> Iterator[Document]:
    """Split an object with images of several of Encord's data units; a list has an object for each."""
    value = document.value
    images = value.get("images") or []
    if not all(isinstance(image, dict) for image in images):
        raise QuarantinedError("images")
    hashes = [
        _file_name_parts(_text(dict(image), "file_name", {}, cut=name_without_secrets))[1]
        for image in images
    ]
    hashes = [data_hash if data_hash and _is_uuid(data_hash) else None for data_hash in hashes]
    units = list(dict.fromkeys(data_hash for data_hash in hashes if data_hash is not None))
    if document.index is not None or len(units) < 2 or not hashes[0] or not _is_encord(value):
        yield document
        return
    _records(value, "images"), _records(value, "annotations")
    of_image = {
        image["id"]: units[0] if data_hash is None else data_hash
        for image, data_hash in zip(images, hashes, strict=True)
    }
    labels = value.get("annotations") or []
    for unit in units:
        positions = {
            "images": [n for n, image in enumerate(images) if of_image[image["id"]] == unit],
            "annotations": [
                number
                for number, label in enumerate(labels)
                if of_image.get(_id(dict(label), "image_id", {})[0], units[0]) == unit
            ],
        }
        part = {key: [value[key][n] for n in its] for key, its in positions.items() if key in value}
        first = part["images"][0]
        title = first.get("image_title", first.get("video_title"))
        is_object = isinstance(value.get("info"), dict)
        info = {"info": {**value["info"], "description": title}} if is_object else {}
        yield Document(document.member, None, {**value, **info, **part}, positions)


def _is_uuid(text: str) -> bool:
    return [len(part) for part in text.split("-")] == [8, 4, 4, 4, 12] and not set(text) - set(
        "0123456789abcdef-"
    )


def texts_of(path: Path) -> Iterator[tuple[str | None, str]]:
    """Decode the JSON texts of a file: of a zip's members, of a gzip file, or of the file itself."""
    data = path.read_bytes()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                yield member, archive.read(member).decode("utf-8-sig")
    elif data.startswith(b"\x1f\x8b"):
        yield None, gzip.decompress(data).decode("utf-8-sig")
    else:
        yield None, data.decode("utf-8-sig")


def refusal_of(path: Path) -> str | None:
    """Return the code with which the file must be refused as a whole, None if it is to be stored."""
    try:
        documents = list(documents_of(path))
    except json.JSONDecodeError as error:
        if error.pos < len(error.doc):
            raise UndecidedError("syntax error") from error
        return "TRUNCATED"
    values = [document.value for document in documents]
    if documents[0].index is not None and all(_is_result(value) for value in values):
        return "RESULTS_LIST"
    sections = [value[section] for value in values for section in _SECTIONS if section in value]
    if not sections:
        return "NOT_AN_EXPORT"
    if not all(isinstance(records, list | None) for records in sections):
        return "WRONG_TYPE"
    return None


def _is_result(value: dict[str, Any]) -> bool:
    return "image_id" in value and not any(section in value for section in _SECTIONS)


def canonical(value: Any) -> str:
    """Write JSON in one way whatever its key order; 1, 1.0, true and -0.0 stay apart."""
    return json.dumps(value, sort_keys=True)


def is_number_text(value: Any) -> bool:
    """Tell whether a text spells a JSON number."""
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


# --- documents


def _document_tables(position: int, document: Document, name: str) -> Tables:
    value = document.value
    images = [_image(record) for record in _records(value, "images")]
    places: Mapping[str, Sequence[int]] = document.positions or dict.fromkeys(_SECTIONS, range(2**31))
    tables: Tables = {
        "images": [(position, index, *row) for index, row in zip(places["images"], images, strict=False)],
        "categories": [
            (position, index, *_category(record))
            for index, record in enumerate(_records(value, "categories"))
        ],
        "annotations": [],
        "keypoints": [],
        "attributes": [],
    }
    for index, record in zip(places["annotations"], _records(value, "annotations"), strict=False):
        row, keypoints, answers = _annotation(record)
        tables["annotations"].append((position, index, *row))
        tables["keypoints"] += [
            (position, index, row[0], number, *point) for number, point in enumerate(keypoints)
        ]
        tables["attributes"] += [(position, index, row[0], *answer) for answer in answers]
    title = _title(value)
    media_type, data_hash = images[0][4:6] if images else (None, None)
    identity = name if document.index is None else f"{name}#{document.index + 1}"
    if _is_encord(value):
        identity = (data_hash if images else title) or identity
    extra = {key: item for key, item in value.items() if key not in _SECTIONS or item is None}
    counts = (len(images), len(tables["annotations"]))
    row = (position, identity, title, media_type, document.member, *counts, _extra(extra))
    return {"documents": [row], **tables}


def _records(document: dict[str, Any], section: str) -> list[dict[str, Any]]:
    """Return the records of a section; raise where one lacks what the others need to find it."""
    records: list[dict[str, Any]] = document.get(section) or []
    needed = "image_id" if section == "annotations" else "id"
    if not all(isinstance(record, dict) and record.get(needed) is not None for record in records):
        raise QuarantinedError(section)
    return records


def _title(document: dict[str, Any]) -> str | None:
    info = document.get("info")
    description = info.get("description") if isinstance(info, dict) else None
    return without_secrets(description) if isinstance(description, str) else None


def _is_encord(document: dict[str, Any]) -> bool:
    info = document.get("info")
    if isinstance(info, dict) and set(info) == _INFO_KEYS:
        return all(info[key] is None for key in _INFO_KEYS - {"description"}) or _has_uuid(document)
    return _has_uuid(document)


def _has_uuid(document: dict[str, Any]) -> bool:
    attributes = (record.get("attributes") for record in _records(document, "annotations"))
    return any(isinstance(a, dict) and a.get("encord_track_uuid") is not None for a in attributes)


# --- images


def _image(record: dict[str, Any]) -> Row:
    rest = dict(record)
    kept: dict[str, Any] = {}
    image_id, id_text = _id(rest, "id", kept)
    width, height = (_integer(rest, key, kept) for key in ("width", "height"))
    video_id = rest.get("video_id")
    is_number = isinstance(video_id, int | float) and not isinstance(video_id, bool)
    video_id = _cut(video_id) if isinstance(video_id, str) else json.dumps(video_id) if is_number else None
    file_name = _text(rest, "file_name", kept, cut=name_without_secrets)
    media_type, data_hash, frame, key = _file_name_parts(file_name)
    titles = ["image_title", "video_title"]
    if media_type == "video":
        titles.reverse()
    first, second = titles
    if second in rest:
        # With both there, both are kept: the title alone does not tell whose it is.
        kept |= {key: rest[key] for key in titles if key in rest}
    title = _text(rest, first, kept)
    other = _text(rest, second, {})
    title = other if title is None else title
    coco_url = _text(rest, "coco_url", kept, cut=location)
    if not key and coco_url:
        key = re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*:)?//[^/]*/+", "", coco_url)
    extra = _extra({**rest, **kept})
    row = (image_id, key, file_name, title, media_type, data_hash, frame, width, height)
    return (*row, coco_url, id_text, video_id, extra)


def _file_name_parts(name: str | None) -> tuple[str | None, str | None, int | None, str | None]:
    """Return media type, data hash, frame and image key."""
    if name is None:
        return None, None, None, None
    folder, *rest = name.split("?")[0].split("/") if "=" in name else name.split("/")
    match folder, rest:
        case "images", [last] if "." in last[1:]:
            stem = last.rpartition(".")[0]
            return "image", stem, None, stem
        case "videos", [data_hash, last] if data_hash and last.endswith(".jpg"):
            number = last.removesuffix(".jpg")
            return "video", data_hash, _frame(number), f"{data_hash}/{number}"
        case (("dicom" | "nifti" | "pdfs"), [data_hash, *_, last]) if data_hash:
            media_type = "pdf" if folder == "pdfs" else folder
            return media_type, data_hash, _frame(last), "/".join(rest)
    return "image", None, None, name


def _frame(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else None


# --- categories


def _category(record: dict[str, Any]) -> Row:
    rest = dict(record)
    kept: dict[str, Any] = {}
    category_id, id_text = _id(rest, "id", kept)
    name, supercategory = (_text(rest, key, kept) for key in ("name", "supercategory"))
    keypoints = rest.pop("keypoints", None)
    if isinstance(keypoints, str):
        kept["keypoints"] = keypoints
        keypoints = [keypoints]
    elif not _is_list_of(keypoints, str):
        kept |= _unless_null("keypoints", keypoints)
        keypoints = None
    skeleton = rest.pop("skeleton", None)
    if not (_is_list_of(skeleton, list) and all(_is_list_of(edge, int) for edge in skeleton)):
        kept |= _unless_null("skeleton", skeleton)
        skeleton = None
    return category_id, name, supercategory, _cut(keypoints), skeleton, id_text, _extra({**rest, **kept})


def _is_list_of(value: Any, kind: type | UnionType) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, kind) and not isinstance(item, bool) for item in value
    )


def _unless_null(key: str, value: Any) -> dict[str, Any]:
    return {} if value is None else {key: value}


# --- annotations


def _annotation(record: dict[str, Any]) -> tuple[Row, list[Row], list[Row]]:
    """Return the row, the keypoints and the answers of an annotation."""
    rest = dict(record)
    kept: dict[str, Any] = {}
    ids, id_texts = zip(*(_id(rest, key, kept) for key in ("id", "image_id", "category_id")), strict=True)
    box, turned_by = _box(rest, kept)
    area = _double(rest, "area", kept)
    iscrowd = _flag(rest, kept)
    shape = _segmentation(rest, kept)
    keypoints = _keypoints(rest, kept)
    num_keypoints = _integer(rest, "num_keypoints", kept)
    score = _double(rest, "score", kept)
    kept |= {"track_id": rest["track_id"]} if "track_id" in rest else {}
    angles = [turned_by, *(record.get(key) for key in ("angle", "rotation"))]
    angle = next((a for a in angles if _is_number(a)), None)
    tracking, track_text, answers = _attributes(rest, kept, angle)
    extra = _extra({**rest, **kept})
    row = (*ids, *box, area, iscrowd, *shape, num_keypoints, *tracking, score, *id_texts, track_text, extra)
    return row, keypoints, answers


def _box(rest: dict[str, Any], kept: dict[str, Any]) -> tuple[list[float | None], float | None]:
    """Return the box, and the angle of one of five numbers."""
    value = rest.pop("bbox", None)
    if value is None:
        return [None] * 4, None
    if value == []:
        kept["bbox"] = []
        return [None] * 4, None
    if not isinstance(value, list):
        raise UndecidedError("bbox")
    attributes = rest.get("attributes")
    of_encord = isinstance(attributes, dict) and isinstance(attributes.get("encord_track_uuid"), str)
    if len(value) == 5 and not of_encord:
        x, y, width, height, angle = map(_number, value)
        has_text = any(isinstance(number, str) for number in value)
        kept["bbox"] = value if has_text else list(map(float, value))
        return [x - width / 2, y - height / 2, width, height], angle
    if len(value) != 4:
        raise QuarantinedError("bbox")
    if any(isinstance(number, str) for number in value):
        kept["bbox"] = value
    return [_number(item) for item in value], None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _flag(rest: dict[str, Any], kept: dict[str, Any]) -> int | None:
    value = rest.get("iscrowd")
    if isinstance(value, bool) or value in ("true", "false"):
        kept["iscrowd"] = rest.pop("iscrowd")
        return int(value in (True, "true"))
    return _integer(rest, "iscrowd", kept)


def _segmentation(rest: dict[str, Any], kept: dict[str, Any]) -> Row:
    """Return segmentation_kind, polygons, rle_height, rle_width and rle_counts."""
    value = rest.pop("segmentation", None)
    no_mask = (None, None, None)
    if value is None:
        return "none", None, *no_mask
    if value == []:
        return "none", [], *no_mask
    if _is_list_of(value, list):
        rings = [[_plain_number(n) for n in ring] for ring in value]
        if [] in rings:
            kept["segmentation"] = rings
            rings = [ring for ring in rings if ring]
        return "polygon" if rings else "none", rings, *no_mask
    if _is_list_of(value, int | float):
        kept["segmentation"] = value
        return "polygon", [[_plain_number(n) for n in value]], *no_mask
    if not (isinstance(value, dict) and {"size", "counts"} <= set(value)):
        raise UndecidedError("segmentation")
    others = {key: item for key, item in value.items() if key not in ("size", "counts")}
    if others:
        kept["segmentation"] = others
    height, width = value["size"]
    counts = value["counts"]
    if not (_is_list_of([height, width], int) and (isinstance(counts, str) or _runs(counts))):
        raise UndecidedError("mask")
    if not isinstance(counts, str):
        counts = json.dumps(counts, separators=(",", ":"))
    return "rle", None, height, width, counts


def _runs(value: Any) -> bool:
    return _is_list_of(value, int)


def _keypoints(rest: dict[str, Any], kept: dict[str, Any]) -> list[Row]:
    """Return x, y and visibility of each keypoint."""
    value = rest.pop("keypoints", None)
    if value is None:
        return []
    if not isinstance(value, list):
        raise UndecidedError("keypoints")
    if value and all(isinstance(point, list) and len(point) in (2, 3) for point in value):
        kept["keypoints"] = value
        points = [[*point, None][:3] for point in value]
    elif value and len(value) == 2 * (rest.get("num_keypoints") or 0):
        kept["keypoints"] = [float(number) for number in value]
        points = [[*value[start : start + 2], None] for start in range(0, len(value), 2)]
    elif len(value) % 3 == 0:
        points = [value[start : start + 3] for start in range(0, len(value), 3)]
    else:
        raise UndecidedError("keypoints")
    return [tuple(None if n is None else _plain_number(n) for n in point) for point in points]


# --- attributes


def _attributes(
    rest: dict[str, Any], kept: dict[str, Any], angle: float | None
) -> tuple[tuple[Any, str | None, float | None, bool | None], str | None, list[Row]]:
    """Return track_id, encord_track_uuid, rotation and manual_annotation, the track's text, the answers."""
    top_track, top_text = None, None
    if _names_track(rest.get("track_id")):
        top_track, top_text = _id(rest, "track_id", {})
    has_top = "track_id" in kept
    rest.pop("track_id", None)
    value = rest.pop("attributes", None)
    others = dict(value) if isinstance(value, dict) else {}
    for holder in (rest, others):
        if top_track is None and type(holder.get("instance_id")) is int:
            top_track = holder["instance_id"]
    if not isinstance(value, dict):
        kept |= _unless_null("attributes", value)
        turned = None if angle is None else float(angle)
        listed = _listed_answers(value) if isinstance(value, list) else []
        return (top_track, None, turned, None), top_text, listed
    originals: dict[str, Any] = {}
    # Other tools use these names freely: a value of another kind stays a free attribute.
    track = uuid = rotation = manual = None
    if _may_be(others.get("track_id"), int, integral=True):
        track = _integer(others, "track_id", originals)
    if isinstance(others.get("encord_track_uuid"), str | None):
        uuid = _text(others, "encord_track_uuid", originals)
    if _may_be(others.get("rotation"), int | float):
        rotation = _double(others, "rotation", originals)
    if isinstance(others.get("manual_annotation"), bool | None):
        manual = others.pop("manual_annotation", None)
    if angle is None and _is_number(others.get("angle")):
        angle = others["angle"]
    if rotation is not None and (
        angle is not None or "angle" in others or {"angle", "rotation"} & set(rest)
    ):
        originals.setdefault("rotation", rotation)
    rotation = rotation if rotation is not None or angle is None else float(angle)
    classifications = others.pop("classifications", {})
    if not isinstance(classifications, dict):
        originals["classifications"] = classifications
        classifications = {}
    if (has_top or top_track is not None) and track is not None:
        originals.setdefault("track_id", track)
    if "#relation" in others:
        # The other place of a relation is among the classifications.
        originals["#relation"] = others["#relation"]
    kept |= {"attributes": originals} if originals else {}
    answers = [_answer(k, v, "classification") for k, v in classifications.items()]
    answers += [_answer(k, v, "attribute") for k, v in others.items()]
    if track is None:
        return (top_track, uuid, rotation, manual), top_text, answers
    return (track, uuid, rotation, manual), None, answers


def _names_track(value: Any) -> bool:
    """Tell a whole number, or a text that is not blank, from what names no track."""
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)


def _listed_answers(values: list[Any]) -> list[Row]:
    answers: list[tuple[str, Any]] = []
    for value in values:
        if not isinstance(value, dict):
            answers.append(("attributes", value))
        elif "value" in value and isinstance(value.get("name", value.get("key")), str):
            answers.append((str(value.get("name", value.get("key"))), value["value"]))
        else:
            answers += value.items()
    return [_answer(name, value, "attribute") for name, value in answers]


def _may_be(value: Any, kind: Any, *, integral: bool = False) -> bool:
    """Tell a number or null, or a text that spells one."""
    if isinstance(value, str):
        return is_number_text(value) and not (integral and set(".eE") & set(value))
    return not isinstance(value, bool) and isinstance(value, kind | None)


def _answer(name: str, value: Any, origin: str) -> Row:
    """Return name, origin, value, value_type, value_number and value_boolean."""
    if name == "#relation":
        origin = "relation"
    head = (without_secrets(name), origin)
    match value:
        case None:
            return *head, None, "null", None, None
        case bool():
            return *head, json.dumps(value), "boolean", None, value
        case int() | float():
            return *head, json.dumps(value), "number", float(value), None
        case str():
            return *head, without_secrets(value), "string", None, None
    text = json.dumps(_cut(value), ensure_ascii=False, separators=(",", ":"))
    return *head, text, "json", None, None


# --- values


def _id(rest: dict[str, Any], key: str, kept: dict[str, Any]) -> tuple[Any, str | None]:
    """Take an id: a number, or a text that spells none, which stands for itself in both places."""
    value = rest.get(key)
    if isinstance(value, str) and re.fullmatch("-?(0|[1-9][0-9]{0,17})", value) is None:
        value = rest.pop(key)
        text = without_secrets(value) if " " in value else name_without_secrets(value)
        return text, text
    return _integer(rest, key, kept), None


def _integer(rest: dict[str, Any], key: str, kept: dict[str, Any]) -> int | None:
    """Take an integer; a text that spells one is kept, a float that is one is not."""
    value = rest.pop(key, None)
    if value is None:
        return None
    if isinstance(value, bool) or not (isinstance(value, int | float) or is_number_text(value)):
        raise QuarantinedError(key)
    if isinstance(value, str):
        kept[key] = value
        value = json.loads(value)
        if isinstance(value, float):
            raise UndecidedError(key)
    if value != int(value) or not -(2**63) <= value < 2**63:
        raise QuarantinedError(key)
    return int(value)


def _double(rest: dict[str, Any], key: str, kept: dict[str, Any]) -> float | None:
    value = rest.pop(key, None)
    if isinstance(value, str):
        kept[key] = value
    return None if value is None else _number(value)


def _number(value: Any) -> float:
    """Return a number, or the number that a text spells."""
    return _plain_number(json.loads(value) if is_number_text(value) else value)


def _plain_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UndecidedError("number")
    return float(value)


def _text(rest: dict[str, Any], key: str, kept: dict[str, Any], cut: Any = None) -> str | None:
    """Take a text; of a number its JSON text, and the original is kept, as is anything else."""
    value = rest.pop(key, None)
    if isinstance(value, str):
        return (cut or without_secrets)(value)
    kept |= _unless_null(key, value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return json.dumps(value) if is_number else None


def _extra(values: dict[str, Any]) -> str | None:
    return canonical(_cut(values)) if values else None


def _cut(value: Any) -> Any:
    """Cut the URLs of all texts and keys of a JSON value."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, list):
        return [_cut(item) for item in value]
    if isinstance(value, dict):
        return {without_secrets(key): _cut(item) for key, item in value.items()}
    return value


# --- URLs


def name_without_secrets(name: str) -> str:
    """Keep the query of a name that is a URL, if it has no parameter that these files have as a secret."""
    stem, mark, query = name.partition("?")
    if not mark or "=" not in query:
        return without_secrets(name)
    kept = [part for part in query.split("#")[0].split("&") if part.split("=")[0] in {"d", "id", "file"}]
    return without_secrets(stem) + ("?" + "&".join(kept) if kept else "")


def location(url: str) -> str:
    """Keep scheme, host and path of a URL; of a reference without scheme, what comes before ? or #."""
    url = without_secrets(url)
    return re.split("[?#]", url)[0]


def without_secrets(text: str) -> str:
    """Cut each URL in a text down to scheme, host and path; a URL ends at white space, quotes or <>."""
    done, sep, rest = text.partition("://")
    while sep:
        end = next((i for i, c in enumerate(rest) if c.isspace() or c in "\"'<>\\"), len(rest))
        url, rest = rest[:end], rest[end:]
        if re.search(r"[A-Za-z][A-Za-z0-9+.-]*$", done):
            url = re.split("[?#]", url)[0]
            host, slash, path = url.partition("/")
            url = host.rpartition("@")[2] + slash + path
        before, sep_next, after = rest.partition("://")
        done, sep, rest = done + sep + url + before, sep_next, after
    return done
