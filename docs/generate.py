"""Write docs/data-model.md from the schema and the headers of the SQL files; --check only compares."""

import sys
from pathlib import Path

from labelhouse.schema import TABLES, Table
from labelhouse.statements import statement, statement_names

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
    lines = [
        line.removeprefix("--").strip() for line in statement(name).splitlines() if line.startswith("--")
    ]
    title, rest = lines[0], "\n".join(f"- {part}" for part in _joined(lines[1:]))
    return f"### {name.partition('/')[2]}\n\n{title}\n\n{rest}\n"


def _joined(lines: list[str]) -> list[str]:
    """Join the lines of a header that go on."""
    found: list[str] = []
    for line in lines:
        if line.split(":")[0] in ("grain", "columns", "checks", "parameters"):
            found.append(line)
        else:
            found[-1] += " " + line
    return found


_HEAD = """# Data model

Generated from `transforms/labelhouse/schema.py` and `sql/` by `make docs`; edit those.

Rows of a document's tables are keyed by `document_key` and `position`, so ids that a file repeats
break nothing. Ids of annotations, images and categories are numbered anew in every export: across
documents and nights use `document_id`, `image_key` and `encord_track_uuid`. Text columns named `extra`
hold JSON: what no column can say, so that nothing of an export is lost.
"""

if __name__ == "__main__":
    sys.exit(main())
