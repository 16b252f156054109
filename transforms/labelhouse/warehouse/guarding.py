"""Turn errors of DuckDB and the system during a change into errors that say what happened."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from labelhouse.errors import WarehouseError
from labelhouse.failures import is_interrupt
from labelhouse.files.durable_files import writing
from labelhouse.lake.engine import engine_error
from labelhouse.lake.warehouse_failures import warehouse_failure

_LOGGER = logging.getLogger(__name__)


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Turn errors of DuckDB and the system in the block into a WarehouseError.

    A signal's exception, such as KeyboardInterrupt, stays what it is, even inside DuckDB.
    """
    try:
        with writing("the warehouse"):
            yield
    except duckdb.Error as error:
        raise engine_error(error, folder) from None
    except (MemoryError, RuntimeError) as error:
        if (raised := interruption(error)) is not None:
            raise raised from None
        raise warehouse_failure(error, folder) or error from None


def interruption(error: BaseException) -> BaseException | None:
    """Return what a signal's handler raised inside DuckDB, which wraps it; None for any other error."""
    cause = error.__cause__
    if cause is not None and not isinstance(cause, Exception):
        return cause
    return KeyboardInterrupt() if is_interrupt(error) else None


@contextmanager
def after_commit(loss: str) -> Iterator[None]:
    """Turn an error in the block into a warning that says what was lost: the commit before it stands."""
    try:
        yield
    except (OSError, duckdb.Error, WarehouseError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        _LOGGER.warning("committed, but %s (%s)", loss, reason or type(error).__name__)
