"""The report shows the warehouse's numbers, names as text, and needs nothing but itself."""

import copy
import json
import os
import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest
from labelhouse import connect
from labelhouse.cli.sample import write_sample
from labelhouse.ingestion.run import IngestOptions
from labelhouse.querying.check import check
from labelhouse.reporting.drawings import Drawing, svg
from labelhouse.reporting.suspects import runs_of
from labelhouse.reporting.write import write_report
from labelhouse.sql_library.statements import public_statement

from tests.support.aliases import Load, Write
from tests.support.browser import Page, chromium, open_page
from tests.support.corpus import corpus_file
from tests.support.dashboard_nights import load_nights
from tests.support.exports import plain, unit
from tests.support.ingesting import ingest
from tests.support.report_tables import Parsed
from tests.support.sets import slow, some

NO_BROWSER = "no Chromium here (Debian: apt-get install chromium)"
SCREENSHOTS = os.environ.get("LABELHOUSE_SCREENSHOTS")
NASTY = "<img src=x onerror=alert(1)>\"'&$x_1$ ]]> <script>alert(2)</script>"
SECTIONS = [
    *(
        "verdict",
        "rows",
        "churn",
        "first",
        "checks",
        "holds",
        "classes",
        "shapes",
        "automation",
        "attributes",
    ),
    *("keypoints", "tracks", "places", "loads", "nothing"),
]
"""The sections of the demo's report, in their order; the last says that it has no label rows."""


def count(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's warehouse after two nights: some labels moved, one was removed, one came."""
    folder = tmp_path_factory.mktemp("harbour")
    write_sample(folder / "export.zip")
    list(ingest(folder / "w", [str(folder / "export.zip")], IngestOptions(project="harbour", jobs=1)))
    (folder / "more.json").write_text(json.dumps([unit("extra", labels=4), plain()]))
    list(ingest(folder / "w", [str(folder / "more.json")], IngestOptions(project="other", jobs=1)))
    check(folder / "w")
    return folder / "w"


@pytest.fixture(scope="module")
def reported(harbour: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of that warehouse, for tests that only read it."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(harbour, path)
    return path


def test_its_numbers_are_those_of_sql_and_of_the_published_file(harbour: Path, reported: Path) -> None:
    tables = Parsed(reported).tables
    asked = {
        "Projects": "select project, count(*) from labels group by all",
        "Class balance": "select category_name, count(*) from labels group by all",
        "Size classes": "select category_name, count(*) from labels group by all",
    }
    with (
        connect(harbour) as lake,
        duckdb.connect(str(harbour / "published" / "labels.duckdb"), read_only=True) as file,
    ):
        for source in (lake, file):
            answers = {name: set(source.execute(sql).fetchall()) for name, sql in asked.items()}
            rows = tables["Projects"][1:]
            assert {(row[0], count(row[3])) for row in rows} == answers["Projects"]
            rows = [row for row in tables["Class balance"][1:] if row[2] != "0"]
            assert {(row[0], count(row[2])) for row in rows} == answers["Class balance"]
            assert {(row[0], count(row[1])) for row in tables["Size classes"][1:]} == answers[
                "Size classes"
            ]
        shapes = file.execute("select shape, count(*) from labels group by all").fetchall()
        assert {(row[0], count(row[1])) for row in tables["Shapes"][1:]} == set(shapes)
        sizes = file.execute(
            "select category_name, count(*) filter (where size_class = 'small'), "
            "count(*) filter (where size_class = 'medium'), count(*) filter (where size_class = 'large'), "
            "count(*) filter (where size_class is null) from labels group by all"
        ).fetchall()
        assert {(row[0], *map(count, row[2:])) for row in tables["Size classes"][1:]} == set(sizes)
        drawn = file.execute(
            "select project, count(*) filter (where drawn_by = 'manual'), "
            "count(*) filter (where drawn_by = 'automated'), count(*) filter (where drawn_by = 'unknown') "
            "from labels group by all"
        ).fetchall()
        assert {(row[0], *map(count, row[3:6])) for row in tables["Automation"][1:]} == set(drawn)
        answered = lake.execute(
            "select labels.category_name, attributes.name, count(*) from attributes "
            "inner join labels on labels.document_key = attributes.document_key "
            "and labels.position = attributes.annotation_position "
            "where value is not null and value <> '' group by all"
        ).fetchall()
        rows = [row for row in tables["Attribute completeness"][1:] if row[4] != "0"]
        assert {(row[0], row[1], count(row[4])) for row in rows} == set(answered)
        seen = lake.execute(
            "select count(*), count(*) filter (where visibility = 2) from keypoints"
        ).fetchone()
        rows = tables["Keypoint visibility"][1:]
        assert (sum(count(row[2]) for row in rows), sum(count(row[3]) for row in rows)) == seen


def test_a_report_of_one_project_shows_no_other(harbour: Path, tmp_path: Path) -> None:
    write_report(harbour, tmp_path / "report.html", project="other")
    page = Parsed(tmp_path / "report.html")
    assert [row[0] for row in page.tables["Projects"][1:]] == ["other"]
    assert "harbour" not in page.text


def test_failing_checks_are_listed_with_the_sql_that_finds_them(harbour: Path, reported: Path) -> None:
    page = Parsed(reported)
    results = check(harbour)
    failing = {checked.name: f"{checked.count:,}" for checked in results if checked.is_failing}
    assert len(failing) >= 3
    assert {row[0]: row[1] for row in page.tables["Failing checks"][1:]} == failing
    severities = {checked.name: checked.severities for checked in results if checked.is_failing}
    assert {
        row[0]: {
            name: count(cell)
            for name, cell in zip(("error", "warning", "info"), row[2:5], strict=True)
            if cell != "0"
        }
        for row in page.tables["Failing checks"][1:]
    } == severities
    counts: dict[str, int] = {}
    for row in page.tables["Causes of the findings"][1:]:
        [name] = [name for name in failing if row[0].endswith(name)]
        counts[name] = counts.get(name, 0) + count(row[4])
    assert {name: f"{rows:,}" for name, rows in counts.items()} == failing
    # Both nights' warehouses hold findings of these projects alone.
    assert {row[1] for row in page.tables["Documents"][1:]} <= {"harbour", "other"}
    anchors = {values.get("id") for _, values in page.tags}
    for name in failing:
        assert f"check-{name.replace('_', '-')}" in anchors
        assert public_statement(f"checks/{name}") in page.text


def test_it_is_one_page_that_loads_nothing_and_runs_nothing(harbour: Path, tmp_path: Path) -> None:
    done = write_report(harbour, tmp_path / "report.html")
    assert done.bytes < 5_000_000
    page = Parsed(tmp_path / "report.html")
    names = [tag for tag, _ in page.tags]
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(names) - {"link"}
    for tag, values in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in values), (tag, values)
        for name in ("src", "href", "srcset", "data"):
            assert values.get(name, "#").startswith(("#", "data:")), (tag, values)
    [policy] = [v["content"] for t, v in page.tags if t == "meta" and "http-equiv" in v]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert [v["id"] for t, v in page.tags if t == "section"] == SECTIONS


def test_plots_and_drawings_are_whole_and_have_text_alternatives(reported: Path) -> None:
    page = Parsed(reported)
    pictures = page.pictures()
    assert len(pictures) >= 6
    for picture in pictures:
        root = ElementTree.fromstring(picture)
        for element in root.iter():
            for name, value in element.attrib.items():
                if name.endswith("href"):
                    assert value.startswith("#")
    assert all(len(values["alt"]) > 20 for tag, values in page.tags if tag == "img")
    assert all(values["aria-label"] for tag, values in page.tags if tag == "svg")
    heads = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert heads[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(heads))


@slow
def test_an_empty_warehouse_a_tiny_one_and_one_without_any_box_are_reported_too(
    write: Write, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    load(write("bad.json", {"no": "export"}))
    write_report(warehouse)
    empty = Parsed(warehouse / "report.html")
    assert "There is nothing to show yet." in empty.text
    assert "1 source was rejected and the checks have not been run" in empty.text
    assert [v["id"] for t, v in empty.tags if t == "section"] == ["verdict", "loads", "nothing"]
    document = plain(labels=1)
    document["annotations"] = [{"id": 1, "image_id": 7, "category_id": None}]
    document["images"][0] |= {"width": None, "height": None}
    load(write("1.json", document))
    write_report(warehouse)
    page = Parsed(warehouse / "report.html")
    assert [row[:2] + row[3:4] for row in page.tables["Projects"][1:]] == [["default", "1", "1"]]
    assert ["(none)", "(none)", "1"] in [row[:3] for row in page.tables["Class balance"][1:]]


@slow
def test_classes_of_one_name_are_told_apart_by_their_supercategory(
    write: Write, load: Load, warehouse: Path
) -> None:
    document = plain(labels=3)
    document["categories"] = [
        {"id": 3, "name": "Car", "supercategory": "vehicle"},
        {"id": 4, "name": "Car", "supercategory": "toy"},
        {"id": 5, "name": "Boat", "supercategory": "vehicle"},
    ]
    for label, category in zip(document["annotations"], (3, 4, 5), strict=True):
        label["category_id"] = category
    load(write("1.json", document))
    write_report(warehouse)
    page = Parsed(warehouse / "report.html")
    assert "Classes3" in "".join(page.text.split())
    balance = page.pictures()[0].decode()
    assert [name for name in ("Car, vehicle", "Car, toy", "Boat, ") if f">{name}" in balance] == [
        "Car, vehicle",
        "Car, toy",
    ]


def test_a_label_is_drawn_in_the_frame_of_its_image(write: Write, load: Load, warehouse: Path) -> None:
    document = unit("a", labels=4)
    boxes = [[-8.0, 2, 6, 4], [1, 1, 0, 5], [2, 2, 10, 10], [3, 3, 10, 10]]
    for label, box in zip(document["annotations"], boxes, strict=True):
        label["bbox"] = box
    document["annotations"][2] |= {"segmentation": [[2, 2, 12, 2, 12, 12]], "area": 50}
    document["annotations"][3]["area"] = 400
    load(write("1.json", [document]))
    write_report(warehouse)
    page = Parsed(warehouse / "report.html")
    wall = {v["aria-label"] for t, v in page.tags if t == "svg"}
    assert wall == {
        "Car, bounding_box: 8 px outside its image",
        "Car, bounding_box: box of 0 x 5 px",
        "Car, bounding_box: area is 4 times its box",
    }
    rects = [v for t, v in page.tags if t == "rect" and v["class"] == "frame"]
    assert [(v["width"], v["height"]) for v in rects] == [("30", "20")] * 3


def test_every_kind_of_geometry_is_drawn() -> None:
    drawn = svg(
        Drawing(
            width=10,
            height=10,
            bbox=(1, 2, 3, 4),
            rotation=30.0,
            rings=[[0, 0, 5, 0, 5, 5]],
            runs=[12, 3, 85],
            runs_width=10,
            runs_height=10,
            points=[(1, 1, 2), (2, 2, 1), (3, 3, 0)],
        ),
        NASTY,
    )
    root = ElementTree.fromstring(drawn)
    assert root.attrib["aria-label"] == NASTY
    assert [(e.tag, e.attrib["class"]) for e in root] == [
        ("rect", "frame"),
        ("path", "mask"),
        ("path", "ring"),
        ("rect", "box"),
        ("circle", "seen"),
        ("circle", "hidden"),
    ]
    assert root[1].attrib["d"] == "M1 2h1v3h-1z"
    assert root[3].attrib["transform"] == "rotate(30 2.5 4)"


def test_a_box_without_an_extent_is_a_line_with_a_cross() -> None:
    root = ElementTree.fromstring(svg(Drawing(width=100, height=50, bbox=(10, 20, 60, 0)), ""))
    assert [e.attrib["class"] for e in root] == ["frame", "cross"]
    assert root[1].attrib["d"] == "M10 20L70 20M37 20H43M40 17V23"


def test_senseless_geometry_is_no_endless_drawing() -> None:
    huge = Drawing(
        width=10, height=10, bbox=(1e300, 0, float("inf"), 1), runs=[0, 10**15], runs_width=10**9
    )
    assert len(svg(huge, "")) < 500
    assert len(svg(Drawing(None, None, runs=[0, 10**15], runs_width=1000, runs_height=1000), "")) < 10_000


def test_runs_of_a_mask_are_those_of_pycocotools() -> None:
    mask = pytest.importorskip("pycocotools.mask")
    runs = [3, 5, 1, 40, 2, 7, 1000, 1, 41]
    height, width = 10, sum(runs) // 10
    text = mask.frPyObjects({"size": [height, width], "counts": runs}, height, width)["counts"].decode()
    assert runs_of(text) == runs
    assert runs_of("[3, 5, 2]") == [3, 5, 2]
    assert runs_of("no mask ~") == ()


EMPTY_SECTIONS = """[...document.querySelectorAll('section, article')].filter(
    s => !s.querySelector('h2, h3') || !s.querySelector('p, li, table, dl, figure')
        || [...s.querySelectorAll('table')].some(t => !t.querySelector('tbody tr'))
).map(s => s.id)"""
# The skip link and, on a phone, heads of tables are out of view on purpose.
TOO_WIDE = """[...document.querySelectorAll('body *')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width && !e.closest('svg, .skip, thead') && (box.right > innerWidth + .5 || box.left < -.5);
}).map(e => [e.tagName, e.textContent.slice(0, 60)])"""


def contradictions(page: Page) -> list[str]:
    """Return what two parts of a report say differently: the verdict, its table, the rows of each check."""
    rows = page.evaluate("""[...document.querySelectorAll('section table')]
        .filter(t => t.caption.textContent === 'Failing checks')
        .flatMap(t => [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.textContent)))""")
    differences = []
    text = page.evaluate("document.querySelector('#verdict').innerText")
    for at, one in ((2, "error"), (3, "warning"), (4, "note")):
        total = sum(count(row[at]) for row in rows if row[1].replace(",", "").isdigit())
        if rows and f"{total:,} {one}{'' if total == 1 else 's'}" not in text:
            differences.append(f"verdict: not {total:,} {one}")
    said = page.evaluate(
        "[...document.querySelectorAll('#rows article > .note')]"
        ".map(n => n.textContent.split(/[,;]? rows?/)[0])"
    )
    if said != [f"{row[0]}: {row[1]}" for row in rows if row[1].replace(",", "").isdigit()]:
        differences.append(f"rows: {said}")
    links = "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.querySelector(a.hash))"
    differences += page.evaluate(f"{links}.map(a => a.hash)")
    if rows and "looks wrong by its numbers" in page.evaluate("document.body.textContent"):
        differences.append("wall")
    return differences


def opened(path: Path, name: str) -> Iterator[Page]:
    """Open a report at desktop and phone width and check that it is drawn; yield each page."""
    for kind, width, height in (("desktop", 1280, 900), ("phone", 390, 844)):
        with open_page() as page:
            page.size(width, height, mobile=kind == "phone")
            page.send("Page.navigate", url=path.absolute().as_uri())
            page.wait_until("document.readyState === 'complete'", 60)
            page.wait_until("[...document.images].every(i => i.complete)", 60)
            assert page.errors() == []
            assert [
                r["request"]["url"]
                for r in page.requests()
                if not r["request"]["url"].startswith(("data:", "file:", "about:"))
            ] == []
            assert len([r for r in page.requests() if r["request"]["url"].startswith("file:")]) == 1
            undrawn = (
                "[...document.images].filter(i => !i.complete || !i.naturalWidth || !i.clientHeight).length"
            )
            assert page.evaluate(undrawn) == 0
            assert page.evaluate("document.images.length") > 0
            small = "[...document.querySelectorAll('.wall svg > *')].filter(e => !e.getBoundingClientRect()"
            assert page.evaluate(small + ".width && !e.getBoundingClientRect().height).length") == 0
            assert page.evaluate(EMPTY_SECTIONS) == []
            assert page.evaluate(TOO_WIDE) == [], kind
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), kind
            assert contradictions(page) == []
            # What is read is not small.
            sizes = "Math.min(...[...document.querySelectorAll('p,td,th,dd,dt,summary,a')]"
            assert page.evaluate(sizes + ".map(e => parseFloat(getComputedStyle(e).fontSize)))") >= 12
            if SCREENSHOTS:
                page.screenshot(Path(SCREENSHOTS) / f"{name}-{kind}.png", whole=True)
            yield page


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason=NO_BROWSER)
def test_the_report_of_the_demo_is_drawn_in_a_browser(reported: Path) -> None:
    assert len(list(opened(reported, "demo"))) == 2


@slow
@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason=NO_BROWSER)
def test_the_report_of_a_large_list_is_drawn_in_a_browser(tmp_path: Path) -> None:
    source = corpus_file("large/list.zip")
    list(ingest(tmp_path / "w", [str(source)], IngestOptions(project="list")))
    done = write_report(tmp_path / "w", tmp_path / "report.html")
    assert done.bytes < 5_000_000
    check(tmp_path / "w")
    done = write_report(tmp_path / "w", tmp_path / "report.html")
    assert done.bytes < 5_000_000
    for page in opened(tmp_path / "report.html", "list"):
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", page.printed())) < 10


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason=NO_BROWSER)
def test_names_that_hold_html_are_shown_as_text(
    write: Write, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    folder = corpus_file("bad/injection_secret")
    load(str(folder), project="secrets")
    load(str(folder / "html_names.json"), project="names")
    document = unit("nasty", labels=2)
    document["info"]["description"] = document["categories"][0]["name"] = NASTY
    label = document["annotations"][0]
    label["attributes"]["classifications"] = {NASTY: NASTY}
    label |= {"bbox": [-20.0, 2.0, 3.0, 4.0], "keypoints": [1, 1, 2]}
    document["categories"][0]["keypoints"] = [NASTY]
    load(write("<b>nasty.json", [document]), project=NASTY)
    later = copy.deepcopy(document)
    later["annotations"][1]["bbox"] = [9.0, 9.0, 9.0, 9.0]
    load(write("<b>nasty.json", [later]), project=NASTY)
    load(write("<i>.json", {"no": "export"}), project=NASTY)
    write_report(warehouse, tmp_path / "report.html")
    assert "LEAKCANARY" not in (tmp_path / "report.html").read_text()
    for page in opened(tmp_path / "report.html", "injection"):
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.querySelectorAll('script, section b, section i').length") == 0
        assert page.evaluate("[...document.images].every(i => i.src.startsWith('data:'))")
        text = page.evaluate("document.body.textContent")
        assert "<script>alert(1)</script>" in text
        assert text.count(NASTY) >= 6
    for picture in Parsed(tmp_path / "report.html").pictures():
        ElementTree.fromstring(picture)
    assert any(b"&lt;img src=x" in picture for picture in Parsed(tmp_path / "report.html").pictures())


def hexadecimal(colour: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


def contrast(one: str, other: str) -> float:
    """Contrast of two colours as WCAG 2 computes it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason=NO_BROWSER)
@pytest.mark.parametrize("is_dark", some([True, False]))
def test_text_has_the_contrast_that_accessibility_asks_for(reported: Path, is_dark: bool) -> None:
    colours = """[...new Set([...document.querySelectorAll('main *, header *')]
        .filter(e => !e.closest('svg') && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
        .map(e => {
            let ground = 'rgba(0, 0, 0, 0)';
            for (let b = e; b && ground === 'rgba(0, 0, 0, 0)'; b = b.parentElement)
                ground = getComputedStyle(b).backgroundColor;
            return getComputedStyle(e).color + '|' + ground;
        }))]"""
    for page in opened(reported, "contrast"):
        if is_dark:
            page.prefer_dark()
        grounds = set()
        for pair in page.evaluate(colours):
            text, ground = map(hexadecimal, pair.split("|"))
            assert contrast(text, ground) >= 4.5, pair
            grounds.add(ground)
        assert ("#1d2126" if is_dark else "#ffffff") in grounds
        if is_dark and SCREENSHOTS:
            page.screenshot(Path(SCREENSHOTS) / "dark.png", whole=True)


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason=NO_BROWSER)
@slow
def test_it_begins_with_what_is_wrong_and_what_changed_since_the_night_before(tmp_path: Path) -> None:
    """Of the scripted nights: the verdict, the changes, and each failing row, asked of the warehouse."""
    load_nights(tmp_path / "w", tmp_path, count=5)
    write_report(tmp_path / "w", tmp_path / "report.html")
    page = Parsed(tmp_path / "report.html")
    with connect(tmp_path / "w") as lake:
        changes = lake.execute("""
            with nights as (select project, max(started_at)::date as night from ingests group by project)
            select
                project,
                count(*) filter (where change = 'added'),
                count(*) filter (where change = 'removed'),
                count(*) filter (where change = 'changed')
            from label_changes inner join nights using (project)
            where changed_at::date = night group by project order by project
        """).fetchall()
        held = dict(lake.execute("select project, count(*) from labels group by project").fetchall())
        rows = lake.execute("""
            select project, label_id, what from findings where status = 'open' and label_id is not null
        """).fetchall()
        titles = {title for (title,) in lake.execute("select title from documents").fetchall()}
    shown = page.tables["What changed"][1:]
    assert [(row[0], count(row[2]), *map(count, row[4:])) for row in shown] == [
        (project, held[project], *counts) for project, *counts in changes
    ]
    assert {row[1] for row in shown} == {"since 2026-03-05"}
    for row, (project, added, removed, _) in zip(shown, changes, strict=True):
        share = (added - removed) / (held[project] - added + removed)
        assert row[3] == f"{share:+.1%}".replace("%", " %").replace(".0 %", " %")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<title>harbour and roads: last load 2026-03-06 03:00 UTC, w</title>" in html
    cards = re.findall(r"<li>(<svg.*?)</li>", html, re.DOTALL)
    assert cards
    known = {(project, label, what) for project, label, what in rows}
    for card in cards:
        texts = [unescape(text) for text in re.findall(r">([^<>]+)<", card)]
        [label] = [text.removeprefix("label ") for text in texts if text.startswith("label ")]
        [project] = [text.removeprefix("project ") for text in texts if text.startswith("project ")]
        assert any((project, label, text) in known for text in texts), texts
        assert any(text.partition(", frame ")[0] in titles for text in texts), texts
    for browser in opened(tmp_path / "report.html", "nights"):
        first = browser.evaluate("document.querySelector('section').id")
        assert first == "verdict"
        parts = "[...document.querySelectorAll('.verdict, #verdict table')]"
        tops = f"{parts}.map(e => e.getBoundingClientRect().top)"
        assert browser.evaluate(tops) == sorted(browser.evaluate(tops))
        assert browser.evaluate("document.querySelector('.verdict').getBoundingClientRect().bottom") < 844
