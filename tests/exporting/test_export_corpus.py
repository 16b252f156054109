"""Every export of the corpus comes back equal, loads again as what it was, and loads in pycocotools."""

import contextlib
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import ijson
import pytest
from labelhouse import connect
from labelhouse.exporting.run import ExportOptions, export, exported_texts
from labelhouse.exporting.sink import export_file
from labelhouse.ingestion.run import IngestOptions
from pycocotools.coco import COCO

from tests.reference.round_trip import difference, documents_of, expected, exported
from tests.support.corpus import corpus_file, loadable_copy, needs_corpus
from tests.support.ingesting import ingest
from tests.support.sets import choose, slow

pytestmark = needs_corpus
STEP = choose(1, 3, 1)
"""Every so many of the files that come back are loaded again as well."""


@pytest.fixture(scope="module", params=["real", "encord"])
def loaded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, list[Path]]:
    """A warehouse with all files of a folder that load whole, the folder, and the files in their order.

    Two of the Encord files are versions of one data unit, of which the later one counts.
    """
    folder = tmp_path_factory.mktemp("corpus") / request.param
    loadable_copy(request.param, folder)
    warehouse = tmp_path_factory.mktemp("export") / "w"
    # All in one commit: this is about what comes back.
    reports = list(ingest(warehouse, [str(folder)], IngestOptions(jobs=2, full=True)))
    assert {report.status for report in reports} == {"committed"}
    whole = [Path(r.source) for r in reports if not r.row["quarantined"]]
    assert len(whole) > (choose(15, 100, 100) if request.param == "real" else 3)
    return warehouse, folder, whole


def document_ids(warehouse: Path) -> dict[str, list[str]]:
    """Return the ids of each source's documents, in order."""
    with connect(warehouse) as connection:
        rows = connection.execute("select source, document_id from documents order by source, position")
        by_source: dict[str, list[str]] = {}
        for source, document_id in rows.fetchall():
            by_source.setdefault(source, []).append(document_id)
    return by_source


def test_every_document_comes_back_as_it_came(loaded: tuple[Path, Path, list[Path]]) -> None:
    warehouse, _, files = loaded
    got = exported(warehouse)
    sources = [source for source, ids in document_ids(warehouse).items() for _ in ids]
    assert len(got) == len(sources)
    checked = 0
    for file in files:
        mine = [document for document, source in zip(got, sources, strict=True) if source == str(file)]
        wanted = documents_of(file)
        if len(mine) != len(wanted):
            # Another file has a later version of some of its documents.
            assert file.name in ("encord_sdk_export.json", "encord_sdk_export_list.json"), file
            continue
        assert difference([expected(document) for document in wanted], mine) is None, file
        checked += 1
    assert checked >= len(files) - 1


@slow
def test_an_export_loaded_again_changes_nothing(
    loaded: tuple[Path, Path, list[Path]], tmp_path: Path
) -> None:
    warehouse, folder, files = loaded
    fingerprints = "select document_id, fingerprint from documents order by all"
    # Fingerprints cover places, and a document of an object that was split has its records' places there.
    parts = "select document_id from documents join images using (document_key) group by all "
    parts += "having min(images.position) > 0"
    with connect(warehouse) as connection:
        before = connection.execute(fingerprints).fetchall()
        of_split = {document_id for (document_id,) in connection.execute(parts).fetchall()}
    assert not of_split or "encord_sdk_export.json" in {file.name for file in files}
    every = document_ids(warehouse)
    step = STEP if len(every) > 50 else 1
    ids = dict(list(every.items())[::step])
    again = tmp_path / folder.name
    with connect(warehouse) as connection:
        for source, names in ids.items():
            # A document that is known by its file's name alone came as one object, not in a list.
            out = again / Path(source).relative_to(folder)
            shape = "object" if names == [out.relative_to(again).as_posix()] else "list"
            out.parent.mkdir(parents=True, exist_ok=True)
            _, texts = exported_texts(connection, ExportOptions(documents=names, shape=shape))
            out.write_bytes(b"".join(texts))
    reports = list(ingest(warehouse, [str(again)], IngestOptions(jobs=2, full=step == 1)))
    whole = set(map(str, files))
    for report in reports:
        source = str(folder / Path(report.source).relative_to(again))
        assert report.error is None
        if source in whole:
            row = report.row
            assert (row["documents_added"], row["documents_changed"]) == (0, 0), report.source
            assert row["documents_unchanged"] == len(ids[source])
    with connect(warehouse) as connection:
        after = connection.execute(fingerprints).fetchall()
    if set(every) <= whole:
        assert [row for row in after if row[0] not in of_split] == [
            row for row in before if row[0] not in of_split
        ]


def pycocotools(dataset: dict[str, Any]) -> COCO:
    """Load a dataset as pycocotools does, without its messages."""
    coco = COCO()
    coco.dataset = dataset
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
    return coco


def pixels(coco: COCO, label: dict[str, Any]) -> int | None:
    """Return the area of a label's mask as pycocotools counts it; None where it cannot."""
    from pycocotools import mask

    try:
        return int(mask.area(coco.annToRLE(label)))
    except Exception:  # noqa: BLE001 - whatever it cannot do for the input, it need not do for the export
        return None


@slow
def test_single_has_the_counts_and_areas_of_the_input_in_pycocotools(
    loaded: tuple[Path, Path, list[Path]],
) -> None:
    warehouse, _, files = loaded
    ids = document_ids(warehouse)
    masks = 0
    connection = connect(warehouse)
    for file in files[:: STEP if len(files) > 50 else 1]:
        documents = documents_of(file)
        if str(file) not in ids or len(ids[str(file)]) != len(documents):
            continue
        options = ExportOptions(documents=ids[str(file)], shape="single")
        single = pycocotools(json.loads(b"".join(exported_texts(connection, options)[1])))
        dataset = single.dataset
        assert (
            len(single.imgs) == len(dataset["images"]) == sum(len(d.get("images", [])) for d in documents)
        )
        labels = [label for d in documents for label in d.get("annotations", [])]
        assert len(single.anns) == len(dataset["annotations"]) == len(labels)
        areas = [label.get("area") for label in labels]
        assert [label.get("area") for label in dataset["annotations"]] == [
            float(area) if isinstance(area, str) else area for area in areas
        ], file
        kinds = {
            json.dumps([c.get(k) for k in ("name", "supercategory", "keypoints")])
            for d in documents
            for c in d.get("categories", [])
        }
        assert len(single.cats) == len(dataset["categories"]) <= max(len(kinds), 0), file
        at = 0
        for document in documents:
            original = pycocotools({"images": document.get("images", [])})
            for label in document.get("annotations", [])[:200]:
                if isinstance(label.get("segmentation"), dict | list) and label["segmentation"]:
                    area = pixels(original, label)
                    if area is not None:
                        masks += 1
                        assert pixels(single, dataset["annotations"][at]) == area, file
                at += 1
            at += len(document.get("annotations", [])[200:])
    assert masks > 10
    connection.close()


@slow
@pytest.mark.parametrize(
    "name", choose(["large/list.zip"], ["large/list.zip"], ["large/instances.zip", "large/list.zip"])
)
def test_large_exports_come_back_as_they_came(name: str, tmp_path: Path) -> None:
    source = corpus_file(name)
    warehouse = tmp_path / "w"
    [report] = ingest(warehouse, [str(source)], IngestOptions(jobs=2))
    assert report.status == "committed"
    out = tmp_path / "o.zip"
    with export_file(str(out)) as stream:
        export(warehouse, lambda: stream, ExportOptions())
    assert digests(out, cleaned=False) == digests(source, cleaned=True)


def digests(path: Path, *, cleaned: bool) -> dict[str, tuple[int, str]]:
    """Return the number and the hash of the records of each section, read one after the other."""
    by_section = {}
    with zipfile.ZipFile(path) as archive:
        [name] = archive.namelist()
        with archive.open(name) as stream:
            prefix = "item." if stream.read(1) == b"[" else ""
        for section in ("images", "categories", "annotations"):
            count, digest = 0, hashlib.sha256()
            with archive.open(name) as stream:
                for record in ijson.items(stream, f"{prefix}{section}.item", use_float=True):
                    one = expected({"images": [record]})["images"][0] if cleaned else record
                    digest.update(canonical(one))
                    count += 1
            by_section[section] = (count, digest.hexdigest())
    return by_section


def canonical(value: Any) -> bytes:
    """Return a text that is equal for equal JSON values."""
    return json.dumps(_floats(value), sort_keys=True).encode()


def _floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
