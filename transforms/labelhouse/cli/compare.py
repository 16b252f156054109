"""labelhouse compare, the command and its tables."""

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.saying import say
from labelhouse.defaults import GOOD_IOU, MIN_IOU, MIN_SCORE, PROJECT

if TYPE_CHECKING:
    from labelhouse.querying.average_precision import AveragePrecision
    from labelhouse.querying.compare import CompareResult, Coverage

_SHARES = ("precision", "recall", "f1", "mean_iou")


class CompareFormat(StrEnum):
    """How to write a comparison."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class ComparePart(StrEnum):
    """The rows of a comparison."""

    LABELS = "labels"
    IMAGES = "images"
    CLASSES = "classes"
    DOCUMENTS = "documents"
    CONFUSION = "confusion"


def compare(
    context: typer.Context,
    project: Annotated[str, typer.Option(metavar="NAME", help="Project of the reference side.")] = PROJECT,
    document: Annotated[
        str | None, typer.Option(metavar="DOCUMENT", help="Only this document of it. [default: all]")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="SNAPSHOT|TIMESTAMP|INGEST", help="Its state. [default: the newest]"),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Its predictions of this model, not its labels.")
    ] = None,
    with_project: Annotated[
        str | None, typer.Option(metavar="NAME", help="Project of the other side. [default: the same]")
    ] = None,
    with_document: Annotated[
        str | None, typer.Option(metavar="DOCUMENT", help="Document of the other side.")
    ] = None,
    with_as_of: Annotated[
        str | None,
        typer.Option(metavar="SNAPSHOT|TIMESTAMP|INGEST", help="State of the other side."),
    ] = None,
    with_model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The other side is the predictions of this model."),
    ] = None,
    min_iou: Annotated[
        float, typer.Option(metavar="SHARE", help="Least overlap (IoU) of labels that match.")
    ] = MIN_IOU,
    good_iou: Annotated[
        float, typer.Option(metavar="SHARE", help="Matches of less overlap are loose.")
    ] = GOOD_IOU,
    min_score: Annotated[
        float, typer.Option(metavar="SCORE", help="Match predictions of this score and more.")
    ] = MIN_SCORE,
    rows: Annotated[
        ComparePart, typer.Option("--rows", help="What the rows of --format csv are.")
    ] = ComparePart.LABELS,
    shown: Annotated[
        int, typer.Option("--limit", metavar="N", min=0, help="Rows of each table for a person.")
    ] = 10,
    output_format: Annotated[
        CompareFormat, typer.Option("--format", help="Tables, rows as CSV, or everything as JSON.")
    ] = CompareFormat.TABLE,
) -> None:
    """Compare two annotators, documents, projects, states or a model's predictions, label by label."""
    from labelhouse.cli.results import WRITERS

    with labelhouse.compare(
        warehouse_of(context),
        project=project,
        document=document,
        as_of=as_of,
        model=model,
        with_project=with_project,
        with_document=with_document,
        with_as_of=with_as_of,
        with_model=with_model,
        min_iou=min_iou,
        good_iou=good_iou,
        min_score=min_score,
    ) as result:
        out = sys.stdout.buffer
        if output_format is CompareFormat.JSON:
            _write_json(result, out)
        elif output_format is CompareFormat.CSV:
            WRITERS["csv"](result.rows(rows.value), out)
        else:
            _write_tables(result, shown, out)
        out.flush()


def _write_json(result: "CompareResult", out: BinaryIO) -> None:
    """Write one object, whose rows are written as they come."""
    from labelhouse.cli.results import WRITERS

    out.write(json.dumps(result.summary(), ensure_ascii=False)[:-1].encode())
    for part in ("classes", "documents", "confusion", "images", "labels"):
        out.write(f', "{part}": '.encode())
        WRITERS["json"](result.rows(part), out)
    out.write(b"}\n")


def _write_tables(result: "CompareResult", shown: int, out: BinaryIO) -> None:
    from labelhouse.cli.results import write_table

    total = result.total
    _say_coverage(result.coverage)
    say(
        f"{total.agreed:,} labels agree, {total.loose:,} are loose, {total.other_class:,} have another "
        f"class, {total.missed:,} are missed, {total.extra:,} are extra"
    )
    say(", ".join(f"{name.replace('_', ' ')} {_share(getattr(total, name))}" for name in _SHARES))
    for precision in result.average_precision:
        _say_average_precision(precision)
    for note in result.notes:
        say(f"  note: {note}")
    for title, part in (
        ("classes, the worst first", "classes"),
        ("what is called what", "confusion"),
        ("images, the worst first", "images"),
        ("labels of the worst images", "labels"),
    ):
        say("")
        say(title)
        out.flush()
        write_table(result.rows(part), out, as_records=False, most=shown)  # type: ignore[arg-type]
        out.flush()


def _say_coverage(coverage: "Coverage") -> None:
    say(f"{coverage.images:,} images on both sides")
    for count, what in (
        (coverage.reference_only, "images are on the reference side alone"),
        (coverage.other_only, "images are on the other side alone"),
        (coverage.crowd_labels, "labels are crowds, and not matched"),
        (coverage.unmeasured_labels, "labels have no box, and are not matched"),
        (coverage.crowded_images, "images have too many labels close together, and are left out"),
    ):
        if count:
            say(f"  note: {count:,} {what}")


def _say_average_precision(precision: "AveragePrecision") -> None:
    numbers = [f"{name.replace('_', ' ')} {_share(value)}" for name, value in precision.total.items()]
    half = len(numbers) // 2
    say(f"{precision.kind}: {', '.join(numbers[:half])}")
    say(f"{' ' * len(precision.kind)}  {', '.join(numbers[half:])}")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
