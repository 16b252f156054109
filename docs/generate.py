"""Write the pages that derive from the schema and the headers of SQL files; --check only compares."""

import sys
from collections.abc import Sequence
from pathlib import Path

from labelhouse.schema.warehouse_tables import TABLES, Table
from labelhouse.sql_library.headers import header
from labelhouse.sql_library.named_sql import SqlFile, sql_files
from labelhouse.sql_library.parameters import parameters_of
from labelhouse.sql_library.statements import public_names

FOLDER = Path(__file__).parent


def main() -> int:
    """Write the pages, or with --check tell whether they are up to date."""
    stale = 0
    for name, text in pages().items():
        path = FOLDER / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{name} is not what the schema and the SQL say; run: make docs")
            stale = 1
    return stale


def pages() -> dict[str, str]:
    """Return the text of each page."""
    return {"data-model.md": _data_model(), "questions.md": _questions()}


def _data_model() -> str:
    parts = [
        _HEAD,
        "## Tables\n",
        *map(_table, TABLES),
        "## Views\n",
        *map(_view, public_names("views")),
        "## Macros\n",
        _MACROS,
        *map(_macro, public_names("macros")),
        "## Checks\n",
        _CHECKS,
        *map(_check, public_names("checks")),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _questions() -> str:
    files = sql_files("queries")
    rows = [f"| [`{file.name}`](#{file.name}) | {file.header.question} |" for file in files]
    parts = [_ASK, "\n".join(["| question | answers |", "|---|---|", *rows]) + "\n", *map(_question, files)]
    return "\n".join(parts).rstrip() + "\n"


def _question(file: SqlFile) -> str:
    told = file.header
    needs = f" It needs: `{told.needs}`." if told.needs else ""
    parameters = [
        (parameter.name, f"{parameter.told} ({parameter.kind})")
        for parameter in parameters_of(told.parameters, file.text, file.where)
    ]
    lines = [
        f"## {file.name}\n",
        f"{told.summary} One row per {told.grain}.{needs}\n",
        *_meanings("parameter", parameters),
        "",
        *_meanings("column", told.columns),
    ]
    return "\n".join(lines) + "\n"


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

Generated from `transforms/labelhouse/schema/warehouse_tables.py` and `sql/` by `make docs`; edit those.

Rows of a document's tables are keyed by `document_key` and `position`, so ids that a file repeats
break nothing. Ids of annotations, images and categories are numbered anew in every export: across
documents and nights use `document_id`, `image_key` and `encord_track_uuid`. Text columns named `extra`
hold JSON: what no column can say, so that nothing of an export is lost.
"""

_ASK = """# Questions

Generated from the headers in `sql/queries/` by `make docs`; edit those. `labelhouse ask NAME` answers one.
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

_CHECKS = """`labelhouse check` runs them. The rows of each begin with `project`, `document_id`,
`document_key`, `image_key`, `annotation_position`, `label_id`, null where they do not apply, and `what` is
wrong in words.
"""

_MACROS = """Functions of the warehouse's own, for use in any query. Lengths are pixels, angles degrees.
"""

if __name__ == "__main__":
    sys.exit(main())
