"""Draw the rooms of the package: each layer from the top down, what a room is, and its modules."""

import ast
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "transforms" / "labelhouse"
_INDENT = 19
_WIDTH = 108


def layers() -> list[str]:
    """Return the rooms and the modules of the root, from the top layer of pyproject.toml down."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    [stack] = (contract["layers"] for contract in contracts["contracts"] if contract["id"] == "layers")
    return [name.strip() for layer in stack for name in layer.split("|")]


def drawing() -> str:
    """Return the tree as text."""
    return "\n".join(line for name in layers() for line in _room(name))


def _room(name: str) -> Iterator[str]:
    folder = PACKAGE / name
    if not folder.is_dir():
        yield from _said(name, PACKAGE / f"{name}.py")
        return
    yield from _said(f"{name}/", folder / "__init__.py")
    yield from _indented(", ".join(_modules(folder)))
    for inner in sorted(path.parent for path in folder.glob("*/__init__.py")):
        yield from _indented(f"{inner.name}/: {', '.join(_modules(inner))}")


def _said(name: str, path: Path) -> Iterator[str]:
    sentence = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[0]
    yield from textwrap.wrap(
        sentence, _WIDTH, initial_indent=name.ljust(_INDENT), subsequent_indent=" " * _INDENT
    )


def _indented(text: str) -> list[str]:
    indent = " " * _INDENT
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)


def _modules(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
