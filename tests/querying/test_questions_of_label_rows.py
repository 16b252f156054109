"""Questions about people, times, stages, answers and modalities: the answers that plain Python counts."""

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import labelhouse
import pytest
from labelhouse.errors import UsageError
from labelhouse.ingestion.run import IngestOptions
from labelhouse.marts.refresh import refresh_marts
from labelhouse.sql_library.named_sql import sql_files

from tests.reference import label_rows as reference
from tests.support.aliases import Rows
from tests.support.corpus import FOLDER, NOT_FOUND
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.label_row_nights import ANNA, BERT, NIGHTS, load_label_row_nights
from tests.support.sets import slow

ROWS = FOLDER / "label_rows"
NAMES = (
    *(f"coco_exporter_{number}" for number in (0, 1, 2, 3, 5)),
    "image_group_with_reviews__labels",
    "group_all_modalities__data_group_with_labels",
    "group_scene__scene_with_labels",
)
ONTOLOGY = ROWS / "coco_exporter_0.ontology.json"
"""That of the first five; the classes of the others are not in it."""
QUESTIONS = [file.name for file in sql_files("queries") if "label rows" in file.header.needs]
needs_corpus = pytest.mark.skipif(not ROWS.exists(), reason=NOT_FOUND)
Fact = dict[str, Any]


def rows_of_corpus() -> list[Fact]:
    return [reference.load(ROWS / f"{name}.row.json") for name in NAMES]


def facts(row: Fact) -> Iterator[Fact]:
    """Yield what plain Python reads of each label and classification."""
    ontology = reference.Ontology(reference.load(ONTOLOGY))
    spaces = row.get("spaces") or {}
    for space, _, _, label in reference.labels_of(row):
        known = ontology.objects.get(label["featureHash"], label)
        yield fact("label", row, label, known["name"], label["objectHash"], spaces.get(space))
    for key, (values, ranges) in reference.classifications_of(row).items():
        known = ontology.classifications.get(values["featureHash"], {})
        first: Fact = next(iter(values.get("classifications") or []), {})
        name: Any = known["attributes"][0]["name"] if known else values.get("name", first.get("name"))
        [space] = {space for space, *_ in ranges} or {None}
        yield fact("classification", row, values, name, key, spaces.get(space))


def fact(kind: str, row: Fact, values: Fact, name: str | None, key: str, space: Fact | None) -> Fact:
    created, edited = (reference.time_of(values.get(key)) for key in ("createdAt", "lastEditedAt"))
    later = edited is not None and (created is None or edited > created)
    reviews = [reference.time_of(review["createdAt"]) for review in values.get("reviews") or []]
    return {
        "kind": kind,
        "class": name,
        "hash": key,
        "row": row["data_hash"],
        "modality": (space or {}).get("space_type", row["data_type"]),
        "created_at": created,
        "created_by": values.get("createdBy"),
        "edited_at": edited,
        "edited_by": values.get("lastEditedBy"),
        "is_edited": later,
        "hours": (edited - created).total_seconds() / 3600 if later and edited and created else None,
        "is_manual": values.get("manualAnnotation"),
        "reviewed_at": min(filter(None, reviews), default=None),
    }


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus in one project, nights in another, the same with tokens and without people, and COCO."""
    folder = tmp_path_factory.mktemp("people")
    warehouse = folder / "warehouse"

    def load(name: str, value: Any, **options: Any) -> None:
        path = folder / f"{name}.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        [report] = ingest(warehouse, [str(path)], IngestOptions(project=name, jobs=1, **options))
        assert report.status == "committed"

    if ROWS.exists():
        load("corpus", rows_of_corpus(), ontology=str(ONTOLOGY))
    load_label_row_nights(warehouse, folder)
    load("hashed", NIGHTS[-1], authors="hash")
    load("dropped", NIGHTS[-1], authors="drop")
    load("coco", [unit()])
    refresh_marts(warehouse)
    return warehouse


def asked(warehouse: Path, question: str, **values: object) -> Rows:
    with labelhouse.ask(warehouse, question, values=values) as answer:
        return answer.fetchall()


def sorted_rows(rows: Any) -> Rows:
    return sorted((tuple(row) for row in rows), key=repr)


def near(actual: Rows, expected: Rows) -> None:
    """Compare rows whatever their order; numbers to the last digits but one."""
    rounded = [[round(v, 9) if isinstance(v, float) else v for v in row] for row in actual]
    wanted = [[round(v, 9) if isinstance(v, float) else v for v in row] for row in expected]
    assert sorted_rows(rounded) == sorted_rows(wanted)


@needs_corpus
def test_labels_per_person_and_day_are_those_of_the_rows(filled: Path) -> None:
    counts: Counter[tuple[Any, ...]] = Counter()
    for row in rows_of_corpus():
        for one in facts(row):
            if one["created_at"]:
                counts[one["created_at"].date(), one["created_by"], 0, one["kind"]] += 1
            if one["is_edited"]:
                counts[one["edited_at"].date(), one["edited_by"], 1, one["kind"]] += 1
    expected = [
        ("corpus", day, person, *(counts[day, person, what, kind] for kind, what in COLUMNS))
        for day, person in {key[:2] for key in counts}
    ]
    assert len(expected) > 5
    actual = asked(filled, "labels_per_person_and_day", project="corpus")
    near(actual, expected)
    assert [row[1] for row in actual] == sorted((row[1] for row in actual), reverse=True)
    assert asked(filled, "labels_per_person_and_day", project="corpus", rows=2) == actual[:2]
    since = date(2024, 1, 1)
    assert asked(filled, "labels_per_person_and_day", project="corpus", since=str(since)) == [
        row for row in actual if row[1] >= since
    ]


COLUMNS = (("label", 0), ("label", 1), ("classification", 0), ("classification", 1))


def by_class(*keys: str) -> dict[tuple[Any, ...], list[Fact]]:
    groups = defaultdict(list)
    for row in rows_of_corpus():
        for one in facts(row):
            groups[tuple(one[key] for key in keys)].append(one)
    return groups


@slow
@needs_corpus
def test_time_to_last_edit_is_that_of_the_rows(filled: Path) -> None:
    expected = []
    for (kind, name), of in by_class("kind", "class").items():
        hours = [one["hours"] for one in of if one["hours"] is not None]
        edited = sum(one["is_edited"] for one in of)
        middle = statistics.median(hours) if hours else None
        ninetieth = (
            statistics.quantiles(hours, n=10, method="inclusive")[-1]
            if len(hours) > 1
            else next(iter(hours), None)
        )
        times = (middle, ninetieth, max(hours, default=None))
        expected.append(("corpus", kind, name, len(of), edited, edited / len(of), *times))
    near(asked(filled, "time_to_last_edit", project="corpus"), expected)


@needs_corpus
def test_reviews_that_labels_state_show_what_was_edited_after_them(filled: Path) -> None:
    reviewed = [one for of in by_class("row").values() for one in of if one["reviewed_at"]]
    edited = [one for one in reviewed if one["is_edited"] and one["edited_at"] > one["reviewed_at"]]
    assert (len(reviewed), len(edited)) == (5, 4)
    actual = asked(filled, "reworked_labels", project="corpus")
    assert {row[7] for row in actual} == {"edited"}
    near(
        [row[5:7] + row[8:] for row in actual],
        [
            (
                one["hash"],
                one["class"],
                one["edited_by"],
                one["edited_at"],
                one["reviewed_at"],
                (one["edited_at"] - one["reviewed_at"]).total_seconds() / 3600,
            )
            for one in edited
        ],
    )
    hours = [row[-1] for row in actual]
    assert hours == sorted(hours, reverse=True)
    assert asked(filled, "reworked_labels", project="corpus", rows=1) == actual[:1]


@slow
@needs_corpus
def test_manual_share_by_person_is_that_of_the_rows(filled: Path) -> None:
    expected = []
    for (person,), of in by_class("created_by").items():
        manual, automated = (sum(one["is_manual"] is made for one in of) for made in (True, False))
        known = manual + automated
        days = [one["created_at"].date() for one in of if one["created_at"]]
        share = manual / known if known else None
        expected.append(
            ("corpus", person, len(of), manual, automated, len(of) - known, share, min(days), max(days))
        )
    near(asked(filled, "manual_share_by_person", project="corpus"), expected)


@needs_corpus
def test_row_stages_are_those_of_the_rows(filled: Path) -> None:
    groups = defaultdict(list)
    for row in rows_of_corpus():
        stage = (row.get("workflow_graph_node") or {}).get("title")
        groups[stage, row["label_status"], row.get("annotation_task_status")].append(row)
    expected = [
        (
            "corpus",
            *key,
            len(of),
            sum(len(reference.labels_of(row)) for row in of),
            min(filter(None, (reference.time_of(row["last_edited_at"]) for row in of))),
        )
        for key, of in groups.items()
    ]
    near(asked(filled, "row_stages", project="corpus"), expected)


@needs_corpus
def test_the_ontology_decides_which_answers_are_required(filled: Path) -> None:
    ontology = reference.load(ONTOLOGY)
    classes = {
        one["featureNodeHash"]: one for kind in ("objects", "classifications") for one in ontology[kind]
    }
    counts: Counter[tuple[Any, ...]] = Counter()
    for row in rows_of_corpus():
        answered = {
            (key, entry["featureHash"])
            for section, answers in (
                ("object_answers", "classifications"),
                ("object_actions", "actions"),
                ("classification_answers", "classifications"),
            )
            for key, owner in (row.get(section) or {}).items()
            for entry in owner[answers]
            if entry["answers"]
        }
        owners = {
            ("label", label["objectHash"], label["featureHash"]) for *_, label in reference.labels_of(row)
        } | {
            ("classification", key, values["featureHash"])
            for key, (values, _) in reference.classifications_of(row).items()
        }
        for kind, key, feature in owners:
            for question in classes.get(feature, {}).get("attributes", []):
                if question.get("required") and not question.get("archived"):
                    name = classes[feature].get("name") or question["name"]
                    counts[
                        kind, name, question["name"], (key, question["featureNodeHash"]) in answered
                    ] += 1
    asked_about = {key[:3] for key in counts}
    assert len(asked_about) == 6
    expected = []
    for key in asked_about:
        done, left = counts[(*key, True)], counts[(*key, False)]
        expected.append(("corpus", *key, done + left, left, done / (done + left)))
    near(asked(filled, "required_answers", project="corpus"), expected)
    listed = asked(filled, "open_required_answers", project="corpus")
    assert Counter(row[3:4] + row[5:7] for row in listed) == {
        key[:3]: n for key, n in counts.items() if not key[3]
    }
    frames = [row[-1] for row in listed]
    assert frames == sorted(frames, reverse=True)
    assert asked(filled, "open_required_answers", project="corpus", rows=1) == listed[:1]


@needs_corpus
def test_classification_ranges_are_those_of_the_rows(filled: Path) -> None:
    expected: list[tuple[Any, ...]] = []
    for row in rows_of_corpus():
        names = {one["hash"]: one["class"] for one in facts(row) if one["kind"] == "classification"}
        for key, (_, ranges) in reference.classifications_of(row).items():
            for space, start, end in ranges:
                length = None if start is None else end - start + 1
                expected.append((names[key], space, start, end, length))
            if not ranges:
                expected.append((names[key], *[None] * 4))
    actual = asked(filled, "classification_ranges", project="corpus")
    near([(row[3], row[6], *row[8:]) for row in actual], expected)
    assert {answer for row in actual for answer in row[4]} >= {
        "radio: radio 1",
        "radio nested text: hrhr",
        "Text classification: Video answer",
    }
    assert [row[10] for row in actual] == sorted(
        (row[10] for row in actual), key=lambda n: (n is not None, -(n or 0))
    )


@needs_corpus
def test_classes_and_answers_by_modality_are_those_of_the_rows(filled: Path) -> None:
    expected = [
        ("corpus", *key, len(of), len({(one["row"], one["hash"]) for one in of}), places(of))
        for key, of in by_class("modality", "kind", "class").items()
    ]
    near(asked(filled, "classes_by_modality", project="corpus"), expected)
    ontology = reference.Ontology(reference.load(ONTOLOGY))
    owners = {(one["row"], one["kind"], one["hash"]): one for of in by_class("row").values() for one in of}
    answers = defaultdict(set)
    for row in rows_of_corpus():
        for owner, key, _, name, value, _, _ in reference.answers_of(row, ontology):
            kind = "classification" if owner == "classification" else "label"
            one = owners.get((row["data_hash"], kind, key))
            if value is not None and one:
                group = (one["modality"], kind, one["class"], name, str(value))
                answers[group].add((one["row"], key))
    totals: Counter[tuple[str, ...]] = Counter()
    for group, of in answers.items():
        totals[group[:4]] += len(of)
    near(
        asked(filled, "answers_by_modality", project="corpus"),
        [
            ("corpus", *group, len(of), len({row for row, _ in of}), len(of) / totals[group[:4]])
            for group, of in answers.items()
        ],
    )


def places(of: list[Fact]) -> int:
    return len({one["row"] for one in of})


def utc(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def test_stages_over_nights_are_those_of_each_load(filled: Path) -> None:
    second, third, fourth = (date(2026, 3, day) for day in (2, 3, 4))
    expected = [
        ("nights", second, "Annotate", "LABELLED", None, 3, 4),
        ("nights", third, "Annotate", "LABELLED", None, 1, 1),
        ("nights", third, "Review", "LABELLED", None, 1, 2),
        ("nights", third, None, "REVIEWED", None, 1, 1),
        ("nights", fourth, "Annotate", "LABELLED", None, 2, 4),
    ]
    assert asked(filled, "row_stages_by_night", project="nights") == expected
    assert asked(filled, "row_stages_by_night", project="nights", nights=1) == expected[-1:]


def test_what_was_done_after_a_row_was_seen_in_review_is_rework(filled: Path) -> None:
    """A row in review on one night counts from the start of that load, also when it has gone back."""
    actual = asked(filled, "reworked_labels", project="nights")
    assert [row[:10] for row in actual] == [
        ("nights", "v1", "v1.mp4", "v1/0", "label", "a3", "car", "added", ANNA, utc(3, 12)),
        ("nights", "v1", "v1.mp4", "v1/0", "label", "a2", "car", "edited", BERT, utc(3, 9)),
    ]
    # The loads take a moment after 02:00.
    assert [(row[10].replace(second=0, microsecond=0), round(row[11], 1)) for row in actual] == [
        (utc(3, 2), 10.0),
        (utc(3, 2), 7.0),
    ]
    # Four labels, three of them in a row that was in review.
    assert asked(filled, "rework_by_class", project="nights") == [
        ("nights", "label", "car", 4, 3, 1, 1, 2 / 3)
    ]


def test_a_question_below_an_option_is_required_where_the_option_is_chosen(filled: Path) -> None:
    """The red car has to say its shade; archived questions and those that are not required ask nothing."""
    assert asked(filled, "required_answers", project="nights") == [
        ("nights", "label", "car", "Colour", 4, 3, 0.25),
        ("nights", "label", "car", "Shade", 1, 1, 0.0),
    ]
    assert [row[3:] for row in asked(filled, "open_required_answers", project="nights")] == [
        ("label", "a1", "car", "Shade", "text", ANNA, 1),
        ("label", "a2", "car", "Colour", "radio", ANNA, 1),
        ("label", "a3", "car", "Colour", "radio", ANNA, 1),
        ("label", "b1", "car", "Colour", "radio", BERT, 1),
    ]
    assert asked(filled, "answers_by_modality", project="nights") == [
        ("nights", "video", "label", "car", "Colour", "red", 1, 1, 1.0)
    ]


def test_labels_that_are_not_certain_come_with_the_least_certain_first(filled: Path) -> None:
    assert asked(filled, "low_confidence", project="nights") == [
        ("nights", "v1", "v1.mp4", "v1/0", "label", "a2", "car", ANNA, True, 0.75)
    ]
    assert len(asked(filled, "low_confidence", project="nights", below=0.75)) == 0


@slow
@pytest.mark.parametrize("project", ["hashed", "dropped"])
def test_people_stand_as_they_are_stored(project: str, filled: Path) -> None:
    """Tokens are shown, one for each person; without people the counts are one row."""
    kept = asked(filled, "labels_per_person_and_day", project="nights")
    people = {row[2] for row in kept}
    assert people == {ANNA, BERT}
    actual = asked(filled, "labels_per_person_and_day", project=project)
    if project == "hashed":
        tokens = {row[2] for row in actual}
        assert len(tokens) == 2
        assert all(token.startswith("person-") for token in tokens)
        assert sorted_rows(row[1:2] + row[3:] for row in actual) == sorted_rows(
            row[1:2] + row[3:] for row in kept
        )
        assert len(asked(filled, "labels_per_person_and_day", project=project, person=min(tokens))) > 0
    else:
        totals: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for _, day, _, *counts in kept:
            totals[day] = [a + b for a, b in zip(totals[day], counts, strict=True)]
        assert sorted_rows(actual) == sorted_rows(
            ("dropped", day, None, *counts) for day, counts in totals.items()
        )
    said = json.dumps([str(asked(filled, question, project=project)) for question in QUESTIONS])
    assert "example.com" not in said


def test_without_label_rows_a_question_says_so_in_one_line(filled: Path) -> None:
    assert len(QUESTIONS) == 13
    for question in QUESTIONS:
        with pytest.raises(UsageError) as caught:
            asked(filled, question, project="coco")
        assert str(caught.value) == (
            f"{question} is about label rows, and the project coco has none: COCO tells no people, times "
            "or stages; load Encord's label rows, see docs/label-rows.md"
        )


def test_a_question_about_nights_says_that_a_refresh_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(NIGHTS[0]), encoding="utf-8")
    list(ingest(tmp_path / "warehouse", [str(path)], IngestOptions(jobs=1)))
    assert len(asked(tmp_path / "warehouse", "row_stages")) == 1
    with pytest.raises(UsageError, match="needs what 'labelhouse refresh' makes"):
        asked(tmp_path / "warehouse", "row_stages_by_night")
