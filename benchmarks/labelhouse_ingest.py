"""Contender: the whole of `labelhouse ingest`, into a new warehouse.

python benchmarks/labelhouse_ingest.py SOURCE FOLDER
"""

import json
import sys
from pathlib import Path

from labelhouse.ingest import Options, ingest


def load(source: Path, folder: Path) -> bool:
    """Load a source as the command does; returns whether it was committed."""
    reports = list(ingest(folder, [str(source)], Options()))
    for report in reports:
        print(json.dumps(report.as_json()))
    return all(report.status == "committed" for report in reports)


if __name__ == "__main__":
    sys.exit(0 if load(Path(sys.argv[1]), Path(sys.argv[2])) else 1)
