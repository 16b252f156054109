"""Documents that are staged together have the rows that they have one by one, ordinary or odd."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelhouse.compiled.documents import CompiledDocuments, read_documents
from labelhouse.compiled.library import library
from labelhouse.hashing.fingerprint import Fingerprint, SumColumns, fingerprints

from tests.readers.test_readers_agree import assert_agree
from tests.support.sets import choose, some

pytestmark = pytest.mark.skipif(library() is None, reason="the compiled library is not installed")

UUID = "f47ac10b-58cc-4372-a567-0e02b2c3d47{}"
MOST_ATTRIBUTES = 40
BLOCKS = (700, 6_000, 1 << 20)
ENCORD: dict[str, Any] = {
    "contributor": None,
    "date_created": None,
    "url": None,
    "version": None,
    "year": None,
}

FILE_NAMES = (
    *(f"images/{UUID}.jpg", f"videos/{UUID}/12.jpg", f"videos/{UUID}/x.jpg", f"videos/{UUID}/1/2.jpg"),
    *(f"dicom/{UUID}/1.2.840/7", f"dicom/{UUID}/1.2.840/", f"nifti/{UUID}/0003", f"pdfs/{UUID}/1"),
    *(f"images/{UUID}", f"images/{UUID}/a.jpg", "images/.jpg", "images//a.jpg", "videos/a/.jpg", "pdfs/a"),
    *("a.jpg", "images/a.b.c", "dicom/a/" + "9" * 18, "dicom/a/" + "9" * 19, "nifti/ä/٣", "images/ü ö.png"),
    *("", "a?b=1", "images/a.jpg?X-Amz-Signature=1", "http://u:p@host/a.jpg", "a\nb", "images/\u2028.jpg"),
    *("a=b", "a%3Fb", "a&b", "a\\b", 'a"b', None, 7, ["a"]),
)
URLS = (
    *("https://host/a.jpg", "https://host:8080/a/b.jpg?X-Amz-Signature=1", "https://host/a.jpg#f?g=1"),
    *("https://user:pw@host/a.jpg", "https://host/a b.jpg?c=d", "https://host/ä.jpg?c=d", "s3://b/k?é=1"),
    *("https://host?x=1", "https://host:123456/a?x=1", "h://host/a?x=1", "bucket/key?sig=1", "", None, 3),
    *("https://h_o.s-t/(a),*!$:~/b?", "https://host/a?b c", "https://host/a%20b.jpg", "1ab://host/a?b"),
)
TITLES = ("frame 1", "", "Ünï", "see https://u:p@h/a?b=1", "a/b?c", "tab\t", "\x00", "it's", None, 5, True)
SIZES = (1920, 1, 0, -3, 2**62, 10**30, 640.0, 1e3, "640", None, True, [1])
IDS = (0, 1, -1, 2**53 + 1, 10**17, 10**18, 2**63, 1.0, 1.5, "7", "x", "a?b=1", "a b", None, True)
INFOS: tuple[Any, ...] = (
    {"description": "unit", **ENCORD},
    {"description": None, **ENCORD},
    {"description": 'it\'s "quoted"', **ENCORD},
    {"description": "https://u:p@h/a?b=1", **ENCORD},
    {"description": "Ünï", **{**ENCORD, "year": 2024}},
    {"description": "unit", **ENCORD, "more": [1.5, -0.0, 1e-7, 1e22, 10**25, {"b": 1, "a": None}]},
    {"description": 5, **ENCORD},
    *([], None, "info", {}, {"url": "https://h/a?token=1"}, {"a=b": 1}, {"é": "\x7f", "a": "\n"}),
)


def image(chance: random.Random, number: int, oddness: float) -> dict[str, Any]:
    """Return an image that is an ordinary one but for some of its values."""
    values: dict[str, Any] = {
        "id": number,
        "file_name": f"images/{UUID.format(number % 10)}.jpg",
        "width": 1920,
        "height": 1080,
        "coco_url": "https://host/a.jpg?X-Amz-Signature=1",
        "image_title": f"image {number}",
    }
    choices = {
        **{"id": IDS, "file_name": FILE_NAMES, "width": SIZES, "height": SIZES, "coco_url": URLS},
        **{"image_title": TITLES, "video_title": TITLES, "license": (1, None, "x?y=1"), "é": ({"b": 1},)},
        **{"video_id": (3, "v", None, [1])},
    }
    for key, odd in choices.items():
        if chance.random() < oddness:
            value = chance.choice(odd)
            values[key] = value.replace("{}", str(number % 10)) if isinstance(value, str) else value
        elif chance.random() < oddness / 3:
            values.pop(key, None)
    return values


def document(chance: random.Random, number: int, oddness: float) -> dict[str, Any]:
    """Return a document of some images and labels that lacks a part, or has an odd one, at times."""
    images = [image(chance, index, oddness / 4) for index in range(chance.choice((1, 1, 1, 0, 3)))]
    labels: list[Any] = [
        {"id": index, "image_id": 0, "category_id": 1, "bbox": [1, 2.5, 3, 4], "iscrowd": 0}
        for index in range(chance.choice((1, 2, 0)))
    ]
    for label in labels:
        if chance.random() < oddness / 2:
            label.update(chance.choice(({"id": None}, {"image_id": 9}, {"bbox": [1, 2]}, {"score": "x"})))
        if chance.random() < oddness:
            label["attributes"] = {"encord_track_uuid": "1234abcd", "classifications": {}}
    categories: list[dict[str, Any]] = [
        {"id": 1, "name": chance.choice(("car", "car", "van")), "supercategory": "polygon"}
    ]
    if chance.random() < oddness / 4:
        categories.append({"id": None, "name": 3})
    whole: dict[str, Any] = {
        "info": {"description": f"unit {number}", **ENCORD},
        "categories": categories,
        "images": images,
        "annotations": labels,
    }
    if chance.random() < oddness:
        whole["info"] = chance.choice(INFOS)
    if chance.random() < oddness / 2:
        whole[chance.choice(("licenses", "zeta", "é", "a=b"))] = chance.choice(INFOS)
    if chance.random() < oddness / 2:
        whole[chance.choice(("info", "images", "categories", "annotations"))] = None
    for key in ("info", "images", "categories", "annotations"):
        if chance.random() < oddness / 6:
            whole.pop(key, None)
    return whole


@pytest.mark.parametrize("oddness", some([0.3, 0.0, 0.05, 0.8]))
def test_the_readers_agree_on_documents(tmp_path: Path, oddness: float) -> None:
    for seed in range(choose(4, 12, 100)):
        chance = random.Random(f"{oddness} {seed}")
        documents = [document(chance, number, oddness) for number in range(chance.randrange(1, 40))]
        if chance.random() < 0.3:
            # Ids that occur twice come from any of the documents before.
            documents += chance.choices(documents, k=3)
        path = tmp_path / f"{seed}.json"
        path.write_text(json.dumps(documents, ensure_ascii=chance.random() < 0.5), encoding="utf-8")
        folder = tmp_path / str(seed)
        folder.mkdir()
        assert_agree(path, folder, BLOCKS)


def read(*documents: dict[str, Any], text: bytes | None = None) -> CompiledDocuments:
    texts = [json.dumps(one, ensure_ascii=False).encode() for one in documents]
    done = read_documents(text or b", ".join(texts), MOST_ATTRIBUTES)
    assert done is not None
    return done


def test_ordinary_images_are_taken() -> None:
    forms = [name.replace("{}", "9") for name in FILE_NAMES if isinstance(name, str)]
    images = [{"id": index, "file_name": name} for index, name in enumerate(forms)]
    taken = read({"images": images}).images
    declined = {forms[row] for row in taken.declined.tolist()}
    assert declined == {name for name in forms if not name or set(name) & set("?#@=\\%&\n")}
    hashes = taken.columns["data_hash"].to_pylist()
    assert hashes[:2] == [UUID.format(9)] * 2
    assert taken.columns["frame"].to_pylist()[1] == 12


def test_a_signed_url_is_cut() -> None:
    url = "https://host:8080/a/b.jpg?X-Amz-Signature=1"
    taken = read({"images": [{"id": 1, "file_name": "a", "coco_url": url}]}).images
    assert taken.columns["coco_url"].to_pylist() == ["https://host:8080/a/b.jpg"]


def test_headers_are_taken() -> None:
    done = read(
        {"info": {"description": "unit", **ENCORD}, "licenses": [], "images": []},
        {"info": {"description": "a?b=1"}},
        {"annotations": []},
    )
    assert done.titles.to_pylist() == ["unit", None, None]
    assert done.is_encord.tolist() == [True, False, False]
    assert done.declined == [1]
    extra = done.extras.to_pylist()[0]
    assert extra == (
        '{"info":{"contributor":null,"date_created":null,"description":"unit","url":null,"version":null,'
        '"year":null},"licenses":[]}'
    )


def test_an_image_with_a_key_twice_is_declined() -> None:
    text = b'{"images": [{"id": 1, "id": 2, "file_name": "a"}, {"id": 3, "file_name": "b"}, {}]}'
    assert read(text=text).images.declined.tolist() == [0, 2]


@pytest.mark.parametrize("image_text", [b'{"id": 1', b'{"id": 1]', b"1", b'{"a": "'])
def test_an_image_without_an_end_is_no_document(image_text: bytes) -> None:
    assert read_documents(b'{"images": [%b' % image_text, MOST_ATTRIBUTES) is None


_SUMS = st.tuples(st.integers(0, 3), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
_TEXTS = st.none() | st.text(st.characters(), max_size=8)


@settings(deadline=None)
@given(st.lists(st.tuples(_SUMS, _SUMS, _TEXTS, _TEXTS), min_size=1, max_size=6))
def test_fingerprints_of_many_are_those_of_each(documents: list[Any]) -> None:
    columns = {
        table: SumColumns(
            np.array([one[index][0] for one in documents], np.int64),
            *(np.array([one[index][place] for one in documents], np.uint64) for place in (1, 2)),
        )
        for index, table in enumerate(("images", "annotations"))
    }
    many = fingerprints(columns, [[one[2] for one in documents], [one[3] for one in documents]])
    for row, (images, annotations, *texts) in enumerate(documents):
        alone = Fingerprint()
        alone.add("images", images)
        alone.add("annotations", annotations)
        assert many[row] == alone.hexdigest(texts)


def test_the_memory_of_images_outlives_that_of_labels() -> None:
    images = read({"images": [{"id": 1, "file_name": "images/a.jpg"}], "annotations": []}).images
    column: pa.Array = images.columns["image_key"]
    del images
    assert column.to_pylist() == ["a"]
