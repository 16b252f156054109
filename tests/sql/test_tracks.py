"""Tracks of every tool: one rule for track and frame, which view, marts, checks and report share."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from labelhouse import connect
from labelhouse.ingestion.run import IngestOptions
from labelhouse.marts.refresh import refresh_marts
from labelhouse.querying.check import check
from labelhouse.reporting.plot_section import BESIDE
from labelhouse.reporting.write import write_report

from tests.reference.independent import Document, units_of
from tests.reference.round_trip import difference, expected, exported
from tests.reference.tracks import Track, name_of, tracks_of
from tests.support.aliases import Load, Record, Rows, Write
from tests.support.corpus import corpus_file
from tests.support.ingesting import ingest
from tests.support.report_tables import Parsed
from tests.support.sets import choose, slow, some

CATEGORIES = [{"id": 1, "name": "car"}, {"id": 2, "name": "person"}]
READERS = ["bulk", "ijson"]


def image(number: int, file_name: str, **other: Any) -> Record:
    return {"id": number, "width": 1280, "height": 720, "file_name": file_name, **other}


def label(number: int, image_id: int, category_id: int = 1, **other: Any) -> Record:
    box = [10.0 + image_id, 20.0, 30.0, 40.0]
    return {"id": number, "image_id": image_id, "category_id": category_id, "bbox": box, **other}


def document(images: list[Record], *placed: tuple[int, Record], **top: Any) -> Record:
    """A document whose labels are at (image_id, keys)."""
    annotations = [label(number, of, **keys) for number, (of, keys) in enumerate(placed)]
    return {"images": images, "annotations": annotations, "categories": CATEGORIES, **top}


def rows(warehouse: Path, sql: str) -> Rows:
    with connect(warehouse) as connection:
        return connection.execute(sql).fetchall()


def as_track(row: tuple[Any, ...]) -> Track:
    return Track(**dict(zip(Track._fields, row, strict=True)) | {"categories": tuple(row[3])})


def tracks(warehouse: Path) -> list[Track]:
    """Return the rows of the view."""
    shown = rows(warehouse, f"select {', '.join(Track._fields)} from tracks order by all")
    return [as_track(row) for row in shown]


def test_the_view_shows_the_tracks_of_cvat(load: Load, warehouse: Path) -> None:
    load(str(corpus_file("dialects/13_cvat_box_tracks.json")))
    assert tracks(warehouse) == [
        Track("#0", None, "car", ("car",), 1, 6, 5, 5, 1, 0),
        Track("#1", None, "person", ("car", "person"), 1, 6, 6, 6, 0, 1),
    ]
    assert rows(
        warehouse,
        "select position, track, video, frame, frame_number, image_position, track_id, category_id "
        "from track_labels order by position",
    ) == [
        *((place, "#0", None, f, f, f - 1, 0, 1) for place, f in enumerate([1, 2, 3, 5, 6])),
        *((4 + f, "#1", None, f, f, f - 1, 1, 2 if f < 4 else 1) for f in range(1, 7)),
    ]


def test_the_view_shows_the_tracks_of_tao(load: Load, warehouse: Path) -> None:
    load(str(corpus_file("dialects/16_tao.json")))
    assert tracks(warehouse) == [
        Track("#7", "0", "car", ("car",), 0, 90, 3, 3, 1, 0),
        Track("#8", "0", "person", ("person",), 0, 90, 4, 4, 0, 0),
    ]
    assert rows(
        warehouse,
        "select position, track, video, frame, frame_number, image_position, track_id, category_id "
        "from track_labels order by position",
    ) == [
        *((place, "#7", "0", 30 * at, at + 1, at, 7, 1) for place, at in enumerate([0, 1, 3])),
        *((3 + at, "#8", "0", 30 * at, at + 1, at, 8, 2) for at in range(4)),
    ]


NAMES = [f"frame_{number:06}.PNG" for number in (9, 10, 11)]
FRAMES: dict[str, tuple[list[Record], list[int]]] = {
    "numbers in names": ([image(n, name) for n, name in enumerate(NAMES)], [9, 10, 11]),
    "numbers in names below folders": (
        [image(n, f"train\\a\\x{n}-{30 * n:04}.jpeg") for n in range(3)],
        [0, 30, 60],
    ),
    "a name without a number": ([image(0, "f7.png"), image(1, "first.png"), image(2, "f9.png")], [0, 1, 2]),
    "one number of several names": ([image(n, f"{side}_1.png") for n, side in enumerate("abc")], [0, 1, 2]),
    "no names": ([{"id": n, "width": 9, "height": 9} for n in (0, 1, 2)], [0, 1, 2]),
    "images in another order": ([image(n, f"f{30 - n}.png") for n in (2, 0, 1)], [28, 30, 29]),
    "frame_id": ([image(n, NAMES[n], frame_id=5 * n) for n in range(3)], [0, 5, 10]),
    "frame_index before frame_id": (
        [image(n, NAMES[n], frame_index=30 * n, frame_id=n) for n in range(3)],
        [0, 30, 60],
    ),
    "frame_id of some images": (
        [image(0, NAMES[0], frame_id=0), image(1, NAMES[1]), image(2, NAMES[2], frame_id=2)],
        [9, 10, 11],
    ),
    "frames as texts and floats": (
        [image(0, "a", frame_number="7"), image(1, "b", frame_number=8.0), image(2, "c", frame_number=9)],
        [7, 8, 9],
    ),
    "frames that are no whole numbers": (
        [image(n, NAMES[n], frame_id=n + 0.5) for n in range(3)],
        [9, 10, 11],
    ),
    "frames below images": ([image(n, f"images/{n + 4}.png") for n in range(3)], [4, 5, 6]),
    "frames below videos": ([image(n, f"videos/a/{n + 4}.jpg") for n in range(3)], [4, 5, 6]),
    "one image twice": (
        [image(0, "f1.png"), image(1, "f2.png"), image(2, "f1.png")],
        [1, 2, 1],
    ),
    "numbers beyond 64 bits": ([image(n, f"{10**30 + n}.png") for n in range(3)], [0, 1, 2]),
}


def loaded_at_once(folder: Path, exports: dict[str, Record], project: str = "default") -> Path:
    """Load exports, each from a file of its name, in one commit; return the warehouse."""
    for name, export in exports.items():
        path = folder / project / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(export))
    options = IngestOptions(project=project, full=True, jobs=1)
    reports = ingest(folder / "w", [str(folder / project)], options)
    assert [report.status for report in reports] == ["committed"] * len(exports)
    return folder / "w"


def by_source(warehouse: Path, table: str, columns: str, order: str) -> dict[str, Rows]:
    """Return rows of a view by the name of their source."""
    name = "parse_filename(documents.source, true)"
    shown = rows(
        warehouse,
        f"select {name}, {columns} from {table} inner join documents using (document_key) order by {order}",
    )
    return {source: [row[1:] for row in shown if row[0] == source] for source in {row[0] for row in shown}}


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """Track, video and frame of the labels of all cases of FRAMES: a label of one track on each image."""
    exports = {
        name: document(images, *((image["id"], {"track_id": 3}) for image in images))
        for name, (images, _) in FRAMES.items()
    }
    warehouse = loaded_at_once(tmp_path_factory.mktemp("frames"), exports)
    return by_source(warehouse, "track_labels", "track, video, frame", "track_labels.position")


@pytest.mark.parametrize("name", FRAMES)
def test_all_images_of_a_video_have_their_frames_by_one_rule(name: str, framed: dict[str, Rows]) -> None:
    images, frames = FRAMES[name]
    assert framed[name] == [("#3", None, frame) for frame in frames]
    whole = document(images, *((i["id"], {"track_id": 3}) for i in images))
    assert [(one.first_frame, one.last_frame) for one in tracks_of(whole)] == [(min(frames), max(frames))]


KEYS: dict[str, tuple[Record, tuple[str, int | None, str | None] | None]] = {
    "at the top": ({"track_id": 4}, ("#4", 4, None)),
    "in attributes": ({"attributes": {"track_id": 4, "occluded": False}}, ("#4", 4, None)),
    "in both": ({"track_id": 5, "attributes": {"track_id": 4}}, ("#4", 4, None)),
    "instance_id at the top": ({"instance_id": 4}, ("#4", 4, None)),
    "instance_id in attributes": ({"attributes": {"instance_id": 4}}, ("#4", 4, None)),
    "instance_id as a text": ({"instance_id": "4"}, ("#4", 4, None)),
    "instance_id beside track_id": ({"instance_id": 9, "track_id": 4}, ("#4", 4, None)),
    "the same in attributes": ({"attributes": {"instance_id": 4, "track_id": 4}}, ("#4", 4, None)),
    "the same in two places": ({"instance_id": 4, "attributes": {"track_id": 4}}, ("#4", 4, None)),
    "instance_id beside null": (
        {"instance_id": 4, "track_id": None, "attributes": {"track_id": None}},
        ("#4", 4, None),
    ),
    "a text at the top": ({"track_id": "car-4"}, ("#car-4", None, "car-4")),
    "a text in attributes": ({"attributes": {"track_id": "car-4", "o": 1}}, ("#car-4", None, "car-4")),
    "a text instance_id": ({"instance_id": "3fa85f64-5717"}, ("#3fa85f64-5717", None, "3fa85f64-5717")),
    "a text instance_id in attributes": (
        {"attributes": {"instance_id": "x", "o": None}},
        ("#x", None, "x"),
    ),
    "texts in two places": (
        {"track_id": "y", "instance_id": "z", "attributes": {"track_id": "x"}},
        ("#x", None, "x"),
    ),
    "an empty text": ({"track_id": "", "instance_id": "", "attributes": {"instance_id": ""}}, None),
    "a fraction as instance_id": ({"instance_id": 4.5}, None),
    "a whole float as instance_id": (
        {"instance_id": 4.0, "attributes": {"track_id": 4}},
        ("#4", 4, None),
    ),
    "an object as instance_id": ({"instance_id": {"value": 3}}, None),
    "a number below 0": ({"track_id": -1}, None),
    "a number below 0 in attributes": ({"attributes": {"instance_id": -1}}, None),
    "a text that spells a number": ({"instance_id": "-0"}, ("#0", 0, None)),
}


@pytest.mark.parametrize("reader", some(READERS))
def test_the_key_of_a_track_is_read_and_comes_back(
    reader: str, write: Write, load: Load, warehouse: Path
) -> None:
    export = document([image(0, "f1.png")], *((0, keys) for keys, _ in KEYS.values()))
    [report] = load(write("keys.json", export), reader=reader)
    assert (report.status, report.row["quarantined"], report.row["issues"]) == ("committed", 0, 0)
    shown = rows(
        warehouse,
        "select track, if(track is null or a.track_id_text is not null, null, a.track_id), a.track_id_text "
        "from annotations as a left join track_labels using (document_key, position) order by a.position",
    )
    assert dict(zip(KEYS, shown, strict=True)) == {
        name: wanted or (None, None, None) for name, (_, wanted) in KEYS.items()
    }
    [returned] = exported(warehouse)
    assert difference(expected(export), returned) is None


VIDEOS: dict[str, tuple[Record, list[Track]]] = {
    "video_id of images": (
        document(
            [image(n, f"f{n}.png", video_id=n // 3, frame_id=n % 3) for n in range(6)],
            *((n, {"instance_id": 1}) for n in (0, 2, 3, 4, 5)),
        ),
        [
            Track("#1", "0", "car", ("car",), 0, 2, 2, 2, 1, 0),
            Track("#1", "1", "car", ("car",), 0, 2, 3, 3, 0, 0),
        ],
    ),
    "video_id of labels": (
        document(
            [image(n, f"f{n}.png") for n in range(4)],
            *((n, {"track_id": 1, "video_id": "ab"[n // 2]}) for n in range(4)),
        ),
        [
            Track("#1", "a", "car", ("car",), 0, 1, 2, 2, 0, 0),
            Track("#1", "b", "car", ("car",), 2, 3, 2, 2, 0, 0),
        ],
    ),
    "video_id of labels of one video": (
        document(
            [image(n, f"f{n}.png") for n in range(3)],
            *((n, {"track_id": 1, "video_id": 7}) for n in (0, 2)),
        ),
        [Track("#1", "7", "car", ("car",), 0, 2, 2, 2, 1, 0)],
    ),
    "vid_id of images": (
        document(
            [image(n, f"{n}.png", vid_id=f"0{n}", frame_id=100 * n) for n in (1, 2)],
            *((n, {"track_id": 0}) for n in (1, 2)),
        ),
        [
            Track("#0", "01", "car", ("car",), 100, 100, 1, 1, 0, 0),
            Track("#0", "02", "car", ("car",), 200, 200, 1, 1, 0, 0),
        ],
    ),
    "folders whose numbers repeat": (
        document(
            [image(n, f"set/{'ab'[n // 3]}/{n % 3:05}.jpg") for n in range(6)],
            *((n, {"track_id": 0, "category_id": 1 + (n == 5)}) for n in (0, 2, 3, 4, 5)),
        ),
        [
            Track("#0", "set/a", "car", ("car",), 0, 2, 2, 2, 1, 0),
            Track("#0", "set/b", "car", ("car", "person"), 0, 2, 3, 3, 0, 1),
        ],
    ),
    "folders of one video": (
        document(
            [image(n, f"{'ab'[n % 2]}/{n:05}.jpg") for n in range(4)],
            *((n, {"track_id": 0}) for n in (0, 1, 3)),
        ),
        [Track("#0", None, "car", ("car",), 0, 3, 3, 3, 1, 0)],
    ),
    "each video by its own rule": (
        document(
            [
                image(0, "a/f7.png", video_id="a"),
                image(1, "a/f9.png", video_id="a"),
                image(2, "b/first.png", video_id="b"),
                image(3, "b/f9.png", video_id="b"),
            ],
            *((n, {"track_id": 0}) for n in range(4)),
        ),
        [
            Track("#0", "a", "car", ("car",), 7, 9, 2, 2, 0, 0),
            Track("#0", "b", "car", ("car",), 0, 1, 2, 2, 0, 0),
        ],
    ),
    "labels of images that are missing": (
        document([image(0, "f1.png")], (0, {"track_id": 1}), (5, {"track_id": 1})),
        [Track("#1", None, "car", ("car",), 1, 1, 1, 1, 0, 0)],
    ),
    "objects of Encord beside numbers": (
        document(
            [image(n, f"videos/a/{n}.jpg") for n in range(3)],
            (0, {"attributes": {"encord_track_uuid": "u", "track_id": 1}}),
            (2, {"attributes": {"encord_track_uuid": "u", "track_id": 2}}),
            (0, {"attributes": {"track_id": 3}}),
        ),
        [Track("u", None, "car", ("car",), 0, 2, 2, 2, 1, 0)],
    ),
    "single images of Encord": (
        document(
            [image(0, "images/a.jpg"), image(1, "images/b.jpg")],
            *((n, {"attributes": {"encord_track_uuid": "u"}}) for n in (0, 1)),
        ),
        [],
    ),
    "videos of Encord in one document": (
        document(
            [image(n, f"videos/{'ab'[n // 2]}/{n % 2}.jpg") for n in range(4)],
            *((n, {"attributes": {"encord_track_uuid": "uv"[n // 2]}}) for n in (0, 1, 2, 3)),
        ),
        [
            Track("u", "a", "car", ("car",), 0, 1, 2, 2, 0, 0),
            Track("v", "b", "car", ("car",), 0, 1, 2, 2, 0, 0),
        ],
    ),
}


SAME_UNIT = "objects of Encord beside numbers"
"""A case whose data unit is that of another case as well."""


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """The tracks of all cases of VIDEOS."""
    folder = tmp_path_factory.mktemp("videos")
    exports = {name: export for name, (export, _) in VIDEOS.items()}
    loaded_at_once(folder, {SAME_UNIT: exports.pop(SAME_UNIT)}, "alone")
    warehouse = loaded_at_once(folder, exports)
    return by_source(warehouse, "tracks", f"tracks.{', tracks.'.join(Track._fields)}", "all")


@pytest.mark.parametrize("name", VIDEOS)
def test_a_track_belongs_to_a_video(name: str, filmed: dict[str, Rows]) -> None:
    export, wanted = VIDEOS[name]
    assert [as_track(row) for row in filmed.get(name, [])] == wanted
    assert sorted(tracks_of(export)) == wanted


CORPUS = {
    "dialects/13_cvat_box_tracks.json": 2,
    "dialects/16_tao.json": 2,
    "encord/encord_legacy_flat_attributes.json": 2,
    "encord/encord_sdk_expected_video.json": 4,
    "encord/encord_sdk_export.json": 8,
    "encord/encord_sdk_export_list.json": 8,
    "real/Hitoshi-Nakanishi+googlemapapi_test/annotations/instances_default.json": 1,
    "real/minhduc198+tennis-detect-and-tracking/annotations/instances_default.json": 2,
    "real/open-mmlab+mmpose/tests/data/jhmdb/test_jhmdb_sub1.json": 3,
    "real/open-mmlab+mmpose/tests/data/posetrack18/annotations/test_posetrack18_val.json": 14,
    "real/open-mmlab+mmpose/tests/data/posetrack18/annotations/val/003418_mpii_test.json": 1,
    "real/open-mmlab+mmpose/tests/data/posetrack18/annotations/val/009473_mpii_test.json": 2,
    "real/open-mmlab+mmpose/tests/data/posetrack18/annotations/val/012834_mpii_test.json": 11,
    "real/open-mmlab+mmtracking/tests/data/demo_cocovid_data/ann.json": 5,
    "real/open-mmlab+mmtracking/tests/data/demo_sot_data/lasot/lasot_test_dummy.json": 2,
    "real/open-mmlab+mmtracking/tests/data/demo_tao_data/ann.json": 2,
    "real/open-mmlab+mmtracking/tests/data/demo_vis_data/ann.json": 1,
}
"""All files of the corpus that have tracks, and how many."""


ON_SINGLE_IMAGES = {"encord/encord_sdk_export.json": 49, "encord/encord_sdk_export_list.json": 49}
"""Labels that name an object of Encord on images that are no frames. The view has all the others."""
LABELS = {"dialects": 18, "encord": 142, "real": 1_179}
"""How many labels of these files name a track, by folder."""


SAMPLE = ["dialects/16_tao.json", "encord/encord_sdk_export_list.json"][: choose(1, 2, 2)]


@pytest.mark.parametrize("names", some([SAMPLE, list(CORPUS)]), ids=["sample", "all"])
def test_view_marts_checks_and_report_agree(names: list[str], tmp_path: Path, warehouse: Path) -> None:
    documents: dict[str, list[Record]] = {}
    for name in names:
        value = json.loads(corpus_file(name).read_bytes())
        objects = [*enumerate(value)] if isinstance(value, list) else [(None, value)]
        documents[name] = [
            unit.value for number, one in objects for unit in units_of(Document(None, number, one))
        ]
        path = tmp_path / "inputs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(corpus_file(name), path)
        [report] = ingest(warehouse, [str(path)], IngestOptions(project=name, jobs=1))
        assert report.status == "committed"
    assert_agreement(warehouse, documents, tmp_path / "report.html")
    shown = rows(warehouse, "select project, count(*) from tracks group by project")
    assert dict(map(tuple, shown)) == {name: CORPUS[name] for name in names}
    of_labels = (
        "select project, count(*) from track_labels join documents using (document_key) group by project"
    )
    assert dict(map(tuple, rows(warehouse, of_labels))) == {
        name: sum(map(naming_tracks, of)) - ON_SINGLE_IMAGES.get(name, 0) for name, of in documents.items()
    }


@slow
def test_all_files_of_the_corpus_whose_labels_name_tracks_are_compared() -> None:
    corpus_file("real")
    counts: Counter[str] = Counter()
    for folder in LABELS:
        for path in sorted(corpus_file(folder).rglob("*.json")):
            try:
                value = json.loads(path.read_text(encoding="utf-8-sig"))
            except ValueError:
                continue
            documents = value if isinstance(value, list) else [value]
            name = path.relative_to(corpus_file("")).as_posix()
            counts[name] = sum(naming_tracks(each) for each in documents if isinstance(each, dict))
    assert (+counts).keys() == CORPUS.keys()
    of_folders: Counter[str] = Counter()
    for name, count in counts.items():
        of_folders[name.partition("/")[0]] += count
    assert dict(of_folders) == LABELS


def naming_tracks(document: Record) -> int:
    """Return how many labels of a document name a track by any key."""
    labels = document.get("annotations")
    return sum(
        bool(name_of(label))
        for label in (labels if isinstance(labels, list) else ())
        if isinstance(label, dict)
    )


def assert_agreement(warehouse: Path, documents: dict[str, list[Record]], report: Path) -> None:
    """Assert that all show the tracks that plain Python finds in the documents of each project."""
    wanted = {name: [t for each in of for t in tracks_of(each)] for name, of in documents.items()}
    shown = rows(warehouse, f"select project, {', '.join(Track._fields)} from tracks")
    assert Counter((row[0], as_track(row[1:])) for row in shown) == Counter(
        (name, track) for name, tracks in wanted.items() for track in tracks
    )
    refresh_marts(warehouse)
    statistics = rows(
        warehouse,
        "select project, category_name, track_count, single_count, label_count, longest_images, "
        "framed_count, gap_count, gap_frames, switch_count, mean_images, mean_span_frames "
        "from track_statistics",
    )
    assert {row[:2]: row[2:10] for row in statistics} == {
        (name, category): tuple(statistics_of(tracks)[:8])
        for name, of in wanted.items()
        for category, tracks in by_category(of).items()
    }
    for row in statistics:
        of = by_category(wanted[row[0]])[row[1]]
        assert row[10] == pytest.approx(sum(t.labelled_frames for t in of) / len(of))
        assert row[11] == pytest.approx(sum(t.last_frame - t.first_frame + 1 for t in of) / len(of))
    checks = {each.name: each for each in check(warehouse, shown_rows=10_000)}
    for name, key in (("track_gaps", "gap_frames"), ("class_switches", "class_switches")):
        place = checks[name].columns.index("track")
        assert Counter(
            (row[0], row[place], row[place + 1], row[-1]) for row in checks[name].rows
        ) == Counter(
            (project, t.track, t.video, getattr(t, key))
            for project, of in wanted.items()
            for t in of
            if getattr(t, key)
        )
    assert Counter(row[0] for row in checks["track_jumps"].rows) <= Counter(
        {name: sum(t.labels - 1 for t in of) for name, of in wanted.items()}
    )
    write_report(warehouse, report)
    every = by_category([track for of in wanted.values() for track in of])
    lines: set[tuple[Any, ...]] = {
        (category, len(of), *(statistics_of(of)[n] for n in (2, 3, 5, 6, 7)))
        for category, of in every.items()
    }
    table = Parsed(report).tables["Tracks"][1:]
    written = [(row[0], *(int(text.replace(",", "")) for text in (*row[1:3], *row[4:]))) for row in table]
    # The table beside the plot has the first rows.
    assert len(written) == min(len(lines), BESIDE)
    assert lines.issuperset(written)
    assert [line[1] for line in written] == sorted((line[1] for line in lines), reverse=True)[:BESIDE]


def by_category(tracks: list[Track]) -> dict[str | None, list[Track]]:
    names = {track.category_name for track in tracks}
    return {name: [track for track in tracks if track.category_name == name] for name in names}


def statistics_of(tracks: list[Track]) -> list[int]:
    return [
        len(tracks),
        sum(track.labelled_frames == 1 for track in tracks),
        sum(track.labels for track in tracks),
        max(track.labelled_frames for track in tracks),
        len(tracks),
        sum(track.gap_frames > 0 for track in tracks),
        sum(track.gap_frames for track in tracks),
        sum(track.class_switches > 0 for track in tracks),
    ]
