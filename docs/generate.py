"""Write docs/data-model.md from the schema and the headers of the SQL files; --check only compares."""

import sys
from collections.abc import Sequence
from pathlib import Path

from labelhouse.headers import header
from labelhouse.schema import TABLES, Table
from labelhouse.statements import statement_names

PAGE = Path(__file__).with_name("data-model.md")


def main() -> int:
    """Write the page, or with --check tell whether it is up to date."""
    text = page()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            print(f"{PAGE.name} is not what the schema says; run: make docs")
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


def page() -> str:
    """Return the page."""
    parts = [
        _HEAD,
        "## Tables\n",
        *map(_table, TABLES),
        "## Views\n",
        *map(_view, statement_names("views")),
        "## Macros\n",
        _MACROS,
        *map(_macro, statement_names("macros")),
        "## Checks\n",
        _CHECKS,
        *map(_check, statement_names("checks")),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _table(table: Table) -> str:
    rows = [
        f"| `{c.name}` | {c.sql_type} | {c.comment.replace('|', chr(92) + '|')} |" for c in table.columns
    ]
    sorting = f" Sorted by {', '.join(f'`{name}`' for name in table.sorted_by)}." if table.sorted_by else ""
    head = [
        f"### {table.name}\n",
        f"One row per {table.grain}.{sorting}\n",
        "| column | type | what |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _view(name: str) -> str:
    told = header(name)
    note = f" {told.checks[:1].upper()}{told.checks[1:]}." if told.checks else ""
    head = [
        f"### {told.name}\n",
        f"{told.summary} One row per {told.grain}.{note}\n",
    ]
    return "\n".join([*head, *_meanings("column", told.columns)]) + "\n"


def _macro(name: str) -> str:
    told = header(name)
    parameters = ", ".join(name for name, _ in told.parameters)
    head = [f"### {told.name}({parameters})\n", f"{told.summary} Returns {told.returns}.\n"]
    return "\n".join([*head, *_meanings("parameter", told.parameters)]) + "\n"


def _check(name: str) -> str:
    told = header(name)
    own = [pair for pair in told.columns if pair[0] not in _SHARED]
    head = [
        f"### {told.name}\n",
        f"{told.summary} {told.explanation} One row per {told.grain}. Severity: {told.severity}.\n",
    ]
    return "\n".join([*head, *_meanings("column", own)]) + "\n"


def _meanings(what: str, pairs: Sequence[tuple[str, str]]) -> list[str]:
    rows = [f"| `{name}` | {meaning.replace('|', chr(92) + '|')} |" for name, meaning in pairs]
    return [f"| {what} | what |", "|---|---|", *rows] if rows else []


_HEAD = """# Data model

Generated from `transforms/labelhouse/schema.py` and `sql/` by `make docs`; edit those.

Rows of a document's tables are keyed by `document_key` and `position`, so ids that a file repeats
break nothing. Ids of annotations, images and categories are numbered anew in every export: across
documents and nights use `document_id`, `image_key` and `encord_track_uuid`. Text columns named `extra`
hold JSON: what no column can say, so that nothing of an export is lost.
"""

_SHARED = (
    "project",
    "document_id",
    "document_key",
    "image_key",
    "annotation_position",
    "label_id",
    "what",
)

_CHECKS = """`labelhouse check` runs them. The rows of each begin with `project`, `document_id`, `document_key`,
`image_key`, `annotation_position`, `label_id`, null where they do not apply, and `what` is wrong in words.
"""

_MACROS = """Functions of the warehouse's own, for use in any query. Lengths are pixels, angles degrees.
"""

if __name__ == "__main__":
    sys.exit(main())
