"""Find contradictions between the tables of a warehouse: statements that return no row if it is sound."""

from collections.abc import Iterator

from labelhouse.sql_library.headers import Header, internal_header
from labelhouse.sql_library.statements import statement

_INTEGRITY = (
    "documents_twice",
    "document_counts",
    "rows_without_document",
    "rows_without_annotation",
    "rows_twice",
    "documents_without_ingest",
    "ledger_counts",
    "categories_missing",
    "identities_twice",
    "mart_counts",
    "prediction_rows_twice",
    "predictions_without_set",
    "prediction_set_rows",
)


def integrity_statements() -> Iterator[tuple[str, str, Header]]:
    """Yield the name of each statement, its text and its header, in the order of execution."""
    for name in _INTEGRITY:
        path = f"querying/{name}"
        yield name, statement(path), internal_header(path)
