"""Turn blocks of images into rows of images."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.coco.file_names import FileName, key_of_url, parse_file_name
from labelhouse.coco.json_text import json_text
from labelhouse.coco.values import MISSING, Json
from labelhouse.normalise.batches import Normalised, extra_column, good_rows, record_issues
from labelhouse.normalise.blanks import blanks_column
from labelhouse.normalise.problems import Problems
from labelhouse.normalise.scalars import ids, integers, listed, texts
from labelhouse.readers.events import Block, BlockColumn
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.arrow_types import BIGINT, VARCHAR
from labelhouse.schema.warehouse_tables import IMAGES
from labelhouse.texts.file_name_queries import file_name_without_secrets
from labelhouse.texts.url_secrets import location, without_secrets


def image_batches(block: Block, document_keys: pa.Array) -> Normalised:
    """Convert one block; `document_keys` has the document of each record."""
    problems = Problems()
    columns = block.columns
    positions = pa.array(block.positions, BIGINT)
    file_names = texts(columns["file_name"], "file_name", problems, file_name_without_secrets)
    stored_names = file_names.to_pylist()
    _add_cut_names(columns["file_name"], stored_names, problems)
    names = [None if v is None else parse_file_name(v) for v in stored_names]
    urls = texts(columns["coco_url"], "coco_url", problems, location)
    image_ids, image_id_texts = ids(columns["id"], "id", problems, required=True)
    arrays = [
        document_keys,
        positions,
        image_ids,
        _keys(names, urls),
        file_names,
        _titles(block, names, problems),
        pa.array([name and name.media_type for name in names], VARCHAR),
        pa.array([name and name.data_hash for name in names], VARCHAR),
        pa.array([name and name.frame for name in names], BIGINT),
        _sizes(columns["width"], "width", problems),
        _sizes(columns["height"], "height", problems),
        urls,
    ]
    arrays += [extra_column(block, problems), blanks_column(block), image_id_texts]
    videos = [
        None if extra is None or "video_id" not in extra else _video_id(extra["video_id"])
        for extra in block.extra
    ]
    arrays.append(pa.array(videos, VARCHAR))
    arrays.append(pa.nulls(len(positions), VARCHAR))
    rows = pa.record_batch(arrays, schema=IMAGES.arrow)
    for name, column in block.more.items():
        # A label row says what a file name only hints at.
        rows = rows.set_column(IMAGES.arrow.names.index(name), IMAGES.arrow.field(name), column)
    if problems.bad:
        rows = rows.filter(good_rows(block, problems))
    quarantine, issues = record_issues(block, problems)
    return Normalised({IMAGES: rows}, quarantine, issues)


def _add_cut_names(column: BlockColumn, stored: Sequence[str | None], problems: Problems) -> None:
    """Add an issue for each name that is not stored as it came."""
    values = listed(column)
    if values == stored:
        return
    rows = [
        row
        for row, (value, name) in enumerate(zip(values, stored, strict=True))
        if value.__class__ is str and value != name
    ]
    problems.add_issues(
        rows,
        "file_name",
        ReasonCode.SECRET_CUT,
        "user info, a fragment, or a query that may be secret is cut",
    )


def _keys(names: Sequence[FileName | None], urls: pa.Array) -> pa.Array:
    """Return the key of each image: from its file_name, or without one from its coco_url."""
    keys = [name and name.image_key for name in names]
    if not all(keys):
        keys = [
            key or (url and key_of_url(url)) or key for key, url in zip(keys, urls.to_pylist(), strict=True)
        ]
    return pa.array(keys, VARCHAR)


def _video_id(video_id: Json) -> str | None:
    """Return the video that an image is a frame of; the key stays in `extra`, where its type shows."""
    if isinstance(video_id, str):
        return without_secrets(video_id)
    return json_text(video_id) if type(video_id) in (int, float) else None


def _sizes(column: BlockColumn, key: str, problems: Problems) -> pa.Array:
    """Return widths or heights; a size that is not positive is stored with an issue."""
    sizes = integers(column, key, problems)
    rows = np.flatnonzero(pc.fill_null(pc.less_equal(sizes, 0), False).to_numpy(zero_copy_only=False))
    problems.add_issues(rows.tolist(), key, ReasonCode.BAD_VALUE, "not positive")
    return sizes


def _titles(block: Block, names: Sequence[FileName | None], problems: Problems) -> pa.Array:
    """Return image_title, or video_title for a frame of a video; if that is missing, the other one.

    If the title under the other key is present, it stays in `extra` too.
    """
    columns = block.columns
    images = texts(columns["image_title"], "image_title", problems)
    videos = texts(columns["video_title"], "video_title", problems)
    of_video = pa.array([name is not None and name.media_type == "video" for name in names], pa.bool_())
    other_keys = [
        "image_title" if name is not None and name.media_type == "video" else "video_title"
        for name in names
    ]
    values = {key: listed(columns[key]) for key in ("image_title", "video_title")}
    for row, key in enumerate(other_keys):
        if (other := values[key][row]) is not MISSING:
            problems.keep_in_extra(row, key, other)
            leading = "image_title" if key == "video_title" else "video_title"
            if (own := values[leading][row]) is not MISSING:
                # Otherwise a later reader could not see whether there was one.
                problems.keep_in_extra(row, leading, own)
    return pc.if_else(of_video, pc.coalesce(videos, images), pc.coalesce(images, videos))
