"""Names say what a thing is, and a class name means one thing."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "transforms" / "labelhouse"
PROGRAMS = sorted(
    path
    for folder in (
        PACKAGE,
        *(ROOT / name for name in ("flows", "benchmarks", "deployments", "docs", "tests")),
    )
    for path in folder.rglob("*.py")
)
EMPTY = {"found", "told", "given"}
"""They say that something is there, not what it is: the match, the rows, the header, the parameters."""

NAMING = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    *(ast.ExceptHandler, ast.MatchAs, ast.MatchStar),
)
"""Nodes that bind what their `name` says."""


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def bound_names(tree: ast.AST) -> set[str]:
    """Return the names that a program gives to variables, attributes, parameters, functions and so on."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
        elif isinstance(node, NAMING) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.alias) and node.asname:
            names.add(node.asname)
    return names


def types(tree: ast.Module) -> set[str]:
    """Return the names of a module's classes and type aliases."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {name.id for name in targets if isinstance(name, ast.Name) and is_of_type(name.id)}
    return names


def is_of_type(name: str) -> bool:
    return name.strip("_")[:1].isupper() and not name.isupper()


@pytest.mark.parametrize("path", PROGRAMS, ids=named)
def test_names_say_what_a_thing_is(path: Path) -> None:
    assert bound_names(ast.parse(path.read_text(encoding="utf-8"))) & EMPTY == set()


def test_an_empty_name_is_found() -> None:
    text = "def f(given):\n    if found := [told for told in given]:\n        return found\n"
    assert bound_names(ast.parse(text)) & EMPTY == EMPTY


@pytest.mark.parametrize(
    "text",
    [
        "self.found = 1",
        "import re as found",
        "async def found(): pass",
        "try: pass\nexcept ValueError as found: pass",
        "match 1:\n    case found: pass",
    ],
)
def test_an_empty_name_is_found_wherever_it_is_bound(text: str) -> None:
    assert bound_names(ast.parse(text)) & EMPTY == {"found"}


def test_a_verb_of_another_library_is_no_name_of_ours() -> None:
    text = "from hypothesis import given\n\n@given(VALUES)\ndef test_what_is_found(): pass\n"
    assert bound_names(ast.parse(text)) & EMPTY == set()


def test_a_class_name_means_one_thing() -> None:
    places: defaultdict[str, set[str]] = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        for name in types(ast.parse(path.read_text(encoding="utf-8"))):
            places[name].add(named(path))
    assert {name: sorted(paths) for name, paths in places.items() if len(paths) > 1} == {}
