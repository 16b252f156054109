"""Plain English: words that mark translated sentences, in what people read of the project."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORDS = (
    # Say who does it.
    r"whoever",
    r"nobody",
    r"somebody",
    r"one's own",
    # A count is a count.
    r"so many",
    # Again; without result; usually; or; of it.
    r"anew",
    r"(?:in )?vain",
    r"mostly",
    r"be it",
    r"thereof",
    # Report, record, say; an issue; an ingest, a row of the ledger.
    r"(?:tell|tells|told|telling) of",
    r"doubts?",
    r"doubted",
    r"attempts? to load",
    r"load rows?",
    # Release; add or resume; check, compare or count; except; occur; including.
    r"(?:let|lets|letting) go of",
    r"(?:taken|taking|took) up",
    r"(?:be|been|is|are) looked at",
    r"but for",
    r"but the first",
    r"(?:stand|stands|stood|standing) (?:more than )?(?:once|twice)",
    r"(?:failed|unchanged|empty|killed) ones too",
    # Is not; in a row.
    r"(?<!there )(?:is|are) no (?!longer\b|more\b|one\b)[a-z]+",
    r"(?<!there )(?-i:is none)",
    r"on end",
)
"""Words and turns, each group below the plain ones to write instead."""
OPENINGS = (
    r"Of (?:a|an|all|each|the|these|those|two|several|very|what)\b",
    r"(?:Compared|Counted|Cut|Found|Given|Held|Kept|Made|Read|Sent|Taken|Told|Written) (?:are|is|for|by)\b",
    r"Who\b",
    r"Tell\b",
)
"""Beginnings of sentences whose subject comes late, or never; a function returns, a program reports."""
BANNED = re.compile(
    rf"(?<![\w'-])(?i:{'|'.join(WORDS)})(?![\w-])|(?:^|(?<=[.:;?!] ))(?:{'|'.join(OPENINGS)})"
)

PROGRAMS = [
    *(ROOT / "transforms" / "labelhouse").rglob("*.py"),
    *(ROOT / "flows").glob("*.py"),
    *(ROOT / "deployments").rglob("*.py"),
    *(ROOT / "benchmarks").rglob("*.py"),
    *(ROOT / "docs").glob("*.py"),
]
STATEMENTS = [*(ROOT / "sql").rglob("*.sql"), *(ROOT / "benchmarks").rglob("*.sql")]
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "deployments").rglob("*.md"),
    *(ROOT / "benchmarks").rglob("*.md"),
]
SCRIPTS = [
    ROOT / "Makefile",
    ROOT / ".ci" / "run",
    ROOT / "pyproject.toml",
    *(ROOT / "sql").rglob("*.txt"),
    *(ROOT / "deployments").glob("*.*ml"),
    *(ROOT / "deployments" / "superset" / "source").glob("*.yaml"),
    ROOT / "deployments" / "superset" / "start.sh",
]
SPARED: dict[tuple[str, str], str] = {}
"""Words that stay, with the reason: by file and word."""


def texts(path: Path) -> Iterator[str]:
    """Yield what people read in a file, a paragraph, a run of comments or a string at a time."""
    text = path.read_text(encoding="utf-8")
    parts = {".py": of_program, ".sql": of_statement, ".md": of_page}.get(path.suffix, of_script)(text)
    return (" ".join(part.split()) for part in parts)


def of_program(text: str) -> Iterator[str]:
    """Yield the strings of a program (docstrings, messages, help, meanings of columns) and its comments."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.split(r"\n\s*\n", node.value)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]
    for _, run in groupby(enumerate(comments), lambda pair: pair[1][0] - pair[0]):
        yield " ".join(comment.lstrip("#:! ") for _, (_, comment) in run)


def of_statement(text: str) -> Iterator[str]:
    """Yield the header's sections, the comments and the texts of a SQL statement."""
    for is_comment, lines in groupby(text.splitlines(), lambda line: line.lstrip().startswith("--")):
        if is_comment:
            run = "\n".join(line.lstrip()[2:].removeprefix(" ") for line in lines)
            yield from re.split(r"^[a-z]+: ", run, flags=re.MULTILINE)
        else:
            yield from (match[1] for line in lines for match in re.finditer(r"'([^']*)'", line))


def of_page(text: str) -> Iterator[str]:
    """Yield the paragraphs, list items and cells of a page, without code."""
    prose = re.sub(r"```.*?```|`[^`\n]*`|^ {4}.*$", "_", text, flags=re.DOTALL | re.MULTILINE)
    parts = re.split(r"\n\s*\n|\n(?=(?:-|\d+\.) )|(?<=[^\\])\|", prose)
    return (re.sub(r"^\s*(?:-|#+|\d+\.) ", "", part) for part in parts)


def of_script(text: str) -> Iterator[str]:
    """Yield the runs of comments and the other lines of a script or a configuration."""
    for is_comment, lines in groupby(text.splitlines(), lambda line: line.lstrip().startswith("#")):
        if is_comment:
            yield " ".join(line.lstrip("# ") for line in lines)
        else:
            yield from (part for line in lines for part in re.split(r"#+ |: ", line))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PROGRAMS + STATEMENTS + PAGES + SCRIPTS, ids=named)
def test_sentences_are_plain(path: Path) -> None:
    banned_words = {word for text in texts(path) for word in BANNED.findall(text)}
    assert sorted(word for word in banned_words if (named(path), word) not in SPARED) == []


def test_every_word_that_is_spared_is_there() -> None:
    assert [
        (name, word)
        for name, word in SPARED
        if word not in {banned_word for text in texts(ROOT / name) for banned_word in BANNED.findall(text)}
    ] == []


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.py", '"""Whoever reads it.\n\nOf each a row.\n"""\n', ["Whoever", "Of each"]),
        ("a.py", "# So\n# many of them, and\n\n# many\nx = 1  # anew\n", ["So many", "anew"]),
        (
            "a.py",
            'raise Error("the key stands twice", where=f"{x} is no text")\n',
            ["stands twice", "is no text"],
        ),
        ("a.py", "nobody = told_of(anew)\n", []),
        (
            "a.sql",
            "-- Counts.\n-- columns: a (of which\n--   so many), b\n-- grain: attempt to load\n",
            ["so many", "attempt to load"],
        ),
        ("a.sql", "select 'it stands twice' -- Taken are all\n", ["stands twice"]),
        ("a.sql", "  -- Compared are only\n  -- labels.\nselect 1", ["Compared are"]),
        (
            "a.md",
            "`nobody` reads it\nanew\n\n- Kept are all. Who reads\n\n    vain\n",
            ["anew", "Kept are", "Who"],
        ),
        ("a.md", "| a | Of all rows |\n|---|---|\n| there is no text | it is no longer so |\n", ["Of all"]),
        ("Makefile", "a: b ## Make it anew\n\techo nobody\n# in\n# vain\n", ["anew", "nobody", "in vain"]),
    ],
)
def test_a_sentence_that_is_not_plain_is_found(
    tmp_path: Path, name: str, text: str, words: list[str]
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert [word for part in texts(tmp_path / name) for word in BANNED.findall(part)] == words
