"""labelhouse changes."""

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import Columns, Wide, warehouse_of
from labelhouse.cli.saying import say


class ChangesFormat(StrEnum):
    """How to write changes."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def changes(
    context: typer.Context,
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this project. [default: all]")
    ] = None,
    since: Annotated[
        str,
        typer.Option(
            metavar="SNAPSHOT|TIMESTAMP|INGEST|last",
            help="The earlier state; last is the one before the newest commit.",
        ),
    ] = "last",
    as_of: Annotated[
        str | None,
        typer.Option(metavar="SNAPSHOT|TIMESTAMP|INGEST", help="The later state. [default: the newest]"),
    ] = None,
    output_format: Annotated[
        ChangesFormat,
        typer.Option("--format", help="A summary and the first rows, or all rows as CSV or JSON."),
    ] = ChangesFormat.TABLE,
    columns: Columns = None,
    wide: Wide = False,
) -> None:
    """Show which labels were added, removed or changed since an earlier state."""
    from labelhouse.cli.results import write_rows

    with labelhouse.changes(warehouse_of(context), project=project, since=since, as_of=as_of) as result:
        counts = result.counts
        out = sys.stdout.buffer
        if output_format is ChangesFormat.JSON:
            head = {
                "since": result.since,
                "as_of": result.as_of,
                "counts": [asdict(count) for count in counts],
                "fields": result.fields,
            }
            # One object, whose rows are written as they come.
            out.write((json.dumps(head, ensure_ascii=False)[:-1] + ', "changes": ').encode())
            write_rows(result.rows(), out, "json", columns)
            out.write(b"}\n")
        elif output_format is ChangesFormat.CSV:
            write_rows(result.rows(), out, "csv", columns)
        else:
            added, removed, changed = (
                sum(c.added for c in counts),
                sum(c.removed for c in counts),
                sum(c.changed for c in counts),
            )
            say(
                f"snapshot {result.since} to {result.as_of}: {added:,} labels added, {removed:,} removed, "
                f"{changed:,} changed",
            )
            for part in result.parts():
                out.write(b"\n")
                is_list = "label_id" in [name for name, *_ in part.description]
                write_rows(part, out, "table", columns if is_list else None, is_wide=wide)
        out.flush()
