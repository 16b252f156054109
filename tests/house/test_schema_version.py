"""No table, view or macro changes unseen: their hashes stand here beside the schema version."""

import hashlib

from labelhouse.lake.definitions import definitions
from labelhouse.schema.migrations import OLDEST_VERSION, columns_of
from labelhouse.schema.warehouse_tables import SCHEMA_VERSION, TABLES

TABLE_HASHES = {2: "2f524282633b8048", 3: "629c18aee9ac01d9"}
"""Columns of all tables, by version. A changed table takes a new version, with its migration.

schema/migrations.py says what the version added; the hashes of earlier versions never change.
"""
SHOWN_HASH = "3c4c7bdc29b39946"
"""Views and macros. The next change of a warehouse defines them anew: write the new hash here, and say in
the CHANGELOG what users see.
"""


def hash_of(texts: list[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def test_each_version_has_its_columns() -> None:
    hashes = {
        version: hash_of(
            [f"{table.name}.{c.name} {c.sql_type}" for table in TABLES for c in columns_of(table, version)]
        )
        for version in range(OLDEST_VERSION, SCHEMA_VERSION + 1)
    }
    assert hashes == TABLE_HASHES


def test_views_and_macros_are_those_of_the_version() -> None:
    texts = [
        f"{each.kind} {each.name} {each.statement_hash}" for each in definitions() if each.kind != "table"
    ]
    assert hash_of(sorted(texts)) == SHOWN_HASH
