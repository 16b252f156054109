"""Values of plain types are what typer makes of them, and typer refuses wrong ones, without pydantic."""

import subprocess
import sys
from typing import Any

import pytest
import typer
from labelhouse.cli.app import app
from labelhouse.cli.options import Settings
from labelhouse.cli.plain_values import take_plain_values
from labelhouse.errors import LabelhouseError
from typer.main import get_command

WRONG_USAGE: type[Exception] = typer.BadParameter.__mro__[1]

CALLS = (
    ["ingest", "a.json", "b.json"],
    ["ingest", "a.json", "--jobs", "2", "--project", "häfen", "--reader", "ijson", "--json"],
    ["ingest", "a.json", "--max-bad", "0.5", "--limit", "depth=5", "--limit", "seconds=1", "--full"],
    ["ingest", "a.json", "--jobs", "0"],
    ["ingest", "a.json", "--jobs", "two"],
    ["ingest", "a.json", "--reader", "fast"],
    ["ingest"],
    ["query", "select 1"],
    ["query", "select 1", "--format", "csv", "--output", "out.csv", "--timeout", "2"],
    ["query", "select 1", "--memory-limit", "1GB"],
    ["query", "select 1", "--output", "/"],
    ["query", "select 1", "--output", "a\0b"],
    ["query", "select 1", "--format", "CSV"],
    ["query", "select '\udcff'"],
    ["query", "select 1", "--memory-limit", "much"],
    ["ask", "labels_per_class", "--param", "a=1", "--param", "b=2"],
    ["check", "--fail-on", "error", "--rows", "7", "--sql", "mine"],
    ["status", "--json"],
    ["status", "--nothing"],
)


def outcome(arguments: list[str], *, plain: bool) -> Any:
    """Return the values of a call's parameters, or what refuses the call."""
    group: Any = get_command(app)
    if plain:
        take_plain_values(group)
    name, *rest = arguments
    try:
        before = group.make_context("labelhouse", ["--warehouse", "w", name], obj=Settings())
        called = group.commands[name].make_context(name, rest, parent=before)
    except (WRONG_USAGE, LabelhouseError, ValueError) as error:
        return type(error).__name__, getattr(error, "message", str(error))
    return before.params, called.params


@pytest.mark.parametrize("arguments", CALLS, ids=repr)
def test_plain_values_are_those_of_typer(arguments: list[str]) -> None:
    assert outcome(arguments, plain=True) == outcome(arguments, plain=False)


def test_plain_values_need_no_pydantic() -> None:
    code = (
        "import sys; from labelhouse.cli.app import main\n"
        "sys.argv = ['labelhouse', '--warehouse', 'none', 'ingest', 'a', '--jobs', '1', '--help']\n"
        "try: main()\n"
        "except SystemExit: print({'pydantic'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.endswith("set()\n"), done.stderr


def test_small_commands_need_neither_arrow_nor_numpy(tmp_path: Any) -> None:
    (tmp_path / "a.json").write_text('{"images": [], "annotations": [], "categories": []}')
    code = (
        "import sys; from labelhouse.cli.app import main\n"
        "sys.argv = ['labelhouse', *sys.argv[1:]]\n"
        "try: main()\n"
        "except SystemExit: print({'pyarrow', 'numpy', 'pydantic'} & set(sys.modules))"
    )
    for arguments in (["ingest", "a.json"], ["query", "select 1"], ["status"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=tmp_path
        )
        assert done.stdout.endswith("set()\n"), (arguments, done.stdout, done.stderr)
