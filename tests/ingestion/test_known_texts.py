"""Documents whose text is known are not decoded, and nothing else differs: not a row, not a note."""

import copy
import io
import json
import random
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelhouse import connect
from labelhouse.errors import InputError
from labelhouse.ingestion.run import IngestOptions
from labelhouse.ingestion.stage_source import stage_source
from labelhouse.manifest import ParseTask
from labelhouse.readers import bulk_reader
from labelhouse.readers.events import Block, DocumentEnd, DocumentStart, KnownDocument, KnownText
from labelhouse.staging.known_documents import save_known
from labelhouse.staging.known_texts import KEPT_FILES, LEAST_BYTES
from labelhouse.texts.document_text import digest_of_text, urls_named
from labelhouse.texts.url_secrets import location

from tests.ingestion.test_recall import contents
from tests.readers.test_reader_contract import documents_in, expanded
from tests.support.exports import plain, unit
from tests.support.ingesting import Sessions
from tests.support.sets import rounds, slow, some

NIGHTS = rounds("NIGHTS", 3, 10, 60)
TEXTS = rounds("TEXTS", 20, 150, 1_000)
PADDING = "x" * (LEAST_BYTES // 16)
Document = dict[str, Any]


def signed(document: Document, signature: str) -> Document:
    """Return a document whose images have signed URLs."""
    document = copy.deepcopy(document)
    for index, image in enumerate(document["images"]):
        image["coco_url"] = f"https://host/{image['file_name']}-{index}?X-Sig={signature}&e=1"
    return document


def document(number: int) -> Document:
    """Return a document, long enough that a few of them are worth remembering."""
    own = unit(f"{number:08x}-0000-4000-8000-000000000000", labels=2 + number % 3)
    whole = own if number % 4 else {**plain(), "info": {"description": f"plain {number}"}}
    return signed({**whole, "padding": PADDING}, "first")


def other(before: Document, chance: random.Random) -> Document:
    """Return a document with one of many changes, some of which mean nothing."""
    after = copy.deepcopy(before)
    label, image = after["annotations"][0], after["images"][0]
    kind = chance.randrange(14)
    if kind < 4:
        return signed(after, f"{chance.random()}")
    if kind == 4:
        label["bbox"][0] += 1
    elif kind == 5:
        after["info"] = {"description": f"title {chance.random()}"}
    elif kind == 6:
        label["bbox"] = "no box"
    elif kind == 7:
        label["coco_url"] = f"https://host/label.jpg?X-Sig={chance.random()}"
    elif kind == 8:
        image["own"] = {"coco_url": f"https://host/own.jpg?n={chance.random()}"}
    elif kind == 9:
        image["coco_url"] = f"https://us:{chance.random()}@host/a.jpg?sig=1"
    elif kind == 10:
        image["file_name"] += f"?X-Amz-Signature={chance.random()}"
    elif kind == 11:
        label["iscrowd"] = 7
    elif kind == 12:
        after["padding"] = "\ud800" if chance.random() < 0.5 else "é" + PADDING
    elif kind == 13:
        del after["images"]
        after["images"] = [image]
    return after


def spelled(documents: Sequence[Document], chance: random.Random) -> str:
    """Return the JSON of a list, each document spelled in one of several ways."""
    ways: list[dict[str, Any]] = [{}, {"separators": (",", ":")}, {"indent": 1}, {"ensure_ascii": False}]
    texts = []
    for one in documents:
        way = ways[0] if chance.random() < 0.9 else chance.choice(ways)
        text = json.dumps(one, **way)
        if chance.random() < 0.05:
            text = text.replace('"coco_url"', '"coco\\u005furl"')
        texts.append(text.replace("\ud800", "\\ud800"))
    return "[" + chance.choice((",", ", ", " ,\n")).join(texts) + "]"


class Twins:
    """Two warehouses that get the same loads; one of them parses every document."""

    def __init__(self, folder: Path) -> None:
        self.fast, self.slow = folder / "fast", folder / "slow"
        self.sessions = Sessions()

    def load(self, path: Path, **options: Any) -> list[dict[str, Any]]:
        """Load into both, compare the reports, and return them."""
        outcomes = []
        for warehouse, recalls in ((self.fast, True), (self.slow, False)):
            how = IngestOptions(**{"jobs": 1, "recalls": recalls, **options})
            reports = self.sessions.ingest(warehouse, [str(path)], how)
            same = {"seconds": 0, "ingest_id": 0}
            outcomes.append([({**r.as_json(), **same}, r.notes, str(r.error)) for r in reports])
        assert outcomes[0] == outcomes[1]
        return [report for report, *_ in outcomes[0]]


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Twins]:
    both = Twins(tmp_path)
    yield both
    both.sessions.close()
    assert contents(both.fast) == contents(both.slow)
    assert list((both.fast / "parsed").glob("texts-*/*.arrow"))
    assert not list((both.slow / "parsed").glob("texts-*"))


def write(path: Path, text: str) -> None:
    data = text.encode()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a/labels.json", data)
            archive.writestr("b/labels.json", json.dumps([document(900), document(901)]))
    else:
        path.write_bytes(data)


@pytest.mark.parametrize("name", some(["list.zip", "list.json"]))
def test_the_nights_of_a_project_are_the_same_with_and_without_recognised_documents(
    twins: Twins, tmp_path: Path, name: str
) -> None:
    chance = random.Random(name)
    path = tmp_path / name
    documents = [document(number) for number in range(24)]
    for night in range(NIGHTS):
        write(path, spelled(documents, chance))
        twins.load(path, full=chance.random() < 0.2)
        for _ in range(chance.randrange(4)):
            place = chance.randrange(len(documents))
            documents[place] = other(documents[place], chance)
        match chance.randrange(6):
            case 0:
                documents.insert(chance.randrange(9), document(100 + night))
            case 1:
                documents.append(copy.deepcopy(chance.choice(documents)))
            case 2:
                del documents[chance.randrange(9)]
            case 3:
                documents = [signed(one, str(night)) for one in documents]
            case 4:
                chance.shuffle(documents)


def test_a_document_is_recognised_although_its_urls_are_signed_again(twins: Twins, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    documents = [document(number) for number in range(24)]
    # Longer than a block, and longer than what is held of a text.
    for number, times in ((3, 400), (7, 1_100), (23, 400)):
        documents[number]["padding"] = [PADDING] * times
    path.write_text(json.dumps(documents))
    twins.load(path)
    again = [signed(one, "again") for one in documents]
    again[5]["annotations"][0]["bbox"][0] += 1
    path.write_text(json.dumps(again))
    [report] = twins.load(path)
    assert report["documents"] == {"added": 0, "changed": 1, "unchanged": 23, "removed": 0, "rejected": 0}


@slow
def test_a_text_that_is_no_json_is_rejected_as_without_recognised_documents(
    twins: Twins, tmp_path: Path
) -> None:
    path = tmp_path / "list.json"
    documents = [document(number) for number in range(24)]
    path.write_text(json.dumps(documents))
    twins.load(path)
    text = json.dumps([*documents[:20], document(70), *documents[20:]])
    for broken in (
        text[:-1],
        text[:-30_000],
        text.replace('"iscrowd": 0', '"iscrowd": 01', 1),
        text.replace("[3, ", "[1e999, ", 1),
        text + "]",
        text[:-1] + ", 3]",
        text[:-1] + ",]",
        text.replace('"padding"', '"info"'),
    ):
        path.write_text(broken)
        [report] = twins.load(path)
        assert report["error"] or report["status"] == "committed"


@slow
def test_several_processes_leave_what_one_process_recognises(twins: Twins, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    documents = [{**document(number), "padding": PADDING * 60} for number in range(60)]
    path.write_text(json.dumps(documents))
    twins.load(path, jobs=2)
    documents[7] = signed(documents[7], "other")
    documents[8]["annotations"][0]["bbox"][0] += 1
    path.write_text(json.dumps(documents))
    [report] = twins.load(path, jobs=2)
    assert report["documents"]["unchanged"] == 59


def events(text: str, known: dict[int, KnownText]) -> list[Any]:
    def recognise(first: int, digests: Sequence[str]) -> list[KnownText | None]:
        return [known.get(first + index) for index in range(len(digests))]

    return list(expanded(bulk_reader.read(io.BytesIO(text.encode()), recogniser=recognise)))


def test_a_known_document_is_not_decoded() -> None:
    documents = [document(number) for number in range(4)]
    known = KnownText("00" * 16, "id", 3)
    read_events = events(json.dumps(documents), {1: known})
    started = [event for event in read_events if isinstance(event, DocumentStart | KnownDocument)]
    assert [event.position for event in started] == [0, 1, 2, 3]
    digests = [digest_of_text(json.dumps(one).encode()) for one in documents]
    ended = [event for event in read_events if isinstance(event, DocumentEnd)]
    assert [(event.position, event.digest) for event in ended] == [(n, digests[n]) for n in (0, 2, 3)]
    assert started[1] == KnownDocument(1, digests[1], known)
    runs = [run.document for event in read_events if isinstance(event, Block) for run in event.runs]
    assert 1 not in runs
    assert {0, 2, 3} <= set(runs)


@pytest.mark.parametrize("block_bytes", [64, 1_000, 20_000, 1 << 20])
def test_a_reader_that_recognises_nothing_reads_what_it_would_read(block_bytes: int) -> None:
    chance = random.Random(block_bytes)
    for _ in range(TEXTS):
        documents = [
            {**document(number), "padding": "x" * chance.choice((1, 500, 5_000))}
            for number in range(chance.randrange(9))
        ]
        documents = [other(one, chance) if chance.random() < 0.4 else one for one in documents]
        text = spelled(documents, chance)
        match chance.randrange(6):
            case 0:
                text = text[: chance.randrange(len(text))]
            case 1:
                at = chance.randrange(len(text))
                text = text[:at] + chance.choice('{}[]",:x0\\') + text[at + 1 :]
            case 2:
                text = text.replace('"iscrowd": 0', '"iscrowd": ' + "9" * 400, 1)
        outcomes = [read_whole(text, block_bytes, recognises=recognises) for recognises in (False, True)]
        assert outcomes[0] == outcomes[1]


def read_whole(text: str, block_bytes: int, *, recognises: bool) -> Any:
    """Return the documents of a text, or what is wrong with it."""
    recogniser = (lambda _, digests: [None] * len(digests)) if recognises else None
    stream = io.BytesIO(text.encode())
    try:
        events = bulk_reader.read(stream, block_bytes=block_bytes, recogniser=recogniser)
        return documents_in(expanded(events))
    except InputError as error:
        return error.code, str(error), error.pointer, error.offset


def test_a_document_whose_nested_values_have_urls_has_no_digest() -> None:
    documents = [document(number) for number in range(4)]
    documents[1]["annotations"][0]["coco_url"] = "https://host/a.jpg?n=1"
    documents[2]["images"][0]["own"] = {"coco_url": "https://host/a.jpg?n=1"}
    documents[3]["images"][0]["title"] = "coco_url"
    text = json.dumps(documents)
    digests = [event.digest for event in events(text, {}) if isinstance(event, DocumentEnd)]
    assert [digest is None for digest in digests] == [False, True, True, True]
    escaped = json.dumps(documents[:1]).replace('"id"', '"\\u0069d"')
    assert [event.digest for event in events(escaped, {}) if isinstance(event, DocumentEnd)] == [None]


_URLS = st.text(st.sampled_from('ab?#"\\/:@%é {}[],'), max_size=8).map(lambda text: f"https://host/{text}")


@settings(deadline=None)
@given(first=st.lists(_URLS, min_size=1, max_size=3), second=st.lists(_URLS, min_size=1, max_size=3))
def test_texts_of_one_digest_mean_the_same(first: list[str], second: list[str]) -> None:
    texts = []
    for urls in (first, second):
        images = [{"coco_url": url, "id": number} for number, url in enumerate(urls)]
        texts.append(json.dumps({"images": images}, ensure_ascii=False).encode())
    cut = [[location(url) for url in urls] for urls in (first, second)]
    if digest_of_text(texts[0]) == digest_of_text(texts[1]):
        assert cut[0] == cut[1]
    for text, urls in zip(texts, (first, second), strict=True):
        assert urls_named(text) == (len(urls) if any("?" in url for url in urls) else 0)


def test_other_projects_and_damaged_files_are_no_use(tmp_path: Path) -> None:
    source = tmp_path / "list.json"
    source.write_text(json.dumps([document(number) for number in range(24)]))
    task = ParseTask(
        path=str(source),
        source="list.json",
        name="list.json",
        project="one",
        ingest_id="a",
        ingest_number=1,
        folder=str(tmp_path),
        parsed=str(tmp_path / "parsed"),
    )
    first = stage_source(task)
    assert first.rows["documents"] == 24
    [kept] = (tmp_path / "parsed").glob("texts-*/*.arrow")
    again = replace(task, ingest_id="b", ingest_number=2)
    for change in (replace(again, project="two"), again, replace(again, known=None)):
        # Nothing is known to be in the warehouse: everything is staged.
        assert stage_source(replace(change, ingest_id=str(id(change)))).rows == first.rows
    kept.write_bytes(kept.read_bytes()[:-9] + b"123456789")
    known = tmp_path / "known"
    save_known(known, [("nothing", "0")])
    assert stage_source(replace(again, known=str(known))).rows == first.rows


@slow
def test_few_files_are_kept(tmp_path: Path) -> None:
    documents = [document(number) for number in range(24)]
    sessions = Sessions()
    for night in range(KEPT_FILES + 3):
        path = tmp_path / f"night-{night:02}.json"
        documents[0]["annotations"][0]["bbox"][0] = night
        path.write_text(json.dumps(documents))
        list(sessions.ingest(tmp_path / "warehouse", [str(path)], IngestOptions(jobs=1)))
    sessions.close()
    assert len(list((tmp_path / "warehouse" / "parsed").glob("texts-*/*.arrow"))) == KEPT_FILES
    with connect(tmp_path / "warehouse") as connection:
        [row] = connection.execute("select max(documents_unchanged) from ingests").fetchall()
    assert row
