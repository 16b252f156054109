"""Ids that stand more than once in a document, found in parts: against plain Python."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelhouse.commit import partitions

from tests.support.loading import Loader

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


def identities(ids):
    """Return the identities of labels of one image: a label whose id stood before gets a suffix."""
    counts = [ids[:place].count(found) + 1 for place, found in enumerate(ids)]
    return sorted(f"#{found}~{nth}".removesuffix("~1") for found, nth in zip(ids, counts, strict=True))


def expected_issues(documents):
    """Return the repeated ids of documents, by the number of the document, section and place."""
    return sorted(
        (number, section, place)
        for number, ids in enumerate(documents)
        for section, its_ids in zip(("images", "annotations"), ids, strict=True)
        for place in repeated(its_ids)
    )


@pytest.fixture(scope="module")
def loader(tmp_path_factory):
    """Return a warehouse in which each example has a project of its own."""
    folder = tmp_path_factory.mktemp("repeats")
    with Loader(folder / "warehouse", folder) as loader:
        yield loader


@pytest.mark.parametrize("part_records", [1, 3, partitions.PART_RECORDS])
@given(documents=DOCUMENTS)
@settings(max_examples=6, deadline=None)
def test_repeated_ids_are_told_and_the_first_image_counts(loader, part_records, documents):
    project = f"example {next(PROJECTS)}"
    # Each document anew, with the last label first: parts of what comes and of what goes.
    moved = [(images, annotations[-1:] + annotations[:-1]) for images, annotations in documents]
    connection = loader.warehouse.connection
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partitions, "PART_RECORDS", part_records)
        loader.load([document(number, *ids) for number, ids in enumerate(documents)], project=project)
        assert connection.execute(ISSUES, [project]).fetchall() == expected_issues(documents)
        labels = connection.execute(LABELS, [project]).fetchall()
        loader.load([document(number, *ids) for number, ids in enumerate(moved)], project=project)
        assert connection.execute(ISSUES, [project]).fetchall() == expected_issues(moved)
    assert labels == [
        (number, identities(annotations), [f"{number}-0.jpg"])
        for number, (_, annotations) in enumerate(documents)
    ]
