"""The section about people and time has the numbers of the questions, or says that there are none."""

import json
from collections.abc import Iterator
from pathlib import Path

import labelhouse
import pytest
from labelhouse.ingestion.run import IngestOptions
from labelhouse.marts.refresh import refresh_marts
from labelhouse.reporting.write import write_report

from tests.querying.test_questions_of_label_rows import ONTOLOGY, needs_corpus, rows_of_corpus
from tests.support.aliases import Load, Rows, Write
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.label_row_nights import ANNA, BERT, NIGHTS, load_label_row_nights
from tests.support.report_tables import Parsed
from tests.support.sets import slow


def asked(warehouse: Path, question: str, project: str) -> Rows:
    with labelhouse.ask(warehouse, question, values={"project": project}) as answer:
        return answer.fetchall()


def numbers(rows: list[list[str]], *columns: int) -> Iterator[tuple[str, list[int]]]:
    """Yield the first cell of each row of a table, and those of the given columns as numbers."""
    for row in rows[1:]:
        yield row[0], [int(row[column].replace(",", "")) for column in columns]


def test_it_shows_people_days_rework_and_stages(warehouse: Path, tmp_path: Path) -> None:
    load_label_row_nights(warehouse, tmp_path)
    write_report(warehouse)
    page = Parsed(warehouse / "report.html")
    assert page.tables["People"][1:] == [
        [BERT, "nights", "1", "3", "0", "1", "0", "0 %", "2026-03-01", "2026-03-03"],
        [ANNA, "nights", "3", "0", "3", "0", "0", "100 %", "2026-03-01", "2026-03-03"],
    ]
    assert page.tables["Days"][1:] == [
        ["2026-03-03", "2", "1", "2"],
        ["2026-03-02", "1", "0", "1"],
        ["2026-03-01", "2", "3", "0"],
    ]
    # After 24 hours and twice 48 hours.
    assert page.tables["Time to the last edit"][1:] == [["car", "label", "4", "3", "2.0 d", "2.0 d"]]
    assert page.tables["Rework after review"][1:] == [["car", "label", "3", "1", "1", "66.7 %"]]
    assert page.tables["Stages of label rows"][1:] == [
        ["nights", "Annotate", "LABELLED", "(none)", "2", "4", "2026-03-04"]
    ]
    assert page.tables["Required answers"][1:] == [
        ["car", "Colour", "4", "3", "25 %"],
        ["car", "Shade", "1", "1", "0 %"],
    ]


@slow
@needs_corpus
def test_its_numbers_are_those_of_the_questions(warehouse: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows_of_corpus()), encoding="utf-8")
    list(ingest(warehouse, [str(path)], IngestOptions(project="p", jobs=1, ontology=str(ONTOLOGY))))
    refresh_marts(warehouse)
    write_report(warehouse)
    tables = Parsed(warehouse / "report.html").tables
    created = {
        row[1] or "unknown": list(row[2:5]) for row in asked(warehouse, "manual_share_by_person", "p")
    }
    assert {name: cells for name, cells in numbers(tables["People"], 2, 4, 5) if cells[0]} == created
    days = asked(warehouse, "labels_per_person_and_day", "p")
    edited = sum(cells[0] for _, cells in numbers(tables["Days"], 3))
    assert edited == sum(row[4] + row[6] for row in days)
    required = asked(warehouse, "required_answers", "p")
    assert [(*row[:2], row[2], row[3]) for row in tables["Required answers"][1:]] == [
        (*row[2:4], f"{row[4]}", f"{row[5]}") for row in required
    ]
    modalities: dict[str, int] = {}
    for _, modality, _, _, count, *_ in asked(warehouse, "classes_by_modality", "p"):
        modalities[modality] = modalities.get(modality, 0) + count
    assert {name: sum(cells) for name, cells in numbers(tables["Modalities"], 1, 2)} == modalities


@slow
@pytest.mark.parametrize(("authors", "said"), [("hash", "person-"), ("drop", "unknown")])
def test_people_stand_as_they_are_stored(authors: str, said: str, warehouse: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(NIGHTS[0]), encoding="utf-8")
    options = IngestOptions(jobs=1, authors=authors)  # type: ignore[arg-type]
    list(ingest(warehouse, [str(path)], options))
    write_report(warehouse)
    page = Parsed(warehouse / "report.html")
    assert all(row[0].startswith(said) for row in page.tables["People"][1:])
    assert "example.com" not in page.text
    assert not any(b"example.com" in picture for picture in page.pictures())


@slow
def test_without_label_rows_one_line_says_so(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [unit()]))
    write_report(warehouse)
    page = Parsed(warehouse / "report.html")
    assert "People and time: There are no label rows: COCO tells no people, times or stages." in page.text
    assert "people" not in {values.get("id") for tag, values in page.tags if tag == "section"}
