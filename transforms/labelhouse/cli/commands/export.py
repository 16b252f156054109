"""labelhouse export."""

from enum import StrEnum
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import Timeout, warehouse_of
from labelhouse.cli.people import size_text
from labelhouse.cli.saying import say


class ExportShape(StrEnum):
    """What an export holds at its top level."""

    LIST = "list"
    SINGLE = "single"
    OBJECT = "object"
    ROWS = "rows"


def export(
    context: typer.Context,
    out: Annotated[
        str,
        typer.Argument(
            metavar="OUT",
            help="File, or object of a bucket, to write: .json, .json.gz or .zip; - is the terminal.",
        ),
    ],
    project: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Project to export. [default: the only one, or default]"),
    ] = None,
    documents: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GLOB", help="Only documents whose document_id or title matches; may be repeated."
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(metavar="SQL", help="Only labels that meet this condition on the view labels."),
    ] = None,
    shape: Annotated[
        ExportShape,
        typer.Option(
            help="A list of documents, one COCO object of all, the only document, or Encord's label rows."
        ),
    ] = ExportShape.LIST,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="SNAPSHOT|TIMESTAMP|INGEST", help="Export the warehouse as it was then."),
    ] = None,
    timeout: Timeout = None,
) -> None:
    """Write documents back as COCO JSON, or as label rows."""
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
        documents_text = "1 document" if done.documents == 1 else f"{done.documents:,} documents"
        say(f"{out}: {documents_text}, {size_text(done.bytes)} of JSON", error=True)
