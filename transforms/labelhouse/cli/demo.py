"""Show three nights of two projects: what each brought, changed and got wrong; then label rows."""

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import labelhouse
from labelhouse.cli.sample_nights import HARBOUR, NIGHTS, ROADS, write_nights
from labelhouse.cli.sample_rows import FOLDER, MARKET, write_label_rows
from labelhouse.files.output_stream import output_error
from labelhouse.lake.warehouse_folder import require_place_for_warehouse
from labelhouse.printable import printable
from labelhouse.sql_library.headers import SEVERITIES
from labelhouse.sql_library.statements import statement

WIDTH = 80
_QUESTION = "automation_by_class"
_ROWS_PROJECT = "market"
_ROWS_HEADING = "LABEL ROWS: Encord's other export says who, when, and what is required"
_STATES = ("added", "changed", "renumbered", "unchanged")
_KINDS = ("added", "removed", "changed")
_HEADINGS = (
    "NIGHT 1: everything is new",
    "NIGHT 2: other ids, a day's work, and a file that is cut short",
    "NIGHT 3: three mistakes, and the file comes whole",
)


def load_night(folder: Path, warehouse: Path) -> None:
    """Load the exports of a night."""
    labelhouse.ingest(warehouse, folder / HARBOUR, project="harbour", jobs=1)
    labelhouse.ingest(warehouse, [folder / name for name in ROADS], project="roads", jobs=1)


def run_demo(
    folder: Path, say: Callable[[str], None], load: Callable[[Path, Path], None] = load_night
) -> None:
    """Write three nights of exports below `folder`, load each with `load`, and tell what happened.

    A second run loads the same bytes, which changes nothing. Raises UsageError for a folder in which one of
    the names is taken by something else, and OutputError if it cannot be written.
    """
    warehouse = folder / "warehouse"
    require_place_for_warehouse(warehouse)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_first = not warehouse.exists()
        write_nights(folder)
        write_label_rows(folder / FOLDER)
    except OSError as error:
        raise output_error(error, str(folder)) from None
    _say_wrapped(say, "", _INTRODUCTION.format(folder=folder) + (_FIRST if is_first else _AGAIN))
    last, failing, ends = 0, dict[str, int](), list[int]()
    for night, heading in zip(NIGHTS, _HEADINGS, strict=True):
        before = last or _last_ingest(warehouse)
        load(folder / night, warehouse)
        say(f"\n{heading}")
        last = _say_loads(say, warehouse, before)
        if ends:
            _say_changes(say, warehouse, ends[-1])
        failing = _say_checks(say, warehouse, failing)
        ends.append(last)
    _say_comparison(say, warehouse, ends[0])
    _say_question(say, warehouse)
    labelhouse.ingest(warehouse, folder / FOLDER / MARKET, project=_ROWS_PROJECT, jobs=1)
    say(f"\n{_ROWS_HEADING}")
    _say_loads(say, warehouse, last)
    _say_people(say, warehouse)
    say(f"\nReport: {_report(warehouse)}")
    say(_NEXT.format(command=_command(), warehouse=warehouse))


def _last_ingest(warehouse: Path) -> int:
    if not warehouse.exists():
        return 0
    [[number]] = _rows(warehouse, "select coalesce(max(ingest_number), 0) from ingests")
    assert isinstance(number, int)
    return number


def _say_loads(say: Callable[[str], None], warehouse: Path, after: int) -> int:
    """Say what each ingest after a number did; return the number of the last one."""
    number = after
    for row in _rows(warehouse, statement("cli/demo_night"), after=after):
        number, status, source, *counts, code, error = row
        head = f"  {status:<11}{Path(source).name:<18}"
        if status == "rejected":
            _say_wrapped(say, head, f"{code}: {error.removeprefix(f'{source}: ')}")
            continue
        say(f"{head}documents: {_counted(_STATES, counts[:4])}")
        if any(counts[4:]):
            say(f"{' ' * len(head)}labels: {_counted(_KINDS, counts[4:])}")
    return number


def _say_changes(say: Callable[[str], None], warehouse: Path, since: int) -> None:
    """Say what has changed since an ingest, by class."""
    with labelhouse.changes(warehouse, since=f"ingest:{since}") as result:
        counts, fields = result.counts, result.fields
    if not counts:
        return
    rows = [(one.project, one.category, one.added, one.removed, one.changed) for one in counts]
    say(f"Changed since ingest {since} (changes --since ingest:{since}):")
    _say_table(say, ("project", "class", *_KINDS), rows)
    if fields:
        _say_wrapped(say, "  ", f"What differs: {_counted(fields, fields.values())}")


def _say_checks(say: Callable[[str], None], warehouse: Path, before: dict[str, int]) -> dict[str, int]:
    """Say which checks fail that did not fail before, and which still do; return how often each fails."""
    checks = [one for one in labelhouse.check(warehouse, shown_rows=1).checks if one.is_failing]
    titles = dict(_rows(warehouse, "select document_id, title from documents"))
    say("Likely wrong (check):")
    same = []
    checks = [one for one in checks if one.worst_severity != "info"]
    for one in sorted(checks, key=lambda one: SEVERITIES.index(one.worst_severity)):
        if before.get(one.name) == one.count:
            same.append((one.name, one.count))
            continue
        row = dict(zip(one.columns, one.rows[0], strict=True)) if one.rows else {}
        place = titles.get(row.get("document_id")) or row.get("project")
        head = f"  {one.worst_severity:<9}{one.name:<22}{one.count:>3}  "
        _say_wrapped(say, head, f"{place}: {row.get('what')}")
    if same:
        _say_wrapped(say, "  ", f"as before: {_counted(*zip(*same, strict=True))}")
    return {one.name: one.count for one in checks}


def _say_comparison(say: Callable[[str], None], warehouse: Path, first: int) -> None:
    """Say how many labels each class had on the first night, and has now."""
    sql = statement("cli/demo_classes")
    then, now = dict(_rows(warehouse, sql, f"ingest:{first}")), dict(_rows(warehouse, sql))
    say(f"\nLabels of harbour on night 1 (--as-of ingest:{first}), and now:")
    rows = [(name, then.get(name, 0), now.get(name, 0)) for name in sorted({*then, *now})]
    _say_table(say, ("class", "night 1", "now"), [row for row in rows if row[1] != row[2]])


def _say_question(say: Callable[[str], None], warehouse: Path) -> None:
    """Say the answer to a question."""
    with labelhouse.ask(warehouse, _QUESTION, values={"project": "harbour"}) as result:
        rows = result.fetchall()
    say(f"\nBy hand or automated? (ask {_QUESTION})")
    shown = [
        (name, manual, automated, f"{rate:.0%}") for _, name, _, manual, automated, _, rate in rows[:4]
    ]
    _say_table(say, ("class", "by hand", "automated", "share"), shown)


def _say_people(say: Callable[[str], None], warehouse: Path) -> None:
    """Say who worked on the label rows, and what is open in them."""
    project = {"project": _ROWS_PROJECT}
    with labelhouse.ask(warehouse, "labels_per_person_and_day", values=project) as result:
        days = result.fetchall()
    say("Created and edited by each person (ask labels_per_person_and_day):")
    rows = [
        (str(day), person or "unknown", created, edited) for _, day, person, created, edited, *_ in days
    ]
    _say_table(say, ("day", "person", "created", "edited"), rows)
    with labelhouse.ask(warehouse, "required_answers", values=project) as result:
        required = result.fetchall()
    say("Answers that the ontology requires (ask required_answers):")
    rows = [(name, question, asked, left) for _, _, name, question, asked, left, _ in required]
    _say_table(say, ("class", "question", "asked", "open"), rows)


def _report(warehouse: Path) -> str:
    """Write the report and return where it is, or what it needs."""
    try:
        return os.path.relpath(labelhouse.report(warehouse).path)
    except labelhouse.LabelhouseError as error:
        if "labelhouse[report]" not in error.remedy:
            raise
        return f"{error.remedy} installs what draws the report"


def _rows(warehouse: Path, sql: str, as_of: str | None = None, **values: object) -> list[tuple[Any, ...]]:
    with labelhouse.query(warehouse, sql, as_of=as_of, values=values or None) as result:
        return result.fetchall()


def _counted(names: Iterable[object], counts: Iterable[int]) -> str:
    """Return the counts above 0 with their names."""
    return (
        ", ".join(f"{count:,} {name}" for name, count in zip(names, counts, strict=True) if count) or "none"
    )


def _say_table(say: Callable[[str], None], names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Say rows in columns: texts to the left, numbers to the right."""
    texts = [[printable(str(value)) for value in row] for row in (names, *rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    is_text = [isinstance(value, str) and not value.endswith("%") for value in rows[0]] if rows else []
    for row in texts:
        cells = [
            text.ljust(width) if left else text.rjust(width)
            for text, width, left in zip(row, widths, is_text or [True] * len(row), strict=True)
        ]
        say(_cut(f"  {'  '.join(cells)}".rstrip()))


def _say_wrapped(say: Callable[[str], None], head: str, text: str) -> None:
    """Say a text after a head, on as many lines as it takes."""
    for line in textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
    ):
        say(line)


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def _command() -> str:
    """Return the command that a person types here to run the command line."""
    beside = Path(sys.executable).with_name("labelhouse")
    is_below = beside.exists() and beside.is_relative_to(Path.cwd())
    return os.path.relpath(beside) if is_below and not shutil.which("labelhouse") else "labelhouse"


_INTRODUCTION = (
    "Three nights of exports, below {folder}. harbour is an Encord export of images and videos, roads is "
    "plain COCO in two files, market Encord's label rows. "
)
_FIRST = "They are loaded one after the other."
_AGAIN = (
    "The warehouse has them already, so nothing changes: remove the folder to see the story again, or "
    "choose another --to."
)
_NEXT = """
Try next:
  {command} --warehouse {warehouse} ask labels_per_class
  {command} --warehouse {warehouse} changes
  {command} --warehouse {warehouse} check
  {command} ingest YOUR-EXPORT.zip --project NAME"""
