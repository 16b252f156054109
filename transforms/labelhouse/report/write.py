"""Write the report of a warehouse."""

import os
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from labelhouse.codes import Code
from labelhouse.durable import write_durably
from labelhouse.engine import connect_engine
from labelhouse.errors import UsageError
from labelhouse.publish import newest
from labelhouse.report.data import read_report
from labelhouse.report.page import page
from labelhouse.report.text import escaped

FILE = "report.html"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and how long it took."""

    path: str
    bytes: int
    seconds: float
