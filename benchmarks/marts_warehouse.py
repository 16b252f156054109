"""Make a large warehouse quickly: load an export, then copy its rows into further projects.

python benchmarks/marts_warehouse.py EXPORT FOLDER LABELS
"""

import shutil
import sys
from pathlib import Path

from labelhouse.ingest import Options, ingest
from labelhouse.schema import ANNOTATIONS, ATTRIBUTES, DOCUMENTS, IMAGES, KEYPOINTS
from labelhouse.warehouse import open_warehouse

_SQL = Path(__file__).with_name("marts_copy.sql")
_COPY_BITS = 24
"""Document keys of the copies are that many bits apart."""


def build(folder: Path, base: Path, labels: int) -> tuple[int, int]:
    """Make a warehouse of at least `labels` labels; return how many copies of the base, and labels."""
    shutil.rmtree(folder, ignore_errors=True)
    [report] = ingest(folder, [str(base)], Options(project="copy-0"))
    if report.status != "committed":
        raise RuntimeError(f"{base.name} was not loaded: {report.error}")
    per_copy = int(str(report.row["annotation_count"]))
    copies = -(-labels // per_copy)
    template = _SQL.read_text(encoding="utf-8")
    with open_warehouse(folder) as warehouse, warehouse.lock(), warehouse.transaction() as connection:
        first_key = 1 << 32
        for copy in range(1, copies):
            keys = {"first_key": first_key, "last_key": first_key + (1 << _COPY_BITS) - 1}
            for table in (DOCUMENTS, IMAGES, ANNOTATIONS, KEYPOINTS, ATTRIBUTES):
                replaced = f"document_key + {copy << _COPY_BITS} as document_key"
                if table is DOCUMENTS:
                    replaced += f", 'copy-{copy}' as project"
                sql = template.replace("{table}", table.name).replace("{replaced}", replaced)
                connection.execute(sql, keys)
    return copies, copies * per_copy


if __name__ == "__main__":
    print(*build(Path(sys.argv[2]), Path(sys.argv[1]), int(sys.argv[3])))
