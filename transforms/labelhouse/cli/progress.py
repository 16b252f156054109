"""Show progress to people: a progress bar, a line per source, the status.

Rich is imported where something is drawn: it takes as long as a small query.
"""

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from labelhouse.cli.layout import Ways, fitting_lines, whole_lines
from labelhouse.cli.people import size_text
from labelhouse.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

    from labelhouse.ingestion.run import IngestReport
    from labelhouse.maintenance.maintain import MaintainResult
    from labelhouse.querying.status import StatusResult
    from labelhouse.sources.finding import Source


@contextmanager
def ingest_progress() -> Iterator[Callable[["Source", int], None]]:
    """Show one bar over the bytes of all sources on a terminal, nothing elsewhere."""
    console = _terminal()
    if console is None:
        yield lambda _, __: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    # The load names each source before it reads the first, so that nothing has to be listed twice.
    read: dict[str, int] = {}
    sizes: dict[str, int] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def progress(source: "Source", position: int) -> None:
            read[source.path] = position
            if source.path not in sizes:
                sizes[source.path] = source.bytes
            done, total = sum(read.values()), sum(sizes.values())
            # The last bytes are read long before their rows are committed.
            is_read = done >= total > 0
            bar.update(
                task, completed=done, total=total, description="committing" if is_read else "reading"
            )

        yield progress


def _terminal() -> "Console | None":
    """Return the terminal that errors go to, if they go to one."""
    # What makes Rich see a terminal where there is none.
    is_forced = any(os.environ.get(name) for name in ("FORCE_COLOR", "TTY_COMPATIBLE"))
    if not (sys.stderr.isatty() or is_forced):
        return None
    from rich.console import Console

    console = Console(stderr=True)
    return console if console.is_terminal else None


@contextmanager
def verify_progress() -> Iterator[Callable[[int, int], None]]:
    """Show a bar over the bytes of all files on a terminal, nothing elsewhere."""
    console = _terminal()
    if console is None:
        yield lambda _, __: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def pull_progress() -> Iterator[Callable[[int, int], None]]:
    """Show a bar over the rows to fetch on a terminal, nothing elsewhere."""
    console = _terminal()
    if console is None:
        yield lambda _, __: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("listing", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total, description="fetching")


@contextmanager
def maintain_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show the step and a bar over all steps on a terminal, nothing elsewhere."""
    console = _terminal()
    if console is None:
        yield lambda *_: None
        return
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(TextColumn("{task.description}"), BarColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda step, done, total: bar.update(task, description=step, completed=done, total=total)


def maintained_lines(result: "MaintainResult") -> Iterator[str]:
    """Yield the lines on what a maintenance did, or would do."""
    for work in result.tables:
        line = f"{printable(work.table)}: {work.files_before:,} files, {size_text(work.bytes_before)}"
        if work.files_after is not None and work.bytes_after is not None:
            line += f" -> {work.files_after:,} files, {size_text(work.bytes_after)}"
        yield line + f" ({work.rewritten:,} rewritten)"
    yield (
        f"{'would be done: ' if result.dry_run else ''}{result.snapshots_expired:,} snapshots expired; "
        f"{result.files_removed:,} unused files and {result.orphans_removed:,} orphans removed, "
        f"{size_text(result.bytes_removed)}; {result.seconds:.1f} s"
    )
    if result.foreign_files:
        yield (
            f"note: {len(result.foreign_files):,} files below data/ are not the warehouse's and stay, "
            f"the first: {printable(result.foreign_files[0])}"
        )


_SHORT_NAMES = {
    "finished_at": "finished",
    "annotations": "labels",
    "error_code": "error",
    "number": "ingest",
}
_STATUS_WAYS = Ways("--json", "--json")


def how_to_see(reports: Sequence["IngestReport"], warehouse: Path) -> Iterator[str]:
    """Yield the commands that show quarantined records and issues."""
    for name, question in (("quarantined", "quarantine_reasons"), ("issues", "issues_by_code")):
        count = sum(int(str(report.row[name] or 0)) for report in reports if report.status == "committed")
        if count:
            yield f"{count:,} {name}: see them with {_command(warehouse)} ask {question}"


def _command(warehouse: Path) -> str:
    """Return how a person calls Labelhouse for a warehouse."""
    is_usual = warehouse == Path(os.environ.get("LABELHOUSE_WAREHOUSE") or "warehouse")
    return "labelhouse" if is_usual else f"labelhouse --warehouse {shlex.quote(str(warehouse))}"


def status_lines(result: "StatusResult", width: int | None) -> Iterator[str]:
    """Yield the lines of a status for a person; tables take at most `width`, or what they need."""
    snapshot = result.snapshot
    yield (
        f"{printable(result.warehouse)}: {result.files:,} files, {size_text(result.bytes)}, "
        f"snapshot {snapshot['snapshot_id']} of {snapshot['snapshot_time']:%Y-%m-%d %H:%M:%S} UTC"
    )
    backups = result.backups
    yield (
        f"{backups['copies']} copies of the catalog"
        + (f", the newest of snapshot {backups['snapshot_id']}" if backups["copies"] else "")
        + (f": {backups['problem']}" if backups["problem"] else "")
    )
    yield ", ".join(f"{count:,} {name}" for name, count in result.tables.items())
    for title, rows in (("projects", result.projects), ("last ingests", result.last_ingests)):
        if rows:
            yield ""
            yield title
            names, values = list(rows[0]), [list(row.values()) for row in rows]
            if width is None:
                yield from whole_lines(names, [values])
                continue
            short = [_SHORT_NAMES.get(name, name) for name in names]
            shown = fitting_lines(short, values, width, ways=_STATUS_WAYS, as_records=False, missing="")
            yield from shown
