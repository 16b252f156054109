"""What a store has listed is not asked again."""

from pathlib import Path

import pytest
from labelhouse.ingestion.run import IngestOptions, ingest
from labelhouse.sources import source_file
from labelhouse.sources.source_file import is_large

from tests.support.aliases import Write
from tests.support.exports import plain


@pytest.mark.parametrize(("listed", "expected"), [(600, True), (100, True), (16, False), (1, False)])
def test_an_object_whose_listed_size_decides_is_not_opened(
    monkeypatch: pytest.MonkeyPatch, listed: int, expected: bool
) -> None:
    def refuse(path: str) -> None:
        raise AssertionError(f"opened {path}")

    monkeypatch.setattr(source_file, "opened", refuse)
    assert is_large("s3://nowhere/export.json", 100, listed_bytes=listed) is expected
    with pytest.raises(AssertionError, match="opened"):
        # Packed it is worth several processes, plain it is not.
        is_large("s3://nowhere/export.json", 100, listed_bytes=50)


def test_each_source_is_named_before_the_first_is_read(write: Write, warehouse: Path) -> None:
    paths = [write(f"{name}.json", plain()) for name in "ab"]
    seen: list[tuple[str, int]] = []
    list(
        ingest(
            warehouse,
            paths,
            IngestOptions(jobs=1),
            lambda source, position: seen.append((source.path, position)),
        )
    )
    assert seen[:2] == [(path, 0) for path in paths]
    assert dict(seen) == {path: Path(path).stat().st_size for path in paths}
