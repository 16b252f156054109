"""Which label is which from version to version, and the identity it has: SQL against plain Python."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import zip_longest

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelhouse.commit.partitions import VersionRange, run_parts
from labelhouse.schema.warehouse_tables import ANNOTATIONS, CATEGORIES, DOCUMENTS, IMAGES, LABEL_IDS
from labelhouse.sql_library.statements import statement

from tests.support.aliases import Record
from tests.support.sets import rounds

Pairs = list[tuple[int, int]]
"""Positions of the same label in two versions."""

LABELS = st.lists(
    st.fixed_dictionaries(
        {
            "uuid": st.sampled_from([None, None, "u", "v", "u~2", "#1"]),
            "annotation_id": st.sampled_from([None, 1, 2, 3]),
            "content": st.sampled_from([None, 10, 11, 12]),
            "category": st.sampled_from([0, 1]),
            "image": st.sampled_from([0, 0, 1, 9]),
        }
    ),
    max_size=8,
)

PIECES = 3
IMAGE_KEYS = {0: "first", 1: "second"}  # 9 is no image of the document


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB with the tables that the history reads."""
    with duckdb.connect() as opened:
        for table in (DOCUMENTS, IMAGES, CATEGORIES, ANNOTATIONS, LABEL_IDS):
            for ddl in table.ddl():
                opened.execute(ddl)
        yield opened


def stored_version(connection: duckdb.DuckDBPyConnection, key: int, labels: list[Record]) -> None:
    """Store one version of the document under its key."""
    row = {column.name: None for column in ANNOTATIONS.columns}
    connection.execute(
        "insert into documents (document_key, document_id, category_set) values (?, 'd', 's')", [key]
    )
    for image_id, image_key in IMAGE_KEYS.items():
        connection.execute(
            "insert into images (document_key, position, image_id, image_key) values (?, ?, ?, ?)",
            [key, image_id, image_id, image_key],
        )
    for position, label in enumerate(labels):
        given_row = row | {
            "document_key": key,
            "position": position,
            "annotation_id": label["annotation_id"],
            "image_id": label["image"],
            "category_id": label["category"],
            "encord_track_uuid": label["uuid"],
            "content_hash": label["content"],
        }
        marks = ", ".join("?" * len(given_row))
        connection.execute(f"insert into annotations values ({marks})", list(given_row.values()))


def found_identities(
    connection: duckdb.DuckDBPyConnection, old_key: int | None, new_key: int
) -> tuple[Pairs, list[str]]:
    """Run the history's statements for one document; return pairs and the new labels' identities."""
    connection.execute(
        "create or replace temp table history_documents as select 'd' as document_id, "
        "?::bigint as old_key, ?::bigint as new_key, false as is_same, false as is_back",
        [old_key, new_key],
    )
    for step in ("commit/no_duplicate_ids", "commit/duplicate_records"):
        connection.execute(statement(step))
    for step in ("history_versions", "label_rows", "no_conflicting_identities"):
        connection.execute(statement(f"commit/{step}"))
    run_parts(connection, "commit/conflicting_identities", [VersionRange(new_key, new_key, 1, PIECES)])
    for step in (
        "conflicting_labels",
        "compared_versions",
        "add_conflicting_labels",
        "matches",
        "identities",
        "add_label_ids",
    ):
        connection.execute(statement(f"commit/{step}"))
    pairs = connection.execute("select old_position, new_position from history_matches").fetchall()
    identities = connection.execute(
        "select coalesce(i.label_id, l.label_id) from history_label_rows l left join history_identities i "
        "on i.document_key = l.document_key and i.position = l.position "
        "where not l.is_old order by l.position"
    ).fetchall()
    return sorted(pairs), [row[0] for row in identities]


def expected_pairs(old: list[Record], new: list[Record]) -> Pairs:
    """Match equal content first, then object or id, each in order."""

    def content(label: Record) -> object:
        known = label["content"] is not None
        return known and (label["image"], label["uuid"], label["category"], label["content"])

    def name(label: Record) -> object:
        if label["uuid"] is not None:
            return (label["image"], "uuid", label["uuid"])
        return label["annotation_id"] is not None and (label["image"], "id", label["annotation_id"])

    pairs: dict[int, int] = {}
    for key_of in (content, name):
        sides: defaultdict[object, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for side, labels, taken in ((0, old, set(pairs)), (1, new, set(pairs.values()))):
            for position, label in enumerate(labels):
                if position not in taken and (key := key_of(label)):
                    sides[key][side].append(position)
        for olds, news in sides.values():
            pairs.update(zip(olds, news, strict=False))
    return sorted(pairs.items())


def expected_identities(
    old: list[Record], old_identities: list[str], new: list[Record], pairs: Pairs
) -> list[str]:
    """Known labels keep theirs; the others get what their row says, told apart by ~2, ~3 and so on."""
    identities = {after: old_identities[before] for before, after in pairs}
    for image in {label["image"] for label in new}:
        # A dangling image_id is no image: all such labels share one.
        held = {i for i, label in zip(old_identities, old, strict=True) if label["image"] == image}
        unknown = [p for p, label in enumerate(new) if p not in identities and label["image"] == image]
        plain = {}
        for position in unknown:
            label = new[position]
            number = label["annotation_id"]
            plain[position] = label["uuid"] or (f"@{position}" if number is None else f"#{number}")
        given_ids = set(held)
        for position in unknown:
            number, candidate = 1, plain[position]
            while candidate in given_ids or (number > 1 and candidate in plain.values()):
                number += 1
                candidate = f"{plain[position]}~{number}"
            given_ids.add(candidate)
            identities[position] = candidate
    return [identities[position] for position in range(len(new))]


@settings(max_examples=rounds("EXAMPLES", 5, 20, 300), deadline=None)
@given(versions=st.lists(LABELS, min_size=1, max_size=3))
def test_labels_keep_their_identity_from_version_to_version(
    connection: duckdb.DuckDBPyConnection, versions: list[list[Record]]
) -> None:
    for table in ("documents", "images", "annotations", "label_ids"):
        connection.execute(f"delete from {table}")
    connection.execute("delete from categories")
    connection.execute(
        "insert into categories (category_set, position, category_id, name) "
        "values ('s', 0, 0, 'Car'), ('s', 1, 1, 'Boat')"
    )
    old: list[Record] = []
    old_identities: list[str] = []
    for key, new in enumerate(versions, 1):
        stored_version(connection, key, new)
        pairs, identities = found_identities(connection, key - 1 if key > 1 else None, key)
        assert pairs == expected_pairs(old, new)
        assert identities == expected_identities(old, old_identities, new, pairs)
        places = [(label["image"], name) for label, name in zip_longest(new, identities)]
        assert len(set(places)) == len(places)
        old, old_identities = new, identities


def test_identities_that_collide_get_the_next_free_number(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [("u", None), ("u~2", None), ("u", None), ("u", None), (None, 7), (None, 7), (None, None)]
    labels = [
        {"uuid": uuid, "annotation_id": number, "content": None, "category": 0, "image": 0}
        for uuid, number in rows
    ]
    for table in ("documents", "images", "annotations", "label_ids"):
        connection.execute(f"delete from {table}")
    stored_version(connection, 1, labels)
    _, identities = found_identities(connection, None, 1)
    assert identities == ["u", "u~2", "u~3", "u~4", "#7", "#7~2", "@6"]
