"""Documents of odd scales: what would grow with a square is bounded, and says what it left out."""

import json
import re
from pathlib import Path

import pytest
from labelhouse import connect
from labelhouse.cli.layout import fitting_lines
from labelhouse.ingestion.run import IngestOptions
from labelhouse.marts.refresh import refresh_marts
from labelhouse.querying.ask import ask, question
from labelhouse.querying.check import check
from labelhouse.reporting.write import write_report
from labelhouse.texts.long_text import cut

from tests.support.aliases import Record
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.sets import slow

JOINTS = 10_000
LONG = "é<&" * 100_000


def label(index: int, **values: object) -> Record:
    return {**unit("x", labels=1)["annotations"][0], "id": index, "attributes": {}, **values}


def crowd(labels: int, name: str) -> Record:
    """One image with so many labels in one place."""
    document = unit(name, labels=0)
    document["annotations"] = [label(index, bbox=[5, 5, 9, 9]) for index in range(labels)]
    return document


def classes(count: int, name: str) -> Record:
    """One image with a label of each of so many classes."""
    document = unit(name, labels=0)
    document["categories"] = [
        {"supercategory": "bounding_box", "id": index, "name": f"{name} {index:03}"}
        for index in range(count)
    ]
    document["annotations"] = [
        label(index, category_id=index, bbox=[index, 5, 1, 1]) for index in range(count)
    ]
    return document


def skeleton() -> Record:
    """One label with very many keypoints."""
    document = unit("joints", labels=0)
    document["categories"] = [
        {
            "supercategory": "skeleton",
            "id": 1,
            "name": "Person",
            "keypoints": [f"joint {index}" for index in range(JOINTS)],
            "skeleton": [],
        }
    ]
    points = [value for index in range(JOINTS) for value in (1, 1, index % 3)]
    document["annotations"] = [label(0, keypoints=points, num_keypoints=JOINTS)]
    return document


def wordy() -> Record:
    """A document whose every text is long."""
    document = unit("long", labels=2)
    document["info"]["description"] = LONG
    document["categories"][0]["name"] = LONG
    document["images"][0]["file_name"] = LONG + ".jpg"
    document["annotations"][0]["bbox"] = [-100, 2, 3, 4]
    document["annotations"][0]["attributes"] = {
        "encord_track_uuid": LONG,
        "classifications": {"Colour": LONG, LONG: "x"},
    }
    return document


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them in one warehouse, beside an ordinary document, with fresh marts."""
    folder = tmp_path_factory.mktemp("scales")
    documents = [
        unit("plain"),
        crowd(200, "many"),
        crowd(1_415, "too many"),
        classes(100, "few"),
        classes(101, "more"),
        skeleton(),
        wordy(),
    ]
    (folder / "export.json").write_text(json.dumps(documents))
    [report] = ingest(folder / "warehouse", [str(folder / "export.json")], IngestOptions(jobs=1))
    assert report.status == "committed"
    refresh_marts(folder / "warehouse")
    return folder / "warehouse"


@slow
def test_labels_in_one_place_are_compared_up_to_a_number_and_reported_past_it(warehouse: Path) -> None:
    [checked] = [one for one in check(warehouse, shown_rows=50_000) if one.name == "near_duplicate_labels"]
    rows = [dict(zip(checked.columns, row, strict=True)) for row in checked.rows]
    pairs = [row for row in rows if row["other_position"] is not None]
    assert {row["document_id"] for row in pairs} == {"many"}
    assert len(pairs) == 200 * 199 // 2
    [left_out] = [row for row in rows if row["other_position"] is None]
    assert (left_out["document_id"], left_out["image_key"], left_out["what"]) == (
        "too many",
        "too many",
        "1415 labels on one image, too close together: pairs not compared",
    )


def test_the_question_for_near_duplicates_says_of_which_image_it_compared_no_pairs(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text(json.dumps([crowd(5_001, "crowd"), crowd(2, "pair")]))
    list(ingest(tmp_path / "warehouse", [str(tmp_path / "export.json")], IngestOptions(jobs=1)))
    asked = question("near_duplicates")
    values = {"project": None, "document": None, "category": None, "min_iou": 0.9, "rows": 10}
    with ask(tmp_path / "warehouse", asked, values) as answer:
        assert answer.fetchall() == [
            ("default", "crowd", "crowd", None, "any of 5001", "pairs not compared", None),
            ("default", "pair", "pair", "Car", "#1", "#0", 1.0),
        ]


def test_pairs_of_classes_are_counted_on_images_with_up_to_a_hundred(warehouse: Path) -> None:
    sql = """
        select split_part(category_name, ' ', 1) as name, count(*),
            count(*) filter (category_name = other_category_name)
        from mart_cooccurrence
        where category_name like 'few%' or category_name like 'more%'
        group by name
        order by name
    """
    with connect(warehouse) as connection:
        assert connection.execute(sql).fetchall() == [("few", 5_050, 100), ("more", 101, 101)]


def test_a_label_with_very_many_keypoints_is_counted_whole(warehouse: Path) -> None:
    sql = """
        select count(*), count(distinct keypoint_name), sum(keypoint_count), sum(unlabelled_count),
            sum(hidden_count), sum(visible_count), bool_and(keypoint_name = 'joint ' || keypoint_index)
        from mart_keypoint_visibility
    """
    expected = (JOINTS, JOINTS, JOINTS, 3_334, 3_333, 3_333, True)
    with connect(warehouse) as connection:
        assert connection.execute(sql).fetchall() == [expected]
        cursor = connection.execute(
            "select count(*), bool_and(keypoint_name = 'joint ' || keypoint_index) from keypoint_labels"
        )
        assert cursor.fetchall() == [(JOINTS, True)]


@slow
def test_long_texts_are_cut_where_people_read_them(warehouse: Path, tmp_path: Path) -> None:
    page = write_report(warehouse, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    assert page
    # Pictures, and the SQL of checks, apart, no text between two tags is long.
    body = re.sub(r"<pre\b.*?</pre>", "", text[text.index("<body") :], flags=re.DOTALL)
    longest = max(re.findall(r">([^<]+)<", body), key=len)
    assert len(longest) < 2_000
    assert "é&lt;&amp;é&lt;&amp;" in text
    assert "… (300,000 characters)" in text
    assert "é&lt;&amp;" * 101 not in text
    with connect(warehouse) as connection:
        rows = connection.execute("select title from documents where title like 'é%'").fetchall()
    lines = list(fitting_lines(["title"], rows, 80))
    assert max(map(len, lines)) <= 80
    assert len(lines) < 10
    assert any(line.endswith("…") for line in lines)


def test_a_text_is_cut_with_its_length() -> None:
    assert cut("x" * 300) == "x" * 300
    assert cut("x" * 301) == "x" * 300 + "… (301 characters)"
    assert cut("x" * 1_000, 3) == "xxx… (1,000 characters)"
