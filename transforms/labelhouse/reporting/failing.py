"""What is wrong, row by row: a part of each failing check, with the label drawn, and the SQL folded."""

import html
from types import SimpleNamespace

import duckdb

from labelhouse.reporting.check_headers import anchor_of, check_header, check_sql
from labelhouse.reporting.checks import failing_checks
from labelhouse.reporting.drawings import svg
from labelhouse.reporting.page import PageSection, details, note, severity_mark
from labelhouse.reporting.rows import ReportData, ReportRows
from labelhouse.reporting.suspects import LEGEND, drawing_of, geometry_of
from labelhouse.reporting.text import counted, escaped, shown

LINES = 4
"""Rows without a drawing that the report shows of each check."""
Geometry = dict[tuple[int, int], SimpleNamespace]


def failing(connection: duckdb.DuckDBPyConnection, data: ReportData) -> PageSection:
    """Show rows of each failing check; the published file has to be current and the warehouse attached."""
    failing_ones = failing_checks(data)
    if not failing_ones:
        text = (
            "No check finds anything."
            if data.checks
            else "The checks have not been run: labelhouse check runs them and keeps what they find."
        )
        return PageSection("rows", "What is wrong, row by row", note(text), is_empty=True)
    labels = [row for row in data.failing_rows if row.document_key is not None and row.position is not None]
    geometry = geometry_of(connection, labels) if labels else {}
    content = note(
        "Some rows of each check, new ones first, from as many documents as possible. "
        "labelhouse check --rows 1000 lists more; labelhouse check --csv writes them all."
    )
    content += LEGEND if labels else ""
    for check in failing_ones:
        rows = [row for row in data.failing_rows if row.check_name == check.check_name]
        content += _check(check, rows, geometry)
    return PageSection("rows", "What is wrong, row by row", content)


def _check(check: SimpleNamespace, rows: ReportRows, geometry: Geometry) -> str:
    """Return a failing check: what it finds, some of its rows, and its SQL."""
    header = check_header(check.check_name)
    summary = header.summary if header else shown(check.check_name)
    explanation = f"<p>{html.escape(header.explanation)}</p>" if header and header.explanation else ""
    drawn = [row for row in rows if (row.document_key, row.position) in geometry]
    others = [row for row in rows if (row.document_key, row.position) not in geometry][:LINES]
    cards = "".join(_card(row, geometry[row.document_key, row.position]) for row in drawn)
    lines = "".join(f"<li>{_line(row)}</li>" for row in others)
    return (
        f'<article class="check" id="rows-{anchor_of(check.check_name)}">'
        f"<h3>{severity_mark(check.severity)} {html.escape(summary)}</h3>"
        f'<p class="note">{escaped(check.check_name)}: {html.escape(_extent(check, [*drawn, *others]))}</p>'
        + (f'<ul class="wall">{cards}</ul>' if cards else "")
        + (f'<ul class="lines">{lines}</ul>' if lines else "")
        + details(
            "Why, and the SQL that finds them",
            f"{explanation}<pre><code>{html.escape(check_sql(check.check_name))}</code></pre>",
            anchor=anchor_of(check.check_name),
        )
        + "</article>"
    )


def _extent(check: SimpleNamespace, rows: ReportRows) -> str:
    if check.error:
        return f"could not run: {shown(check.error)}"
    new = f", {check.new_rows:,} of them new" if check.new_rows else ""
    shown_rows = sum(row.row_count for row in rows)
    most = f"; {len(rows)} shown" if shown_rows < check.rows or len(rows) < check.rows else ""
    return f"{counted(check.rows, 'row')}{new}{most}"


def _card(row: SimpleNamespace, geometry: SimpleNamespace) -> str:
    title = f"{shown(row.category_name)}, {row.shape}: {shown(row.what)}"
    return (
        f"<li>{svg(drawing_of(row, geometry), title)}"
        f'<p class="what">{escaped(row.category_name)}{_new(row)}</p>'
        f"<p>{escaped(row.what)}</p>{_place(row)}</li>"
    )


def _line(row: SimpleNamespace) -> str:
    """Return a row without a drawing: it is about a document, an image, a class or many labels."""
    name = "" if row.category_name is None else f"{escaped(row.category_name)}: "
    many = f" ({counted(row.row_count, 'row')})" if row.row_count > 1 else ""
    what = f'<span class="what">{name}{escaped(row.what or row.cause)}</span>'
    return f"<p>{what}{many}{_new(row)}</p>{_place(row, ' · ')}"


def _new(row: SimpleNamespace) -> str:
    return ' <span class="new">new</span>' if row.is_new else ""


def _place(row: SimpleNamespace, between: str = "<br>") -> str:
    """Return where a row is, in words by which people find it: title, frame or file, image, label."""
    places = []
    title = row.document_title or row.document_id
    if title is not None:
        frame = "" if row.frame is None else f", frame {row.frame:,}"
        places.append(f"{escaped(title)}{frame}")
    name = (row.file_name or "").rpartition("/")[2]
    # The files of an Encord export are named after the image's key.
    is_named = row.frame is None and name and name.rpartition(".")[0] != row.image_key
    if row.image_key is not None and is_named and name != title:
        places.append(f"file {escaped(name)}")
    if row.image_key is not None and row.image_key not in (title, name):
        places.append(f"image {escaped(row.image_key)}")
    if row.label_id is not None:
        places.append(f"label {escaped(row.label_id)}")
    if row.project is not None:
        places.append(f"project {escaped(row.project)}")
    return f'<p class="place">{between.join(places)}</p>' if places else ""
