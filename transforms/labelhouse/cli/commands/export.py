"""labelhouse export."""

from enum import StrEnum
from typing import Annotated

import typer

import labelhouse
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
    done = labelhouse.export(
        warehouse_of(context),
        out,
        project=project,
        documents=documents or (),
        where=where,
        shape=shape.value,
        as_of=as_of,
        timeout_s=timeout,
    )
    if out != "-":
        say(f"{out}: {done.documents:,} documents, {done.bytes / 1e6:,.1f} MB of JSON", error=True)
