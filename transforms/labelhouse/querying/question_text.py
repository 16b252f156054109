"""Describe questions: their list, and everything in the header of one, as text and as JSON."""

import textwrap
from collections.abc import Iterable, Sequence

from labelhouse.printable import printable
from labelhouse.sql_library.named_sql import SqlFile
from labelhouse.sql_library.parameters import parameters_of

_WIDTH = 100


def list_text(files: Sequence[SqlFile]) -> str:
    """Return one line per question: its name and what it answers."""
    width = max((len(file.name) for file in files), default=0)
    return "".join(f"{file.name:<{width}}  {printable(file.header.question)}\n" for file in files)


def question_text(file: SqlFile) -> str:
    """Return what the question answers and needs, its parameters and columns, for a person."""
    told = file.header
    parts = [f"{file.name}: {told.summary}", f"One row per {told.grain}."]
    if told.needs:
        parts.append(f"It needs: {told.needs}.")
    if told.explanation:
        parts.append(told.explanation)
    text = "".join(f"{line}\n" for part in parts for line in textwrap.wrap(printable(part), _WIDTH))
    parameters = parameters_of(told.parameters, file.text, file.where)
    text += _table("parameters", ((p.name, f"{p.told} [{p.kind}]") for p in parameters))
    return text + _table("columns", told.columns) + f"\nSQL: {file.where}\n"


def question_json(file: SqlFile) -> dict[str, object]:
    """Return the same information for a program."""
    told = file.header
    return {
        "name": file.name,
        "summary": told.summary,
        "grain": told.grain,
        "needs": told.needs or None,
        "parameters": [
            {
                "name": parameter.name,
                "type": parameter.kind,
                "meaning": parameter.meaning,
                "required": parameter.is_required,
                "default": parameter.default,
            }
            for parameter in parameters_of(told.parameters, file.text, file.where)
        ],
        "columns": [{"name": name, "meaning": meaning} for name, meaning in told.columns],
        "sql": file.where,
    }


def _table(title: str, pairs: Iterable[tuple[str, str]]) -> str:
    rows = list(pairs)
    if not rows:
        return ""
    width = max(len(name) for name, _ in rows)
    lines = [
        textwrap.fill(
            printable(meaning),
            _WIDTH,
            initial_indent=f"  {name:<{width}}  ",
            subsequent_indent=" " * (width + 4),
        )
        for name, meaning in rows
    ]
    return "\n".join(["", title, *lines]) + "\n"
