"""Do a change again that another one came before: whole, from what it compares on."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

import duckdb

from labelhouse.errors import StaleDocumentsError, WarehouseError
from labelhouse.lake.engine import engine_error
from labelhouse.reason_codes import ReasonCode
from labelhouse.warehouse.warehouse import Warehouse

_PASSING = frozenset(
    {ReasonCode.WAREHOUSE_BUSY, ReasonCode.CATALOG_UNREACHABLE, ReasonCode.STORE_UNREACHABLE}
)
_FIRST_PAUSE_S = 0.2
_Done = TypeVar("_Done")
_LOGGER = logging.getLogger(__name__)


def trying_again(warehouse: Warehouse, work: Callable[[], _Done]) -> _Done:
    """Do `work`, which takes the lock and makes a change, until none came before it; return its result.

    A folder's lock is certain, so there it is done once. Where a lost session may give the lock to another
    process, the work is done at most as often as the place says, after pauses of random length. Raises what
    the last try raised.
    """
    for number in range(1, warehouse.place.tries):
        try:
            return work()
        except StaleDocumentsError:
            # The source has to be compared with the warehouse again first.
            raise
        except (duckdb.Error, WarehouseError) as error:
            known = error if isinstance(error, WarehouseError) else engine_error(error, warehouse.address)
            if known.code not in _PASSING:
                raise
            _LOGGER.warning("%s: %s; trying again", warehouse.address, known.what)
            time.sleep(random.uniform(0.5, 1.5) * _FIRST_PAUSE_S * 2**number)
    return work()
