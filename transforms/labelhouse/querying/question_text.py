"""Describe questions: their list, and everything in the header of one, as text and as JSON."""

import textwrap
from collections.abc import Iterable, Sequence

from labelhouse.printable import printable
from labelhouse.sql_library.named_sql import SqlFile
from labelhouse.sql_library.parameters import parameters_of

PAGE_WIDTH = 100


def list_text(files: Sequence[SqlFile], width: int | None = None) -> str:
    """Return the questions, each with its name and what it answers, in lines of `width` if given."""
    margin = max((len(file.name) for file in files), default=0)
    lines = []
    for file in files:
        line = f"{file.name:<{margin}}  {printable(file.header.question)}"
        lines.append(
            line
            if width is None
            else textwrap.fill(line, width, subsequent_indent=" " * (margin + 2), break_long_words=False)
        )
    return "".join(f"{line}\n" for line in lines)


def question_text(file: SqlFile, width: int = PAGE_WIDTH) -> str:
    """Return what the question answers and needs, its parameters and columns, for a person."""
    header = file.header
    parts = [f"{file.name}: {header.summary}", f"One row per {header.grain}."]
    if header.needs:
        parts.append(f"It needs: {header.needs}.")
    if header.explanation:
        parts.append(header.explanation)
    text = "".join(f"{line}\n" for part in parts for line in textwrap.wrap(printable(part), width))
    parameters = parameters_of(header.parameters, file.text, file.where)
    text += _table("parameters", width, ((p.name, f"{p.description} [{p.kind}]") for p in parameters))
    return text + _table("columns", width, header.columns) + f"\nSQL: {file.where}\n"


def question_json(file: SqlFile) -> dict[str, object]:
    """Return the same information for a program."""
    header = file.header
    return {
        "name": file.name,
        "summary": header.summary,
        "grain": header.grain,
        "needs": header.needs or None,
        "parameters": [
            {
                "name": parameter.name,
                "type": parameter.kind,
                "meaning": parameter.meaning,
                "required": parameter.is_required,
                "default": parameter.default,
            }
            for parameter in parameters_of(header.parameters, file.text, file.where)
        ],
        "columns": [{"name": name, "meaning": meaning} for name, meaning in header.columns],
        "sql": file.where,
    }


def _table(title: str, width: int, pairs: Iterable[tuple[str, str]]) -> str:
    rows = list(pairs)
    if not rows:
        return ""
    margin = max(len(name) for name, _ in rows)
    lines = [
        textwrap.fill(
            printable(meaning),
            width,
            initial_indent=f"  {name:<{margin}}  ",
            subsequent_indent=" " * (margin + 4),
            break_on_hyphens=False,
        )
        for name, meaning in rows
    ]
    return "\n".join(["", title, *lines]) + "\n"
