"""Show the main job from start to end on a small sample."""

import io
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import labelhouse
from labelhouse.cli.progress import summary
from labelhouse.cli.results import write_table
from labelhouse.cli.sample import write_sample
from labelhouse.files.output_stream import output_error
from labelhouse.lake.warehouse_folder import require_place_for_warehouse
from labelhouse.sql_library.statements import statement

_QUESTIONS = ("demo_labels_per_class", "demo_answers", "demo_tracks")


def run_demo(folder: Path, say: Callable[[str], None]) -> None:
    """Write a sample export below `folder`, load it, print three questions with their answers, and report.

    A second run loads the same bytes, which changes nothing. Raises UsageError for a folder in which one of
    the two names is taken by something else, and OutputError if it cannot be written.
    """
    export = folder / "export.zip"
    warehouse = folder / "warehouse"
    require_place_for_warehouse(warehouse)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(error, str(folder)) from None
    write_sample(export)
    say(f"sample export: {export}, in the shape of Encord's COCO export")
    loaded = labelhouse.ingest(warehouse, export, project="harbour", jobs=1)
    for report in loaded.reports:
        say(summary(report))
    for name in _QUESTIONS:
        sql = statement(f"cli/{name}")
        say("\n" + sql.partition("\n")[0].replace("-- ", ""))
        out = io.BytesIO()
        with labelhouse.query(warehouse, sql) as result:
            write_table(result, out)
        say(out.getvalue().decode().rstrip())
    say(f"\nreport: {_report(warehouse)}")
    say(_NEXT.format(command=_command(), warehouse=warehouse))


def _report(warehouse: Path) -> str:
    """Write the report and return where it is, or what it needs."""
    try:
        return labelhouse.report(warehouse).path
    except labelhouse.LabelhouseError as error:
        if "labelhouse[report]" not in error.remedy:
            raise
        return f"{error.remedy} brings what draws it"


def _command() -> str:
    """Return the command that a person types here to run the command line."""
    return "labelhouse" if shutil.which("labelhouse") else os.path.relpath(sys.argv[0])


_NEXT = """
Try next:
  {command} --warehouse {warehouse} query "show tables"
  {command} --warehouse {warehouse} query "from labels limit 5"
  {command} --warehouse {warehouse} publish
  {command} --warehouse my-warehouse ingest YOUR-EXPORT.zip --project NAME"""
