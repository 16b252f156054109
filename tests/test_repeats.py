"""Ids that stand more than once in a document, found in parts: against plain Python."""

import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelhouse import connect, repeats

from tests.loading import Loader

IDS = st.lists(st.integers(0, 4), min_size=1, max_size=7)
DOCUMENTS = st.lists(st.tuples(IDS, IDS), min_size=1, max_size=3)


def document(number, image_ids, annotation_ids):
    """Return a document with images and labels of the given ids; every label lies on the first image."""
    return {
        "info": {"description": f"unit {number}"},
        "categories": [],
        "images": [
            {"id": image_id, "file_name": f"{number}-{place}.jpg", "width": 1, "height": 1}
            for place, image_id in enumerate(image_ids)
        ],
        "annotations": [
            {"id": annotation_id, "image_id": image_ids[0], "bbox": [0, 0, 1, 1]}
            for annotation_id in annotation_ids
        ],
    }


def repeated(ids):
    """Return the places of ids that stood before."""
    return [place for place, found in enumerate(ids) if found in ids[:place]]


@pytest.mark.parametrize("part_records", [1, 3, repeats.PART_RECORDS])
@given(documents=DOCUMENTS)
@settings(max_examples=8, deadline=None)
def test_repeated_ids_are_told_and_the_first_image_counts(part_records, documents):
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as name:
        patch.setattr(repeats, "PART_RECORDS", part_records)
        folder = Path(name)
        with Loader(folder / "warehouse", folder) as loader:
            loader.load([document(number, *ids) for number, ids in enumerate(documents)])
        with closing(connect(folder / "warehouse")) as connection:
            found = connection.execute(
                "select d.position, section, i.position from issues i join documents d using (document_key)"
                " where code = 'DUPLICATE_ID' order by all"
            ).fetchall()
            images = connection.execute(
                "select document_id, list(image_key), count(*) from label_changes group by all"
            ).fetchall()
    expected = [
        (number, section, place)
        for number, ids in enumerate(documents)
        for section, its_ids in zip(("images", "annotations"), ids, strict=True)
        for place in repeated(its_ids)
    ]
    assert found == sorted(expected)
    firsts = {f"{number}-0.jpg": len(labels) for number, (_, labels) in enumerate(documents)}
    assert {key: count for _, keys, count in images for key in set(keys)} == firsts
    assert len(images) == len(documents)
