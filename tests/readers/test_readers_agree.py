"""Every reader makes the same tables of the same text, to the last value, whatever the blocks."""

import json
import zlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from labelhouse.errors import InputError
from labelhouse.ingestion.stage_source import READERS, stage_source
from labelhouse.limits import DEFAULT_LIMITS, Limits
from labelhouse.manifest import ParseTask
from labelhouse.readers import ijson_reader, text_splitter
from labelhouse.readers.bulk.decoder import BulkDecoder
from labelhouse.readers.events import DocumentEnd
from labelhouse.reason_codes import ReasonCode

from tests.support.corpus import FOLDER, each_file
from tests.support.sets import choose, rounds

SIZES = (64, 5_000, 1 << 20)
SMALL_BYTES = choose(60_000, 60_000, 300_000)


def tables_of(path: Path, folder: Path, reader: str, block_bytes: int, limits: Limits | None = None) -> Any:
    """Return the rows of every staged table, or the error's code, pointer and text."""
    folder.mkdir()
    task = ParseTask(
        path=str(path),
        source="source",
        name="name",
        project="project",
        ingest_id="ingest",
        ingest_number=7,
        folder=str(folder),
        reader=reader,
        block_bytes=block_bytes,
        limits=limits or Limits(),
    )
    try:
        staged = stage_source(task)
    except InputError as error:
        assert not list(folder.iterdir())
        return (error.code, error.pointer, error.what)
    tables: dict[str, list[Any]] = {}
    for file in staged.files:
        tables.setdefault(file.table, []).extend(pq.ParquetFile(file.path).read().to_pylist())
        Path(file.path).unlink()
    return repr((staged.sha256, staged.bytes, sorted(staged.rows.items()), sorted(tables.items())))


def assert_agree(path: Path, folder: Path, sizes: tuple[int, ...], limits: Limits | None = None) -> None:
    """Check that all readers agree with the reference at every size of blocks, and their tables at all.

    Of several things that are wrong with a text, the size of the blocks decides which is met first.
    """
    outcomes = set()
    for size in sizes:
        want = tables_of(path, folder / f"{size}", "ijson", size, limits)
        for reader in set(READERS) - {"ijson"}:
            assert tables_of(path, folder / f"{reader}-{size}", reader, size, limits) == want, size
        outcomes.add(want if isinstance(want, str) else None)
    assert len(outcomes) == 1


@each_file("dialects", "encord", "real", "bad", "real_bad", every=3)
def test_readers_agree_on_a_file(name: str, tmp_path: Path) -> None:
    path = FOLDER / name
    if path.stat().st_size <= SMALL_BYTES:
        # In the short set the files take turns with the sizes.
        turn = zlib.crc32(name.encode()) % len(SIZES)
        assert_agree(path, tmp_path, choose(SIZES[turn : turn + 1], SIZES, SIZES))
    else:
        assert_agree(path, tmp_path, SIZES[1 : choose(2, 3, 3)])


@pytest.mark.parametrize("outside", [1, 300])
@each_file("encord")
def test_readers_agree_however_little_is_looked_through(
    name: str, outside: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_splitter, "_OUTSIDE_BYTES", outside)
    assert_agree(FOLDER / name, tmp_path, SIZES)


@pytest.mark.parametrize("labels", [2, 60])
def test_a_list_by_any_number_of_tools_is_for_the_bulk_reader(
    labels: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each tool has ten keys of its own in a label, and four in a document.
    documents = [
        document(
            f"{tool}.jpg",
            **{f"of {tool} {key}": key for key in range(4)},
            annotations=[
                {"id": n, "image_id": 1, **{f"tool {tool} {key}": n for key in range(10)}}
                for n in range(labels)
            ],
        )
        for tool in range(20)
    ]
    path = tmp_path / "export.json"
    path.write_text(json.dumps(documents))
    want = tables_of(path, tmp_path / "ijson", "ijson", 5_000)

    def refused(*_: Any) -> None:
        raise AssertionError("handed to the ijson reader")

    monkeypatch.setattr(ijson_reader, "block_of", refused)
    assert tables_of(path, tmp_path / "bulk", "bulk", 5_000) == want


def document(name: str, **more: Any) -> dict[str, Any]:
    return {
        "info": {},
        "images": [{"id": 1, "file_name": name}],
        "annotations": [],
        "categories": [],
        **more,
    }


@pytest.mark.parametrize(
    ("spelled", "twice"),
    [
        ('"info": {"info": {"images": [], "annotations": 1, "categories": "categories"}}', False),
        ('"info": 1, "images": [{"id": 1, "info": 2, "a": {"images": 3}}]', False),
        ('"note": "info", "info": [["info"], "\\"info\\""]', False),
        ('"info": 1, "info": 2', True),
        ('"info": {"info": 1}, "info": {"info": 2}', True),
        ('"info": 1, "in\\u0066o": 2', True),
        ('"in\\u0066o": 1, "a": "info"', False),
        ('"images": [], "info": {"images": 1}, "images": [{"id": 1}]', True),
        ('"categories": [], "info": {"categories": 1}, "categories": [{"id": 1}]', True),
    ],
)
def test_readers_agree_on_keys_that_stand_in_values(spelled: str, twice: bool, tmp_path: Path) -> None:
    others = [json.dumps(document(f"{number}.jpg")) for number in range(40)]
    path = tmp_path / "export.json"
    path.write_text(f"[{','.join([*others[:20], '{' + spelled + '}', *others[20:]])}]")
    tables = [tables_of(path, tmp_path / reader, reader, 1 << 20) for reader in ("ijson", "bulk")]
    assert tables[0] == tables[1]
    assert (tables[0][0] is ReasonCode.DUPLICATE_KEY) == twice


def test_documents_with_escapes_in_the_keys_of_labels_are_taken_at_once() -> None:
    labels = [{"image_id": 1, "attributes": {"classifications": {"Größe": "groß", "R&D": "<é>"}}}]
    documents = [document(f"{n}.jpg", annotations=labels) for n in range(3)]
    text = json.dumps(documents)[1:-1].replace("&", "\\u0026").encode()
    assert rb"Gr\u00f6\u00dfe" in text
    decoded = BulkDecoder(DEFAULT_LIMITS, 1 << 20).whole_documents(range(len(documents)), text)
    assert decoded is not None
    assert decoded.count == len(documents)


def test_documents_of_many_tools_are_taken_at_once() -> None:
    # Each has keys of its own, and each is spelled like a value of the next one.
    documents = [
        document(f"{n}.jpg", **{f"key{n}": f"key{n + 1}"}, annotations=[{"image_id": 1, f"own{n}": n}])
        for n in range(12)
    ]
    text = json.dumps(documents)[1:-1].encode()
    decoded = BulkDecoder(DEFAULT_LIMITS, 1 << 20).whole_documents(range(len(documents)), text)
    assert decoded is not None
    assert decoded.count == len(documents)
    assert [event.values for event in decoded.block.events if isinstance(event, DocumentEnd)] == [
        {key: value for key, value in whole.items() if key in ("info", f"key{n}")}
        for n, whole in enumerate(documents)
    ]


@pytest.mark.parametrize("depth", [6, 20])
@each_file("encord", "bad/limits")
def test_readers_agree_under_other_limits(name: str, depth: int, tmp_path: Path) -> None:
    assert_agree(FOLDER / name, tmp_path, (64, 5_000), Limits(depth=depth, attributes=2, record_bytes=2000))


OWN = {"track_id": 1, "rotation": 2, "manual_annotation": True}


@pytest.mark.parametrize("most", [1, 3, 4, 5, 6])
@pytest.mark.parametrize(
    "attributes",
    [
        OWN,
        {**OWN, "classifications": None},
        {**OWN, "classifications": {}},
        {**OWN, "classifications": {"a": 1, "b": 2}},
        {"classifications": {"a": 1, "b": 2}},
        {},
        None,
    ],
)
def test_readers_agree_on_the_limit_of_attributes(attributes: Any, most: int, tmp_path: Path) -> None:
    labels = [{"image_id": 1, "attributes": attributes}, {"image_id": 1, "attributes": {}}]
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"images": [{"id": 1}], "annotations": labels}))
    assert_agree(path, tmp_path, (64, 1 << 20), Limits(attributes=most))


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from(["},{", ']}, {"id"', "\\", '"', "1", "-2.5", "é𝄞", "http://u:p@h/x?s=1", "true"])
)
numbers = st.floats(-1e6, 1e6) | st.integers(-1000, 1000)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
rings = st.lists(st.lists(numbers, max_size=8), max_size=3)
masks = st.fixed_dictionaries(
    {"size": st.just([3, 4]), "counts": st.just("0<") | st.lists(st.integers(0, 12), max_size=3)}
)
answers = st.dictionaries(st.sampled_from(["Colour", "#relation", "a"]), values, max_size=3)
attributes = st.fixed_dictionaries(
    {},
    optional={
        "track_id": st.integers(0, 9) | values,
        "instance_id": st.integers(0, 9) | values,
        "encord_track_uuid": st.text(max_size=8) | values,
        "rotation": numbers | values,
        "manual_annotation": st.booleans() | values,
        "classifications": answers | values,
        "occluded": values,
    },
)
annotations = st.fixed_dictionaries(
    {"image_id": st.just(1) | values},
    optional={
        "id": st.integers(0, 99) | values,
        "category_id": st.just(1) | values,
        "bbox": st.lists(numbers, min_size=4, max_size=4) | values,
        "segmentation": rings | masks | values,
        "keypoints": st.lists(numbers, min_size=3, max_size=6) | values,
        "num_keypoints": st.integers(0, 9) | values,
        "area": numbers | values,
        "iscrowd": st.sampled_from([0, 1, True, None]) | values,
        "attributes": attributes | values,
        "score": numbers,
        "track_id": values,
        "instance_id": st.integers(0, 9) | values,
        "x": values,
    },
)
images = st.fixed_dictionaries(
    {"id": st.just(1)}, optional={"file_name": st.text(max_size=9), "width": numbers, "license": values}
)
categories = st.fixed_dictionaries(
    {"id": st.integers(0, 3) | values}, optional={"name": st.text(max_size=9), "skeleton": values}
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Return the text of a document: keys in any order, spaced and escaped in several ways."""
    sections = {
        "annotations": draw(st.lists(annotations, max_size=6)),
        "images": draw(st.lists(images, max_size=3)),
        "categories": draw(st.lists(categories, max_size=3)),
        "info": draw(values),
    }
    keys = draw(st.permutations(list(sections)))
    document = {key: sections[key] for key in keys}
    text = json.dumps(
        [document, document] if draw(st.booleans()) else document,
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 0, 3])),
        separators=draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")])),
    )
    for notation in draw(st.sampled_from([[], [("1", "1.0")], [("0", "0e0")], [("2", "2E+0")]])):
        text = text.replace(f": {notation[0]},", f": {notation[1]},")
    return text


@settings(
    max_examples=rounds("TEXTS", 15, 60, 2_000),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(texts())
@example('{"images": [{"id": 1}], "annotations": [{"id": 1, "id": "\\ud800", "image_id": 1}]}')
@example('{"images": [{"id": 1}], "annotations": [{"image_id": 1, "bbox": "\\ud800", "bbox": null}]}')
@example('{"images": [{"id": 1}], "annotations": [{"image_id": 1, "segmentation": [[]]}, {"image_id": 1}]}')
@example('{"images": [{"id": 1}], "annotations": [{"image_id": 1, "bbox": [1, 9007199254740993, 3, 4]}]}')
@example(
    '{"images": [{"id": 1}], "annotations": [{"image_id": 1, "bbox": [1, 99999999999999999999, 3, 4]}]}'
)
@example('{"images": [{"id": 1}], "annotations": [{"image_id": 1, "a\\"\\n": 1}, {"image_id": 1, "b": 2}]}')
def test_readers_agree_on_any_document(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("agree")
    path = folder / "export.json"
    path.write_bytes(text.encode())
    assert_agree(path, folder, (64, 300, 1 << 20))
