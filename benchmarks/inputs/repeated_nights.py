"""Make a warehouse of any size by loading real exports again and again under other names.

    python -m benchmarks.inputs.repeated_nights [--annotations 10000000] [list] [FILE ...]

A night is one export: the documents of the corpus's large list, and those of its Encord exports a
hundred times over, every one with file names, and so data hashes, of its own. Each night is loaded by
`labelhouse ingest` as a source of its own, and its JSON is deleted except for the first ones. What has
been made is kept; a warehouse of another size or schema is made again.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from labelhouse.schema.warehouse_tables import TABLES

from benchmarks.inputs.grow import CACHE, corpus, grown, replacing, source_of

KEPT_NIGHTS = 1
"""Nights to keep as JSON, too."""
ENCORD_TIMES = 100
_FILE_NAME = re.compile(rb'("file_name"\s*:\s*")((?:images|videos|dicom|nifti|pdfs)/)?')


@dataclass(frozen=True, slots=True)
class Nights:
    """A warehouse, the JSON of its first nights, and how many annotations and nights it holds."""

    warehouse: Path
    json_files: tuple[Path, ...]
    annotations: int
    nights: int


def base_sources(names: Sequence[str], cache: Path) -> list[tuple[Path, int]]:
    """Return plain JSON files and how often a night repeats each."""
    if names:
        return [(grown(source_of(name, cache), 1, cache), 1) for name in names]
    encord = sorted((corpus() / "encord").glob("encord_sdk_export*.json"))
    return [
        (grown(source_of("list", cache), 1, cache), 1),
        *((grown(path, 1, cache), ENCORD_TIMES) for path in encord),
    ]


def write_night(sources: Sequence[tuple[Path, int]], night: int, target: Path) -> None:
    """Write the export of one night; holds one source."""
    with replacing(target) as out:
        separator = b"["
        for source, times in sources:
            text = source.read_bytes().strip()
            documents = text[1:-1] if text.startswith(b"[") else text
            for copy in range(times):
                out.write(separator + _renamed(documents, f"n{night}-{copy}-".encode()))
                separator = b","
        out.write(b"]")


def _renamed(documents: bytes, prefix: bytes) -> bytes:
    return _FILE_NAME.sub(lambda match: match[1] + (match[2] or b"") + prefix, documents)


def nights(names: Sequence[str], annotations: int, cache: Path) -> Nights:
    """Return a warehouse of at least this many annotations; makes it if it is not there.

    Raises RuntimeError if a night cannot be loaded.
    """
    folder = cache / f"nights-{annotations}"
    note = folder / "nights.json"
    sources = base_sources(names, cache)
    wanted = {"sources": [[path.name, times] for path, times in sources], "schema": _schema()}
    if note.is_file():
        noted = json.loads(note.read_text(encoding="utf-8"))
        if noted["made_of"] == wanted:
            return _nights(folder, noted["annotations"], noted["nights"])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    loaded = number = 0
    for number, added in enumerate(_load(sources, folder)):
        loaded += added
        print(f"night {number + 1}: {loaded:,} annotations", file=sys.stderr)
        if loaded >= annotations:
            break
    record = {"made_of": wanted, "annotations": loaded, "nights": number + 1}
    note.write_text(json.dumps(record), encoding="utf-8")
    return _nights(folder, loaded, number + 1)


def _nights(folder: Path, annotations: int, count: int) -> Nights:
    kept = tuple(folder / f"night-{night}.json" for night in range(min(KEPT_NIGHTS, count)))
    return Nights(folder / "warehouse", kept, annotations, count)


def _load(sources: Sequence[tuple[Path, int]], folder: Path) -> Iterator[int]:
    """Load night after night, without end; yield the annotations that each added."""
    night = 0
    while True:
        export = folder / f"night-{night}.json"
        write_night(sources, night, export)
        command = [sys.executable, "-m", "labelhouse", "--warehouse", str(folder / "warehouse")]
        done = subprocess.run(
            [*command, "ingest", str(export), "--json"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"night {night} was not loaded: {done.stderr.strip()}")
        if night >= KEPT_NIGHTS:
            export.unlink()
        night += 1
        yield int(json.loads(done.stdout)["rows"]["annotations"])


def _schema() -> str:
    columns = [f"{table.name}.{c.name} {c.sql_type}" for table in TABLES for c in table.columns]
    return hashlib.sha256("\n".join(columns).encode()).hexdigest()[:16]


def main() -> None:
    """Make a warehouse and print where it is."""
    parser = argparse.ArgumentParser(description="Make a warehouse of many nights of real labels.")
    parser.add_argument("inputs", nargs="*", help="a night, if not the corpus's list and Encord exports")
    parser.add_argument("--annotations", type=int, default=10_000_000, help="at least this many")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder to keep it in")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    made = nights(options.inputs, options.annotations, options.cache)
    print(f"{made.warehouse}: {made.annotations:,} annotations of {made.nights} nights")


if __name__ == "__main__":
    main()
