"""Show progress to people: a progress bar, a line per source, the status."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from labelhouse.ingestion.run import IngestReport
from labelhouse.maintenance.maintain import MaintainResult
from labelhouse.printable import printable
from labelhouse.querying.status import StatusResult
from labelhouse.sources.finding import Source, find_sources


@contextmanager
def ingest_progress(patterns: Sequence[str]) -> Iterator[Callable[[Source, int], None]]:
    """Show one bar over the bytes of all sources on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _, __: None
        return
    read: dict[str, int] = {}
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        total = sum(source.bytes for source in find_sources(patterns))
        task = bar.add_task("reading", total=total)

        def progress(source: Source, position: int) -> None:
            read[source.path] = position
            bar.update(task, completed=sum(read.values()))

        yield progress


@contextmanager
def verify_progress() -> Iterator[Callable[[int, int], None]]:
    """Show a bar over the bytes of all files on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _, __: None
        return
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def maintain_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show the step and a bar over all steps on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda *_: None
        return
    with Progress(TextColumn("{task.description}"), BarColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda step, done, total: bar.update(task, description=step, completed=done, total=total)


def maintained_lines(found: MaintainResult) -> Iterator[str]:
    """Yield the lines on what a maintenance did, or would do."""
    for work in found.tables:
        line = f"{printable(work.table)}: {work.files_before:,} files, {work.bytes_before / 1e6:,.1f} MB"
        if work.files_after is not None and work.bytes_after is not None:
            line += f" -> {work.files_after:,} files, {work.bytes_after / 1e6:,.1f} MB"
        yield line + f" ({work.rewritten:,} written anew)"
    yield (
        f"{'would be done: ' if found.dry_run else ''}{found.snapshots_expired:,} snapshots expired; "
        f"{found.files_removed:,} unused files and {found.orphans_removed:,} orphans removed, "
        f"{found.bytes_removed / 1e6:,.1f} MB; {found.seconds:.1f} s"
    )
    if found.foreign_files:
        yield (
            f"note: {len(found.foreign_files):,} files below data/ are not the warehouse's and stay, "
            f"the first: {printable(found.foreign_files[0])}"
        )


_WOULD = {"committed": "would commit", "unchanged": "would change nothing", "rejected": "would reject"}


def summary(report: IngestReport, *, dry_run: bool = False) -> str:
    """Return one line on the result of a source, or with `dry_run` on its expected result."""
    found = report.as_json()
    status = f"{_WOULD[report.status]:<22}" if dry_run else f"{report.status:<10}"
    line = f"{status}{printable(report.source)}"
    if report.status == "rejected":
        return line
    documents, rows = found["documents"], found["rows"]
    assert isinstance(documents, dict)
    assert isinstance(rows, dict)
    changes = ", ".join(f"{count:,} {kind}" for kind, count in documents.items() if count)
    line += f"  documents: {changes or 'none'}"
    if report.status == "committed":
        line += f"; {rows['images']:,} images, {rows['annotations']:,} annotations"
    for name in ("quarantined", "issues"):
        if found[name]:
            line += f"; {found[name]:,} {name}"
    return f"{line}; {found['seconds']:.1f} s"


def print_status(found: StatusResult) -> None:
    """Print the status for a person."""
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    snapshot = found.snapshot
    console.print(
        f"{printable(found.warehouse)}: {found.files:,} files, {found.bytes / 1e6:,.1f} MB, "
        f"snapshot {snapshot['snapshot_id']} of {snapshot['snapshot_time']:%Y-%m-%d %H:%M:%S} UTC"
    )
    backups = found.backups
    console.print(
        f"{backups['copies']} copies of the catalog"
        + (f", the newest of snapshot {backups['snapshot_id']}" if backups["copies"] else "")
        + (f": {backups['problem']}" if backups["problem"] else "")
    )
    console.print(" ".join(f"{name} {count:,}," for name, count in found.tables.items()).rstrip(","))
    for title, rows in (("projects", found.projects), ("last ingests", found.last_ingests)):
        if rows:
            console.print(f"\n{title}")
            console.print(_table(rows))


def _table(rows: list[dict[str, object]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    last = len(rows[0]) - 1
    for index, (name, value) in enumerate(rows[0].items()):
        justify: Literal["left", "right"] = "right" if isinstance(value, int) else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=index < last)
    for row in rows:
        table.add_row(*(Text(_shown(value)) for value in row.values()))
    return table


def _shown(value: object) -> str:
    if value is None:
        return ""
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{value:,}" if isinstance(value, int) else printable(str(value))
