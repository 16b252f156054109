"""What people see in a terminal: the commands of the README, recorded in screens/ for 80 and 140 columns.

`python -m tests.cli.screens` records them again. Look at what changed before you commit it.
"""

import json
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labelhouse.cli.sample import write_sample

from tests.support.command_line import end_server
from tests.support.terminal import screen_of

FOLDER = Path(__file__).parent / "screens"
WIDTHS = (80, 140)
QUICK = (
    ("ingest", "export.zip", "--project", "harbour"),
    (
        "query",
        "select category_name, supercategory, count(*) as labels from labels "
        "group by all order by 3 desc, 1",
    ),
    ("query", "from labels order by label_id limit 5"),
    ("query", "select category from labels"),
    ("ingest", "tonight", "--project", "harbour"),
    ("status",),
    ("changes",),
)
"""Commands of the short set, in the order in which they run."""
OTHERS = (
    ("--help",),
    ("ingest", "--help"),
    ("query", "--help"),
    ("ask", "--help"),
    ("changes", "--help"),
    ("export", "--help"),
    ("query", "from labels where category_name = 'Car' order by label_id limit 1"),
    ("query", "select * from labels", "--format", "parquet", "--output", "labels.parquet"),
    ("query", "select count(*) as labels from labels", "--as-of", "ingest:1"),
    ("query", "from lake.snapshots()"),
    ("query", "from ingests order by ingest_number"),
    ("query", "select * exclude (ingest_id) from documents order by all"),
    ("query", "from issues"),
    ("query", "from attributes order by all limit 7"),
    ("query", "select document_id, source, fingerprint from documents order by all"),
    ("query", "from labels order by all", "--columns", "label_id,category_name,bbox_w,bbox_h"),
    ("query", "from definitions where name = 'tracks'"),
    ("query", "show tables"),
    ("query", "describe categories"),
    ("query", "select * from label"),
    ("query", "select polygn_area(polygons)\nfrom labels"),
    ("query", "select count(*\nfrom labels"),
    ("query", "delete from documents"),
    ("ask",),
    ("ask", "labels_per_class", "--project", "harbour"),
    ("ask", "near_duplicates", "--describe"),
    ("ask", "near_duplicates", "--param", "min_iou=0.8", "--format", "csv", "--output", "near.csv"),
    ("ask", "label_history"),
    ("ask", "rejected_sources"),
    ("ask", "nobody_asked"),
    ("changes", "--since", "2026-01-31"),
    ("check",),
    ("check", "--project", "harbour", "--fail-on", "error"),
    ("export", "all.json.gz"),
    ("export", "cars.zip", "--where", "category_name = 'Car'"),
    ("export", "quay.json", "--documents", "qu*", "--shape", "single"),
    ("export", "none.json", "--documents", "nothing"),
    ("refresh",),
    ("query", "from class_balance order by label_count desc, category_name"),
    ("ask", "class_balance"),
    ("attach",),
    ("publish",),
    ("attach",),
    ("verify",),
    ("verify", "--accept"),
    ("maintain", "--dry-run"),
    ("restore", "--list"),
    ("migrate",),
    ("ingest", "ftp://example.org/export.zip"),
    ("ingest", "empty"),
    ("ingest", "export.zip", "--project", "harbour", "--dry-run"),
    ("status", "--warehouse", "elsewhere"),
    ("ingest", "nothing.zip", "--warehouse", "elsewhere"),
    ("status", "--warehouse", "elsewhere"),
)
_MASKS = (
    (re.compile(r"\b\d{4}-\d\d-\d\d(?=[ T]?\d\d:\d\d:\d\d)"), "2026-01-31"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "02:00:00"),
    (re.compile(r"\b\d+\.\d+ s\b"), "0.0 s"),
    (re.compile(r"^(seconds +)\d+\.\d+$", re.MULTILINE), r"\g<1>0.0"),
    (re.compile(r"\b\d{8}T\d{6}-(\d{6})-[0-9a-f]{6}\b"), r"20260131T020000-\1-000000"),
    (re.compile(r"\b\d{8}T\d{6}-(\d*)(?:-[0-9a-f]*)?(?=…)"), r"20260131T020000-\1"),
    (re.compile(r"\b\d{8}T\d+(?=…)"), "20260131T"),
    (re.compile(r"(\{\"change_id\": \")[0-9a-f]+"), r"\g<1>0"),
    (re.compile(r"\b\d+(\.\d)? (B|kB|MB)\b"), "0 kB"),
    (re.compile(r"/tmp/labelhouse-screens-\w{8}"), "/tmp/labelhouse-screens-00000000"),
)


def recorded(width: int) -> dict[str, str]:
    """Return what is recorded, by the line of the command."""
    text = (FOLDER / f"{width}.txt").read_text(encoding="utf-8")
    parts = re.split(r"^(\$ .*(?:\n> .*)*)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def screens(width: int, commands: tuple[tuple[str, ...], ...]) -> Iterator[tuple[str, str]]:
    """Run commands one after the other in a new folder; yield the line of each and what it shows."""
    folder = Path(tempfile.mkdtemp(prefix="labelhouse-screens-", dir="/tmp"))
    try:
        _write_nights(folder)
        for place, command in enumerate(commands):
            text, code = screen_of(command, width, folder)
            end = f"[exit code {code}]\n" if code else ""
            yield (
                f"{_line(command)}{'' if command not in commands[:place] else '  (again)'}",
                _masked(text) + end,
            )
    finally:
        shutil.rmtree(folder)


def _line(command: tuple[str, ...]) -> str:
    words = [word if re.fullmatch(r"[\w./:=,-]+", word) else f'"{word}"' for word in command]
    return "$ labelhouse " + " ".join(words).replace("\n", "\n> ")


def _masked(text: str) -> str:
    """Return a text with times, sizes and random ids replaced; runs of spaces before them are shortened."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


def _write_nights(folder: Path) -> None:
    """Write an export, and for tonight the same with changes beside a broken file."""
    write_sample(folder / "export.zip")
    with zipfile.ZipFile(folder / "export.zip") as archive:
        [member] = archive.namelist()
        documents: list[dict[str, Any]] = json.loads(archive.read(member))
    labels = documents[0]["annotations"]
    labels.pop(1)
    labels[0]["bbox"][0] += 5
    labels[1]["category_id"] = labels[0]["category_id"]
    (folder / "tonight").mkdir()
    (folder / "empty").mkdir()
    with zipfile.ZipFile(folder / "tonight" / "export.zip", "w") as archive:
        archive.writestr(member, json.dumps(documents))
    (folder / "tonight" / "broken.json").write_text(json.dumps(documents)[:2000])


def main() -> None:
    """Record everything again, or what the arguments name: widths."""
    for width in map(int, sys.argv[1:] or WIDTHS):
        parts = [f"{line}\n{text}" for line, text in screens(width, QUICK + OTHERS)]
        (FOLDER / f"{width}.txt").write_text("".join(parts), encoding="utf-8")
    end_server()


if __name__ == "__main__":
    main()
