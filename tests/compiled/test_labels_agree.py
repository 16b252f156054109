"""The compiled library makes of a label what the other readers make of it, or leaves it to them."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelhouse.coco.sections import Section
from labelhouse.compiled.annotations import read_labels
from labelhouse.compiled.documents import read_documents
from labelhouse.compiled.library import is_installed
from labelhouse.hashing.content_hash import content_hashes
from labelhouse.normalise.annotations import annotation_batches
from labelhouse.normalise.batches import Normalised
from labelhouse.normalise.compiled import compiled_batches
from labelhouse.readers.bulk.columns import DecodedAnswers, columns_of_records
from labelhouse.readers.bulk.records import RecordDecoder
from labelhouse.readers.events import Block, CompiledBlock, RawRecords, Run
from labelhouse.schema.warehouse_tables import ANNOTATIONS

from tests.support.corpus import FOLDER, each_file
from tests.support.sets import choose

pytestmark = pytest.mark.skipif(not is_installed(), reason="labelhouse-native is not installed")
MOST_ATTRIBUTES = 40
ROUNDS = choose(100, 300, 20_000)


def by_the_bulk_reader(records: list[bytes]) -> tuple[Normalised, Any]:
    """Return the rows of records, and the hash of each label."""
    text = b",".join(records)
    decoder = RecordDecoder(Section.ANNOTATIONS)
    decoded = decoder.decode(text)
    block = columns_of_records(Section.ANNOTATIONS, decoded, decoder.others, DecodedAnswers())
    rows = annotation_batches(
        Block(
            Section.ANNOTATIONS,
            [Run(0, len(decoded))],
            range(len(decoded)),
            block.columns,
            block.extra,
            RawRecords(text),
            nulls=block.nulls,
        ),
        pa.array([7] * len(decoded), pa.int64()),
        max_attributes=MOST_ATTRIBUTES,
    )
    return rows, content_hashes(ANNOTATIONS, rows.tables[ANNOTATIONS])


def assert_agree(records: list[bytes]) -> int:
    """Check the labels that the library takes of a text of records; return how many it takes."""
    text = b",".join(records)
    labels = read_labels(text, MOST_ATTRIBUTES)
    assert labels is not None
    assert labels.records == len(records)
    declined = labels.declined.tolist()
    assert labels.declined_texts(text) == [records[row].strip() for row in declined]
    taken = labels.rows.tolist()
    assert sorted(taken + declined) == list(range(len(records)))
    if not taken:
        return 0
    want, hashes = by_the_bulk_reader([records[row] for row in taken])
    # What the library takes gives no issue.
    assert not want.quarantine
    assert not len(want.issues.positions)
    block = CompiledBlock([Run(0, len(taken))], np.arange(len(taken)), labels)
    tables, its_hashes = compiled_batches(block, pa.array([7] * len(taken), pa.int64()))
    for table, rows in want.tables.items():
        # NaN is not equal to itself, and 0.0 is equal to -0.0: their spelling is compared.
        assert repr(tables[table].to_pylist()) == repr(rows.to_pylist()), table.name
        assert tables[table].schema == rows.schema
        tables[table].validate(full=True)
    assert its_hashes.tolist() == hashes.tolist()
    return len(taken)


WHITE_SPACE = st.sampled_from(["", "", "", " ", "\n\t", "\r\n  "])
TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(alphabet="ab ", min_size=50, max_size=140),
    st.sampled_from(
        [
            "",
            " ",
            "12",
            "-7",
            "007",
            "a?b#c",
            "100 %",
            "50%2f",
            "x=1",
            "a@b",
            "//a?b",
            'é\n"\\/',
            "\x7f",
            "\x00",
        ]
    ),
)
INTEGERS = st.one_of(
    st.integers(-20, 200),
    st.integers(-(2**70), 2**70),
    st.sampled_from([2**53, 2**53 + 1, -(2**53), 2**63 - 1, 2**63, 10**18 - 1, 10**18]),
)
SPELLED_NUMBERS = st.one_of(
    INTEGERS.map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-3000, 3000).map(repr),
    st.decimals(-5000, 5000, places=3, allow_nan=False).map(str),
    st.sampled_from(
        ["-0", "-0.0", "1E5", "1e-7", "0.1e1", "1e22", "5e-324", "1e400", "123456789012345678901.5", "4.35"]
    ),
)


class Spelled(str):
    """A number as it is to be spelled."""

    __slots__ = ()


@st.composite
def spelled(draw: Any, value: Any) -> str:
    """Spell a value as JSON, with white space and escapes."""
    if isinstance(value, Spelled):
        return str(value)
    if isinstance(value, list):
        elements = [f"{draw(WHITE_SPACE)}{draw(spelled(one))}" for one in value]
        return f"[{','.join(elements)}{draw(WHITE_SPACE)}]"
    if isinstance(value, dict):
        members = [
            f"{draw(WHITE_SPACE)}{json.dumps(key)}:{draw(spelled(one))}" for key, one in value.items()
        ]
        return f"{{{','.join(members)}{draw(WHITE_SPACE)}}}"
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


NUMBERS = SPELLED_NUMBERS.map(Spelled)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
IDS = st.one_of(INTEGERS.map(lambda n: Spelled(str(n))), TEXTS, st.none(), NUMBERS)
COORDINATES = st.floats(0, 3000).map(lambda number: Spelled(repr(number)))


@st.composite
def points(draw: Any) -> list[Any]:
    return [
        one
        for _ in range(draw(st.integers(0, 4)))
        for one in (draw(COORDINATES), draw(NUMBERS), draw(st.sampled_from([0, 1, 2, 2.0, 3])))
    ]


ANSWERS = st.dictionaries(
    st.one_of(TEXTS, st.sampled_from(["#relation", "angle", "rotation"])), VALUES, max_size=4
)
ATTRIBUTES = st.one_of(
    st.none(),
    VALUES,
    st.fixed_dictionaries(
        {},
        optional={
            "track_id": IDS,
            "encord_track_uuid": st.one_of(TEXTS, st.none()),
            "rotation": st.one_of(NUMBERS, st.none()),
            "manual_annotation": st.one_of(st.booleans(), st.none(), TEXTS),
            "classifications": st.one_of(ANSWERS, ANSWERS, st.none()),
            "colour": VALUES,
            "instance_id": IDS,
        },
    ),
)
SEGMENTATIONS = st.one_of(
    st.none(),
    st.lists(st.lists(COORDINATES, max_size=8), max_size=3),
    st.lists(NUMBERS, max_size=6),
    st.just({"size": [4, 4], "counts": "52203"}),
    st.just({"counts": [6, 4, 6], "size": [4, 4]}),
    st.fixed_dictionaries(
        {"size": st.lists(INTEGERS, max_size=3), "counts": st.one_of(TEXTS, st.lists(INTEGERS))}
    ),
)
LABELS = st.fixed_dictionaries(
    {"image_id": IDS},
    optional={
        "id": IDS,
        "category_id": IDS,
        "bbox": st.one_of(
            st.none(), st.lists(COORDINATES, min_size=4, max_size=4), st.lists(NUMBERS, max_size=5)
        ),
        "area": st.one_of(NUMBERS, st.none()),
        "iscrowd": st.sampled_from([0, 1, True, False, None, 2, "0", Spelled("0.0")]),
        "segmentation": SEGMENTATIONS,
        "keypoints": st.one_of(st.none(), points(), st.lists(NUMBERS, max_size=7)),
        "num_keypoints": st.one_of(st.none(), st.integers(0, 4), NUMBERS),
        "track_id": IDS,
        "score": st.one_of(NUMBERS, st.none()),
        "attributes": ATTRIBUTES,
        "caption": TEXTS,
        "segments_info": VALUES,
        "isbbox": st.booleans(),
        "metadata": VALUES,
        "file_name": TEXTS,
        "a url": TEXTS,
        "encord_track_uuid": TEXTS,
    },
)


PLAIN_TEXTS = st.one_of(
    st.text(alphabet="abcdefgh ?#/%é日", min_size=1, max_size=12),
    st.text(alphabet="xyz", min_size=60, max_size=140),
)
PLAIN_IDS = st.one_of(
    st.integers(-(2**59), 2**59).map(lambda n: Spelled(str(n))),
    st.text(alphabet="abc-_é", min_size=1, max_size=90),
)
PLAIN_NUMBERS = st.one_of(
    COORDINATES, st.integers(-(2**53), 2**53), st.decimals(0, 5000, places=3).map(str).map(Spelled)
)
PLAIN_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), PLAIN_NUMBERS, PLAIN_TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(PLAIN_TEXTS, inner, max_size=3)),
    max_leaves=5,
)
ORDINARY = st.fixed_dictionaries(
    {"id": PLAIN_IDS, "image_id": PLAIN_IDS, "category_id": PLAIN_IDS},
    optional={
        "bbox": st.one_of(st.none(), st.lists(COORDINATES, min_size=4, max_size=4)),
        "area": st.one_of(PLAIN_NUMBERS, st.none()),
        "iscrowd": st.sampled_from([0, 1, True, False, None]),
        "segmentation": st.one_of(
            st.none(),
            st.just([]),
            st.lists(st.lists(COORDINATES, min_size=6, max_size=6), min_size=1, max_size=3),
            st.just({"size": [4, 4], "counts": "52203"}),
            st.just({"counts": [6, 4, 6], "size": [4, 4]}),
        ),
        "keypoints": st.one_of(
            st.none(), st.just([]), st.lists(st.sampled_from([0, 1, 2, 2.0]), min_size=3, max_size=3)
        ),
        "score": st.one_of(PLAIN_NUMBERS, st.none()),
        "attributes": st.one_of(
            st.none(),
            st.just({}),
            st.fixed_dictionaries(
                {},
                optional={
                    "track_id": st.one_of(PLAIN_IDS, st.none()),
                    "encord_track_uuid": st.one_of(PLAIN_TEXTS, st.none()),
                    "rotation": st.one_of(PLAIN_NUMBERS, st.none()),
                    "manual_annotation": st.one_of(st.booleans(), st.none()),
                    "classifications": st.dictionaries(PLAIN_TEXTS, PLAIN_VALUES, max_size=4),
                    "colour": PLAIN_VALUES,
                    "7": PLAIN_VALUES,
                },
            ),
        ),
        "caption": PLAIN_TEXTS,
        "metadata": PLAIN_VALUES,
        "a key": PLAIN_VALUES,
    },
)


def is_read(text: str) -> bool:
    """Return whether the bulk reader decodes a record."""
    try:
        by_the_bulk_reader([text.encode()])
    except Exception:  # noqa: BLE001  (what it refuses is not compared)
        return False
    return True


@settings(max_examples=ROUNDS, deadline=None)
@given(data=st.data())
def test_a_label_is_the_same_however_it_is_spelled(data: Any) -> None:
    labels = data.draw(st.lists(LABELS, min_size=1, max_size=4))
    records = [data.draw(spelled(label)) for label in labels]
    # Half of a surrogate pair has no UTF-8 form.
    encoded = [record.encode("utf-8", "replace") for record in records if is_read(record)]
    if encoded:
        assert_agree(encoded)


TAKEN: list[bool] = []


@settings(max_examples=ROUNDS, deadline=None)
@given(data=st.data())
def test_ordinary_labels_are_taken(data: Any) -> None:
    records = [
        data.draw(spelled(label)).encode()
        for label in data.draw(st.lists(ORDINARY, min_size=1, max_size=4))
    ]
    TAKEN.extend(row < assert_agree(records) for row in range(len(records)))
    assert len(TAKEN) < 200 or sum(TAKEN) > len(TAKEN) // 2


def records_of(path: Path) -> Iterator[bytes]:
    """Yield the labels of a file as texts, if it is an export."""
    try:
        documents = json.loads(path.read_bytes())
    except ValueError:
        return
    for document in documents if isinstance(documents, list) else [documents]:
        labels = document.get("annotations") if isinstance(document, dict) else None
        for label in labels[: choose(200, 2_000, 2_000)] if isinstance(labels, list) else ():
            yield json.dumps(label).encode()


@each_file("encord", "real", every=3)
def test_labels_of_real_files_are_the_same(name: str) -> None:
    records = [
        record
        for record in records_of(FOLDER / name)
        if record.startswith(b"{") and is_read(record.decode())
    ]
    if records:
        assert_agree(records)


@each_file("encord")
def test_all_labels_of_encord_are_taken(name: str) -> None:
    records = list(records_of(FOLDER / name))
    assert assert_agree(records) == len(records)


PLAIN = b'{"id": 1, "image_id": 2, "category_id": 3, "bbox": [0, 0, 1, 1]}'


def test_a_cut_text_is_read_up_to_its_last_whole_record() -> None:
    text = b" , ".join([PLAIN] * 3)
    third = text.rindex(b"{")
    for end in range(third, len(text)):
        labels = read_labels(text[:end], MOST_ATTRIBUTES, may_end_early=True)
        assert labels is not None
        assert (labels.records, labels.end) == (2, text.index(b"}", text.index(b"}") + 1) + 1), end
        assert read_labels(text[:end], MOST_ATTRIBUTES) is None or end == third - 1


@pytest.mark.parametrize(
    "broken",
    [
        b'{"id": 1,}',
        b'{"id" 1}',
        b'{"id": 01}',
        b'{"id": 1 "a": 2}',
        b'{"a": "\x01"}',
        b'{"a": "\\x"}',
        b"{1: 2}",
        b"[]",
        b"1",
        b"",
    ],
)
def test_what_is_no_json_is_no_text_of_records(broken: bytes) -> None:
    assert read_labels(PLAIN + b"," + broken, MOST_ATTRIBUTES) is None


def test_documents_are_taken_apart() -> None:
    first = b'{"info": {"a": [1]}, "images": [{"id": 1} , {"id": 2}], "annotations": [%b, %b]}' % (
        PLAIN,
        PLAIN,
    )
    second = b'{"categories": [ ], "annotations": [{"id": null}], "images": []}'
    text = b" , ".join([first, second, b"{}"])
    read = read_documents(text, MOST_ATTRIBUTES)
    assert read is not None
    assert [text[start:end] for start, end in read.spans] == [first, second, b"{}"]
    assert read.images.declined_texts(text) == [b'{"id": 1}', b'{"id": 2}']
    assert read.categories(text) == [b"", b"[ ]", b""]
    assert read.declined == []
    assert read.extras.to_pylist() == ['{"info":{"a":[1]}}', None, None]
    assert read.image_counts.tolist() == [2, 0, 0]
    assert read.label_counts.tolist() == [2, 1, 0]
    images, categories, annotations = Section.IMAGES, Section.CATEGORIES, Section.ANNOTATIONS
    assert read.sections() == [{images, annotations}, {images, categories, annotations}, set()]
    assert read.labels.rows.tolist() == [0, 1]
    assert read.labels.declined_texts(text) == [b'{"id": null}']


@pytest.mark.parametrize(
    "document",
    [
        *(b'{"a": 1, "a": 2}', b'{"\\u0061": 1}', b'{"images": null}', b'{"annotations": {}}'),
        *(
            b'{"images": [1]}',
            b'{"annotations": [1]}',
            b'{"annotations": [%b}' % PLAIN,
            b"[]",
            b"",
            b'{"a"}',
        ),
    ],
)
def test_documents_of_another_form_are_left_to_others(document: bytes) -> None:
    assert read_documents(b'{"a": 1},' + document, MOST_ATTRIBUTES) is None


def test_columns_outlive_what_read_them() -> None:
    labels = read_labels(b",".join([PLAIN] * 1_000), MOST_ATTRIBUTES)
    assert labels is not None
    column = labels.columns["annotation_id"]
    del labels
    random.Random(1).sample(range(1_000_000), 100_000)
    assert column.to_pylist() == [1] * 1_000
