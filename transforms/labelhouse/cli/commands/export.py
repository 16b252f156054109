"""labelhouse export."""

from enum import StrEnum
from typing import Annotated

import typer

from labelhouse.cli.options import Timeout, warehouse_of
from labelhouse.cli.saying import say


class Shape(StrEnum):
    """What an export holds at its top level."""

    LIST = "list"
    SINGLE = "single"
    OBJECT = "object"


def export(
    context: typer.Context,
    out: Annotated[
        str,
        typer.Argument(metavar="OUT", help="File to write: .json, .json.gz or .zip; - is the terminal."),
    ],
    project: Annotated[str, typer.Option(metavar="NAME", help="Project to export.")] = "default",
    documents: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Only documents whose document_id matches; may be repeated."),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(metavar="SQL", help="Only labels for which this holds; columns of the view labels."),
    ] = None,
    shape: Annotated[
        Shape,
        typer.Option(help="A list of documents as they came, one object of all, or the only document."),
    ] = Shape.LIST,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="SNAPSHOT|TIMESTAMP|INGEST", help="Export the warehouse as it was then."),
    ] = None,
    timeout: Timeout = None,
) -> None:
    """Write documents back as COCO JSON."""
    from labelhouse.exporting.run import ExportOptions
    from labelhouse.exporting.run import export as run
    from labelhouse.exporting.sink import export_file

    options = ExportOptions(project, documents or (), where, shape.value, as_of, timeout)
    warehouse = warehouse_of(context)
    with export_file(out, warehouse) as stream:
        exported = run(warehouse, lambda: stream, options)
    if out != "-":
        say(
            f"{out}: {exported.documents:,} documents, {exported.bytes / 1e6:,.1f} MB of JSON",
            error=True,
        )
