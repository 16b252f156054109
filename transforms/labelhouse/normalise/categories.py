"""Turn the categories of a document into rows of categories."""

import hashlib
from collections.abc import Sequence
from operator import is_

import pyarrow as pa

from labelhouse.coco.values import MISSING, Json
from labelhouse.normalise.batches import Normalised, extra_column, good_rows, record_issues
from labelhouse.normalise.blanks import blanks_column
from labelhouse.normalise.problems import Problems
from labelhouse.normalise.scalars import INT64_MAX, INT64_MIN, ids, kind_of, listed, texts
from labelhouse.readers.events import Block, BlockColumn
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.arrow_types import BIGINT, VARCHAR
from labelhouse.schema.warehouse_tables import CATEGORIES
from labelhouse.texts.url_secrets import without_secrets

_NAMES = pa.list_(VARCHAR)
_EDGES = pa.list_(pa.list_(BIGINT))


def category_batches(block: Block) -> Normalised:
    """Convert one block; `category_set` is null until the document's whole list is known."""
    problems = Problems()
    columns = block.columns
    positions = pa.array(block.positions, BIGINT)
    category_ids, category_id_texts = ids(columns["id"], "id", problems, required=True)
    arrays = [
        pa.nulls(len(positions), VARCHAR),
        positions,
        category_ids,
        texts(columns["name"], "name", problems),
        texts(columns["supercategory"], "supercategory", problems),
        _keypoint_names(columns["keypoints"], problems),
        _skeletons(columns["skeleton"], problems),
    ]
    arrays += [extra_column(block, problems), blanks_column(block), category_id_texts]
    good = good_rows(block, problems)
    quarantine, issues = record_issues(block, problems)
    return Normalised(
        {CATEGORIES: pa.record_batch(arrays, schema=CATEGORIES.arrow).filter(good)},
        quarantine,
        issues,
    )


class CategorySets:
    """Compute keys of category lists; consecutive documents that share a list share one computation."""

    def __init__(self) -> None:
        self._batches: Sequence[pa.RecordBatch] = ()
        self._key = ""

    def key_of(self, batches: Sequence[pa.RecordBatch]) -> str:
        """Return the key of a category list: a hash of its rows, in order."""
        is_same = len(batches) == len(self._batches) and all(map(is_, batches, self._batches))
        if not is_same or not self._key:
            self._batches = tuple(batches)
            self._key = _key_of(pa.Table.from_batches(batches, CATEGORIES.arrow))
        return self._key


def _key_of(categories: pa.Table) -> str:
    digest = hashlib.sha256()
    left_out = ["category_set"]
    if categories["category_id_text"].null_count == categories.num_rows:
        # The key is the same as before the column was there.
        left_out.append("category_id_text")
    for batch in categories.drop_columns(left_out).to_batches(max_chunksize=1000):
        for row in batch.to_pylist():
            digest.update(repr(tuple(row.values())).encode())
    return digest.hexdigest()[:32]


def _keypoint_names(column: BlockColumn, problems: Problems) -> pa.Array:
    """Convert lists of names; where Encord writes one name as a string, it becomes a list of one."""
    names: list[list[str] | None] = []
    for row, value in enumerate(listed(column)):
        if isinstance(value, list) and all(isinstance(v, str) for v in value):
            names.append([without_secrets(v) for v in value if isinstance(v, str)])
        elif isinstance(value, str):
            problems.keep_in_extra(row, "keypoints", value)
            names.append([without_secrets(value)])
        else:
            names.append(None)
            _keep_other(value, row, "keypoints", problems)
    return pa.array(names, _NAMES)


def _skeletons(column: BlockColumn, problems: Problems) -> pa.Array:
    """Convert lists of edges, each a pair of keypoint numbers."""
    skeletons: list[Json] = []
    for row, value in enumerate(listed(column)):
        if isinstance(value, list) and all(map(_is_edge, value)):
            skeletons.append(value)
        else:
            skeletons.append(None)
            _keep_other(value, row, "skeleton", problems)
    return pa.array(skeletons, _EDGES)


def _is_edge(value: Json) -> bool:
    return isinstance(value, list) and all(type(v) is int and INT64_MIN <= v <= INT64_MAX for v in value)


def _keep_other(value: object, row: int, key: str, problems: Problems) -> None:
    if value is not None and value is not MISSING:
        problems.keep_in_extra(row, key, value)  # type: ignore[arg-type]
        problems.add_issue(
            row, key, ReasonCode.WRONG_TYPE, f"{kind_of(value)} in an unknown form; kept in extra"
        )
