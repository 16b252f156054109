"""labelhouse report."""

from pathlib import Path
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.people import size_text
from labelhouse.cli.saying import say, say_json, shown_path


def report(
    context: typer.Context,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="FILE.html", help="File to write. [default: report.html in the warehouse]"
        ),
    ] = None,
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="Report on this project only. [default: all]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write one HTML page about the labels: plots, checks that fail, and drawings of suspicious labels."""
    done = labelhouse.report(warehouse_of(context), to, project=project)
    if as_json:
        say_json(done.as_json())
    else:
        say(f"written {shown_path(done.path)}  {size_text(done.bytes)}; {done.seconds:.1f} s")
