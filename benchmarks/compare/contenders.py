"""Name the contenders of the comparison: how each is called and what it does of the work."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inputs.grow import CACHE, ROOT

HERE = Path(__file__).absolute().parent
PEERS_VENV = CACHE / "peers-venv"
REQUIREMENTS = HERE / "peers" / "requirements.txt"

ALL_TABLES = "all tables to Parquet"


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to load an export: a command that takes sources and a {folder} to fill.

    `does` says what of the work it does, `remark` what else one should know of it, `files` where a
    table's Parquet files lie in the folder; None if it makes other tables, which are not compared.
    """

    name: str
    title: str
    arguments: tuple[str, ...]
    does: str
    remark: str
    files: str | None = None
    takes_zip: bool = False
    is_peer: bool = True

    def command(self, sources: Sequence[Path], folder: Path) -> list[str]:
        """Return the command line of one run."""
        command = [str(_peers_python()) if self.is_peer else sys.executable]
        for part in self.arguments:
            if part == "{sources}":
                command += map(str, sources)
            else:
                command.append(part.format(folder=folder, here=HERE))
        return command


def environment() -> dict[str, str]:
    """Return the environment of contenders: peers find the schema and each other, and none calls home."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "transforms"), str(ROOT)]),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "FIFTYONE_DO_NOT_TRACK": "true",
    }


def _peers_python() -> Path:
    """Return the interpreter that `make bench-peers` made, else this one."""
    python = PEERS_VENV / "bin" / "python"
    return python if python.is_file() else Path(sys.executable)


def _labelhouse(reader: str, jobs: int) -> Contender:
    processes = "1 process" if jobs == 1 else f"{jobs} processes"
    is_default = reader == "native"
    name = f"labelhouse-{jobs}" if is_default else f"labelhouse-{reader}-{jobs}"
    return Contender(
        name,
        f"Labelhouse, {reader}, {processes}",
        (
            *("-m", "labelhouse", "--warehouse", "{folder}", "ingest", "{sources}"),
            *(() if is_default else ("--reader", reader)),
            *("--jobs", str(jobs), "--json"),
        ),
        f"{ALL_TABLES}, checks, fingerprints, checksums, commit",
        "the whole command. Unknown keys, and the original of every value that was taken for another, are "
        "in `extra`; URLs are stored without their secret parts",
        files="data/main/{table}/*.parquet",
        takes_zip=True,
        is_peer=False,
    )


def _peer(
    script: str, title: str, does: str, remark: str, *, name: str | None = None, **rest: str | bool | None
) -> Contender:
    module, *arguments = script.split()
    return Contender(
        name or module,
        title,
        (f"{{here}}/peers/{module}.py", *arguments, "{folder}", "{sources}"),
        does,
        remark,
        **rest,  # type: ignore[arg-type]
    )


_PARQUET = "{table}.parquet"

CONTENDERS = (
    *(_labelhouse(reader, jobs) for reader in ("native", "bulk", "ijson") for jobs in (1, 2)),
    _peer(
        "duckdb_lean",
        "DuckDB `read_json`, lean",
        "all tables to Parquet, but what has no column",
        "one statement a table and nothing else: no checks, no category sets, no identity of documents; "
        "answers stay JSON; one value of another type fails the file",
        name="duckdb-lean",
    ),
    _peer(
        "duckdb_read_json duckdb_typed",
        "DuckDB `read_json`, typed",
        ALL_TABLES,
        "drops every key that has no column, and one value of another type fails the file",
        name="duckdb-typed",
        files=_PARQUET,
    ),
    _peer(
        "duckdb_read_json duckdb_json",
        "DuckDB `read_json`, cast",
        ALL_TABLES,
        "what is left where the typed reader fails: records as JSON, cast column by column. Coerces in "
        "silence; category lists that differ only in the order of keys count as two",
        name="duckdb-cast",
        files=_PARQUET,
    ),
    _peer(
        "polars_read_json",
        "Polars `read_json`",
        "3 tables to Parquet, keypoints and attributes left nested",
        "infers one type a key from the whole file",
        name="polars",
    ),
    _peer(
        "json_pyarrow",
        "`json.load` + pyarrow",
        ALL_TABLES,
        "coerces what it was written for in silence, fails on anything else; secret parts of URLs stay",
        name="json",
        files=_PARQUET,
        takes_zip=True,
    ),
    _peer(
        "orjson_pyarrow",
        "orjson + pyarrow",
        ALL_TABLES,
        "as `json.load` + pyarrow",
        name="orjson",
        files=_PARQUET,
        takes_zip=True,
    ),
    _peer(
        "edgefirst",
        "edgefirst-client `coco_to_arrow`",
        "annotations alone to Parquet",
        "converts to a form of its own: boxes in 32 bits and normalised, other keys dropped",
    ),
    _peer(
        "dlt_ijson",
        "dlt with ijson",
        "annotations alone into a DuckDB file",
        "nested values are kept as JSON, which is its fast way",
        name="dlt",
        takes_zip=True,
    ),
    _peer(
        "fiftyone_parser",
        "FiftyOne's COCO parser",
        "load only",
        "`load_coco_detection_annotations`, as its importer calls it; its database is not needed",
        name="fiftyone",
    ),
    _peer("hotcoco_load", "hotcoco", "load only", "`COCO(path)` with its index, in Rust", name="hotcoco"),
    _peer("kwcoco_load", "kwcoco", "load only", "`CocoDataset(path)` with its index", name="kwcoco"),
    _peer(
        "pycocotools_load", "pycocotools", "load only", "`COCO(path)` with its index", name="pycocotools"
    ),
)


def chosen(names: Sequence[str]) -> list[Contender]:
    """Return the contenders of these names in their order. Raises ValueError for an unknown one."""
    known = {contender.name: contender for contender in CONTENDERS}
    for name in names:
        if name not in known:
            raise ValueError(f"{name} is not one of {', '.join(known)}")
    return [contender for contender in CONTENDERS if not names or contender.name in names]


def pinned_versions() -> str:
    """Return what requirements.txt pins, in one line."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    return ", ".join(line.replace("==", " ") for line in lines if line and not line.startswith("#"))
