"""What a configuration of nights may hold: home folders, variables, texts of Windows, odd bytes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from labelhouse.errors import UsageError
from labelhouse.scheduling.configuration import Configuration, SourceTable, read_configuration

from tests.support.sets import slow, some

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("LABELHOUSE_WAREHOUSE", raising=False)
    monkeypatch.delenv("NO_SUCH_NAME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EXPORTS", str(tmp_path / "exports"))
    monkeypatch.setenv("NIGHT", "2026-11-28")
    monkeypatch.setenv("NOTHING", "")
    monkeypatch.setenv("SIGNED", "https://user:CANARY@host")
    return tmp_path / "sources.toml"


EXPANDED = {
    "~": "{tmp}/home",
    "~/exports/*.zip": "{tmp}/home/exports/*.zip",
    "$EXPORTS/a.zip": "{tmp}/exports/a.zip",
    "${EXPORTS}/a-$NIGHT.zip": "{tmp}/exports/a-2026-11-28.zip",
    "a-${NIGHT}b.zip": "{tmp}/a-2026-11-28b.zip",
    "~/$NIGHT": "{tmp}/home/2026-11-28",
    "$$RECYCLE.BIN/$$$NIGHT": "{tmp}/$RECYCLE.BIN/$2026-11-28",
    "a~b/~": "{tmp}/a~b/~",
    "./~": "{tmp}/~",
}


@pytest.mark.parametrize("written", EXPANDED)
def test_home_folders_and_variables_stand_for_what_they_do_in_a_shell(
    tmp_path: Path, file: Path, written: str
) -> None:
    file.write_text(f"warehouse = '{written}'\n[[source]]\npath = ['x', '{written}']\n", encoding="utf-8")
    expected = EXPANDED[written].format(tmp=tmp_path)
    assert read_configuration(file) == Configuration(
        warehouse=Path(expected),
        sources=(SourceTable("default", (f"{tmp_path}/x", expected), full=False, may_be_empty=False),),
    )


UNKNOWN = {
    "$NO_SUCH_NAME/a": "names the variable 'NO_SUCH_NAME', which is not set; set it, or write $$",
    "a${NO_SUCH_NAME}": "names the variable 'NO_SUCH_NAME', which is not set; set it, or write $$",
    "$NOTHING/a": "names the variable 'NOTHING', which is not set; set it, or write $$",
    "a$": "has a $ without a name; write $NAME, or $$ for a dollar",
    "$/a": "has a $ without a name; write $NAME, or $$ for a dollar",
    "${}/a": "has a $ without a name; write $NAME, or $$ for a dollar",
    "~nosuchperson/a": "begins with a home folder that is not known; write ./~ for a file of that name",
}


@pytest.mark.parametrize("written", UNKNOWN)
@pytest.mark.parametrize("key", ["path", "warehouse"])
def test_what_stands_for_nothing_is_refused_in_one_line(file: Path, written: str, key: str) -> None:
    lines = {
        "path": f"[[source]]\npath = '{written}'",
        "warehouse": f"warehouse = '{written}'\n[[source]]\npath='a'",
    }
    file.write_text(lines[key], encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(f"{key} {UNKNOWN[written]}")) as caught:
        read_configuration(file)
    assert "\n" not in str(caught.value)
    assert not any(path.name.startswith(("~", "$")) for path in file.parent.iterdir())


def test_a_variable_that_holds_a_url_is_refused_and_not_shown(file: Path) -> None:
    file.write_text("[[source]]\npath = '$SIGNED/a.zip'", encoding="utf-8")
    with pytest.raises(UsageError, match="path is an address with a query or a password") as caught:
        read_configuration(file)
    assert "CANARY" not in str(caught.value)


def test_a_text_with_a_byte_order_mark_is_read(tmp_path: Path, file: Path) -> None:
    text = 'warehouse = "w"\r\n[[source]]\r\npath = "é.zip"\r\nmay_be_empty = true\r\n'
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    source = SourceTable("default", (str(tmp_path / "é.zip"),), full=False, may_be_empty=True)
    assert read_configuration(file) == Configuration(tmp_path / "w", (source,))


ODD = {
    "NUL in a path": (b'[[source]]\npath = "a\\u0000b"', "[[source]] 1: path holds a NUL; take it out"),
    "NUL in a project": (
        b'[[source]]\npath = "a"\nproject = "\\u0000"',
        "project holds a NUL; take it out",
    ),
    "NUL in the warehouse": (b'warehouse = "\\u0000"\n[[source]]\npath = "a"', "warehouse holds a NUL"),
    "NUL in the text": (b'[[source]]\npath = "a\x00b"', "it is not TOML"),
    "UTF-16": ('[[source]]\npath = "a"'.encode("utf-16"), "it is not UTF-8; save it as UTF-8"),
    "deep": (b"a = " + b"[" * 100_000, "it is nested too deeply; mend that place"),
    "may_be_empty is a text": (
        b'[[source]]\npath = "a"\nmay_be_empty = "yes"',
        "may_be_empty is neither true nor false; write may_be_empty = true",
    ),
}


@pytest.mark.parametrize(("content", "message"), ODD.values(), ids=ODD)
def test_odd_contents_are_refused_in_one_line(file: Path, content: bytes, message: str) -> None:
    file.write_bytes(content)
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        read_configuration(file)
    line = str(caught.value)
    assert line.startswith(str(file))
    assert "\n" not in line
    assert "\0" not in line


def test_a_configuration_whose_path_holds_a_nul_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_configuration(f"{tmp_path}/a\0b.toml")
    assert str(caught.value) == f"{tmp_path}/a\\0b.toml: the path holds a NUL; give the path of a TOML file"


@slow
@pytest.mark.parametrize("flow", some(["ingest.py", "maintain.py"]))
def test_a_flow_that_is_run_as_a_script_says_how_to_run_it(tmp_path: Path, flow: str) -> None:
    pytest.importorskip("prefect")
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path), "DO_NOT_TRACK": "1"}
    done = subprocess.run(
        [sys.executable, ROOT / "flows" / flow], env=environment, capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"{flow} is a Prefect flow and did nothing: run it with 'prefect deployment"
    )
    assert done.stderr.count("\n") == 1
