"""Sizes of memory, as people write them."""

from pathlib import Path

import duckdb
import pytest
from labelhouse.errors import UsageError
from labelhouse.lake.memory import bound_memory, bytes_of

SIZES = {
    "1GB": 10**9,
    "500MB": 5 * 10**8,
    "1.5 gb": 15 * 10**8,
    "2KiB": 2048,
    "3 MiB": 3 << 20,
    "1g": 10**9,
    "4tib": 4 << 40,
    "100": 100,
    "7B": 7,
}


@pytest.mark.parametrize("size", SIZES)
def test_a_size_is_read(size: str) -> None:
    assert bytes_of(size) == SIZES[size]


NO_SIZES = ["", "much", "GB", "-1GB", "0", "0.0001KB", "1 XB", "1GB; select 1", "1e9", "1.GB"]


@pytest.mark.parametrize("size", [*NO_SIZES, "\N{FULLWIDTH DIGIT ONE}GB"])
def test_what_is_no_size_is_refused(size: str) -> None:
    with pytest.raises(UsageError, match="memory limit is not a size"):
        bytes_of(size)


def test_duckdb_keeps_to_it(tmp_path: Path) -> None:
    connection = duckdb.connect()
    bound_memory(connection, 123_000_000, tmp_path / "it's here")
    [(limit,)] = connection.execute("select current_setting('memory_limit')").fetchall()
    [(spill,)] = connection.execute("select current_setting('temp_directory')").fetchall()
    assert (limit, spill) == ("117.3 MiB", str(tmp_path / "it's here"))
