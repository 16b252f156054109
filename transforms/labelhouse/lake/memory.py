"""How many bytes of memory DuckDB may take for each kind of work; the rest goes to temporary files."""

import re
from pathlib import Path

import duckdb

from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_quoting import quote_literal

COMMIT_BYTES = 1 << 30
MAINTENANCE_BYTES = 1 << 30
VERIFICATION_BYTES = 1_000_000_000
REFRESH_BYTES = 500_000_000
PUBLICATION_BYTES = 1_000_000_000
CHECK_BYTES = 600_000_000
_UNITS: dict[str, int] = {
    "": 1,
    **{"kmgt"[power - 1]: 1000**power for power in range(1, 5)},
    **{f"{'kmgt'[power - 1]}i": 1024**power for power in range(1, 5)},
}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?\s*", re.ASCII | re.IGNORECASE)


def bytes_of(size: str) -> int:
    """Return the bytes of a size such as 2GB (10^9 each) or 512MiB; raises UsageError for other texts.

    >>> bytes_of("1.5GB"), bytes_of("2 KiB"), bytes_of("100")
    (1500000000, 2048, 100)
    """
    match = _SIZE.fullmatch(size)
    unit = _UNITS.get(match[2].lower()) if match else None
    size_bytes = round(float(match[1]) * unit) if match and unit else 0
    if size_bytes:
        return size_bytes
    raise UsageError(
        ReasonCode.USAGE, "the memory limit is not a size", remedy="give a number and a unit, such as 1GB"
    )


def bound_memory(connection: duckdb.DuckDBPyConnection, memory_bytes: int, spill: Path) -> None:
    """Let DuckDB take at most `memory_bytes` and write the rest to the folder `spill`."""
    connection.execute(f"SET memory_limit = '{memory_bytes}B'")
    connection.execute(f"SET temp_directory = {quote_literal(str(spill))}")
