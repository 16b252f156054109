"""The recipes run; those that need packages which are not here are named."""

import io
import re
from contextlib import closing, redirect_stdout
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest
from labelhouse.cli.sample import write_sample
from labelhouse.publishing.attach_sql import copied_sql, published_sql

from tests.support.command_line import run
from tests.support.sets import slow

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"
BLOCKS = re.findall(r"^```python *([\w ]*)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.M)
NOT_HERE = {"datasets", "fiftyone", "ibis", "pandas", "polars", "torch"}
"""What nobody has to install for the tests; matplotlib and pycocotools are in constraints.txt."""


@slow
def test_the_recipes_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_sample(tmp_path / "export.zip")
    names: dict[str, object] = {"__name__": "recipes"}
    missing: set[str] = set()
    for needs, block in BLOCKS:
        absent = {package for package in needs.split() if find_spec(package) is None}
        missing |= absent
        if not absent:
            with redirect_stdout(io.StringIO()):
                exec(compile(block, f"recipes.md: {block[:40]!r}", "exec"), names)
    assert missing <= NOT_HERE
    manifest = (tmp_path / "manifest.jsonl").read_text().splitlines()
    assert len(manifest) == 3
    assert '"split"' in manifest[0]
    assert not (tmp_path / "stolen.csv").exists()

    # The statements of `labelhouse attach` work in a DuckDB of their own.
    assert run("attach", cwd=tmp_path).returncode == 2
    assert run("publish", cwd=tmp_path).returncode == 0
    for sql in (
        published_sql(tmp_path / "warehouse"),
        copied_sql(tmp_path / "warehouse", tmp_path / "copy.sqlite", is_offline=True),
    ):
        with closing(duckdb.connect()) as engine:
            engine.execute(sql)
            assert engine.execute("select count(*) from labels").fetchone() == (29,)
    online = run("attach", "--copy", "another.sqlite", cwd=tmp_path).stdout
    assert online.count("INSTALL") == 2
    again = run("attach", "--copy", "another.sqlite", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (2, "")


def test_packages_that_are_not_here_are_marked() -> None:
    imported = set(re.findall(r"^(?:import|from) (\w+)", "\n".join(block for _, block in BLOCKS), re.M))
    marked = {package for needs, _ in BLOCKS for package in needs.split()}
    assert imported - {"labelhouse", "pyarrow", "concurrent"} == marked
