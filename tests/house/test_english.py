"""Plain English: words that mark translated sentences, in what people read of the project."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BANNED = re.compile(r"\b(whoever|nobody|somebody|anew|so many|in vain|be it|thereof)\b", re.IGNORECASE)
"""Say who does it; a count is a count; again."""

PROGRAMS = [*(ROOT / "transforms" / "labelhouse").rglob("*.py"), *(ROOT / "flows").glob("*.py")]
PAGES = [
    *(
        ROOT / name
        for name in ("README.md", "CONTRIBUTING.md", "deployments/README.md", "benchmarks/README.md")
    ),
    *(ROOT / "docs").glob("*.md"),
]
SPARED = {
    "docs/data-model.md": "the headers of sql/ make it",
    "docs/questions.md": "the headers of sql/ make it",
    "docs/benchmarks.md": "benchmarks/publish.py prints two of its labels",
    "transforms/labelhouse/schema/warehouse_tables.py": "its comments are the catalog's",
    "transforms/labelhouse/schema/mart_tables.py": "its comments are the catalog's",
}


def prose(path: Path) -> str:
    """Return the docstrings and comments of a program."""
    text = path.read_text(encoding="utf-8")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = [
        ast.get_docstring(node) or "" for node in ast.walk(ast.parse(text)) if isinstance(node, documented)
    ]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "\n".join([*docstrings, *(token.string for token in tokens if token.type == tokenize.COMMENT)])


def without_code(page: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`|^ {4}.*$", "", page, flags=re.DOTALL | re.MULTILINE)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PROGRAMS + PAGES, ids=named)
def test_sentences_are_plain(path):
    if named(path) in SPARED:
        return
    text = prose(path) if path.suffix == ".py" else without_code(path.read_text(encoding="utf-8"))
    assert sorted(set(BANNED.findall(text))) == []


def test_a_sentence_that_is_not_plain_is_found(tmp_path):
    path = tmp_path / "a.py"
    path.write_text('"""Whoever reads it."""\n\n# So many of them.\nx = "nobody"\n', encoding="utf-8")
    assert BANNED.findall(prose(path)) == ["Whoever", "So many"]
    assert BANNED.findall(without_code("`nobody` reads it anew\n")) == ["anew"]
