"""Sources that are still being copied: what is wrong with them may pass."""

import gzip
import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from labelhouse.errors import InputError, WarehouseBusyError
from labelhouse.ingestion.stage_source import stage_source
from labelhouse.manifest import ParseTask
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.source_file import opened

from tests.support.aliases import Load
from tests.support.exports import unit
from tests.support.reports import error_of

TEXT = json.dumps([unit("a", 40), unit("b", 40)]).encode()


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", TEXT)
    return content.getvalue()


ZIP, GZIP = zipped(), gzip.compress(TEXT)
CUT = {
    "json": (TEXT[:-100], "TRUNCATED"),
    "json in a key": (TEXT[:30], "TRUNCATED"),
    "gzip": (GZIP[:-20], "GZIP_TRUNCATED"),
    "zip": (ZIP[:-40], "ARCHIVE_CORRUPT"),
    "nothing yet": (b"", "EMPTY_INPUT"),
    "room made for a json": (TEXT[:-100] + bytes(100), "TRUNCATED"),
    "room made, nothing written": (bytes(100), "ENCODING"),
}
FOR_GOOD = {
    "no documents": (b"[]", "EMPTY_INPUT"),
    "syntax": (TEXT[:-100] + b"}}}}]", "JSON_SYNTAX"),
    "results": (b'[{"image_id": 1, "score": 0.5, "bbox": [1, 2, 3, 4]}]', "RESULTS_LIST"),
}


def task(path: Path) -> ParseTask:
    return ParseTask(str(path), "s", "n", "p", "i", 1, str(path.parent))


def rejected(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        stage_source(task(path))
    assert sorted(path.parent.iterdir()) == [path], "nothing staged is left"
    return caught.value


@pytest.mark.parametrize("age_s", [-60, 0, 600])
@pytest.mark.parametrize(("content", "code"), CUT.values(), ids=CUT)
def test_what_is_cut_in_a_file_that_was_written_minutes_ago_may_pass(
    tmp_path: Path, content: bytes, code: str, age_s: int
) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    os.utime(path, (time.time() - age_s,) * 2)
    error = rejected(path)
    assert (error.code, error.retryable) == (code, True)


@pytest.mark.parametrize(("content", "code"), CUT.values(), ids=CUT)
def test_what_is_cut_in_a_file_of_hours_ago_is_cut_for_good(
    tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    os.utime(path, (time.time() - 3600,) * 2)
    error = rejected(path)
    assert (error.code, error.retryable) == (code, False)


@pytest.mark.parametrize(("content", "code"), FOR_GOOD.values(), ids=FOR_GOOD)
def test_what_no_more_bytes_can_mend_is_for_good_at_once(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    error = rejected(path)
    assert (error.code, error.retryable) == (code, False)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b" ")


def replace(path: Path) -> None:
    new = path.with_suffix(".new")
    new.write_bytes(path.read_bytes())
    new.replace(path)


@pytest.mark.parametrize("change", [grow, replace, Path.unlink])
@pytest.mark.parametrize("content", [TEXT, TEXT[:-100], FOR_GOOD["syntax"][0]])
def test_a_file_that_changes_while_it_is_read_is_told_as_such_whatever_was_found(
    tmp_path: Path, content: bytes, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    changes = iter([change])
    with pytest.raises(InputError) as caught:
        stage_source(task(path), lambda _: next(changes, lambda _: None)(path))
    assert next(changes, None) is None, "it was changed while it was read"
    assert (caught.value.code, caught.value.retryable) == ("SOURCE_CHANGED", True)


def test_an_error_of_the_system_in_a_file_that_changed_is_told_as_a_change(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(TEXT)
    path.with_suffix(".new").write_bytes(TEXT)
    with pytest.raises(InputError) as caught, opened(str(path)):  # noqa: PT012
        path.with_suffix(".new").replace(path)
        raise OSError(116, "Stale file handle")
    assert caught.value.code == "SOURCE_CHANGED"
    with pytest.raises(InputError) as caught, opened(str(path)):
        raise OSError(5, "Input/output error")
    assert str(caught.value) == "cannot be read (Input/output error); check the file and its permissions"


def test_the_report_says_that_it_may_pass_and_the_error_crosses_processes(
    load: Load, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(TEXT[:-100])
    [report] = load(str(path))
    assert error_of(report).retryable
    assert list(report.notes) == [
        "the file was written minutes ago and may not be complete yet: load it again when it is"
    ]
    os.utime(path, (time.time() - 3600,) * 2)
    [report] = load(str(path))
    assert not error_of(report).retryable
    assert list(report.notes) == []
    path.write_bytes(TEXT)
    [report] = load(str(path))
    assert report.status == "committed"


def test_errors_tell_by_their_codes_what_may_pass() -> None:
    assert WarehouseBusyError(ReasonCode.WAREHOUSE_BUSY, "x").retryable
    assert not InputError(ReasonCode.TRUNCATED, "x").retryable
    assert InputError(ReasonCode.TRUNCATED, "x", may_pass=True).retryable
