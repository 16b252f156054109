"""Ids that stand more than once in a document, found in parts: against plain Python."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelhouse.commit.partitions import PART_RECORDS

from tests.support.aliases import Record
from tests.support.loading import Loader
from tests.support.sets import choose, some

Ids = tuple[list[int], list[int]]
"""The ids of the images and of the labels of a document."""

IDS = st.lists(st.integers(0, 4), min_size=1, max_size=7)
DOCUMENTS = st.lists(st.tuples(IDS, IDS), min_size=1, max_size=3)

ISSUES = """
    select documents.position, issues.section, issues.position
    from issues inner join documents using (document_key)
    where issues.code = 'DUPLICATE_ID' and documents.project = ?
    order by all
"""

LABELS = """
    select documents.position, list_sort(list(label_id)), list(distinct image_key)
    from label_changes inner join documents using (document_id)
    where documents.project = ? and label_changes.project = documents.project
    group by all order by all
"""
PROJECTS = count()


def document(number: int, image_ids: Sequence[int], annotation_ids: Sequence[int]) -> Record:
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


def duplicates(ids: Sequence[int]) -> list[int]:
    """Return the places of ids that stood before."""
    return [place for place, number in enumerate(ids) if number in ids[:place]]


def identities(ids: Sequence[int]) -> list[str]:
    """Return the identities of labels of one image: a label whose id stood before gets a suffix."""
    counts = [ids[:place].count(number) + 1 for place, number in enumerate(ids)]
    return sorted(f"#{number}~{nth}".removesuffix("~1") for number, nth in zip(ids, counts, strict=True))


def expected_issues(documents: Sequence[Ids]) -> list[tuple[int, str, int]]:
    """Return the duplicate ids of documents, by the number of the document, section and place."""
    return sorted(
        (number, section, place)
        for number, ids in enumerate(documents)
        for section, its_ids in zip(("images", "annotations"), ids, strict=True)
        for place in duplicates(its_ids)
    )


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    """Return a warehouse in which each example has a project of its own."""
    folder = tmp_path_factory.mktemp("duplicate-ids")
    with Loader(folder / "warehouse", folder) as loader:
        yield loader


@pytest.mark.parametrize("part_records", some([3, 1, PART_RECORDS]))
@given(documents=DOCUMENTS)
@settings(max_examples=choose(3, 6, 6), deadline=None)
def test_duplicate_ids_are_told_and_the_first_image_counts(
    loader: Loader, part_records: int, documents: list[Ids]
) -> None:
    project = f"example {next(PROJECTS)}"
    # Each document anew, with the last label first: parts of what comes and of what goes.
    moved = [(images, annotations[-1:] + annotations[:-1]) for images, annotations in documents]
    connection = loader.warehouse.connection
    options: dict[str, Any] = {"project": project, "part_records": part_records}
    loader.load([document(number, *ids) for number, ids in enumerate(documents)], **options)
    assert connection.execute(ISSUES, [project]).fetchall() == expected_issues(documents)
    labels = connection.execute(LABELS, [project]).fetchall()
    loader.load([document(number, *ids) for number, ids in enumerate(moved)], **options)
    assert connection.execute(ISSUES, [project]).fetchall() == expected_issues(moved)
    assert labels == [
        (number, identities(annotations), [f"{number}-0.jpg"])
        for number, (_, annotations) in enumerate(documents)
    ]
