"""Make a large warehouse quickly and a night that changes some of it; compare marts.

python benchmarks/outputs/marts_warehouse.py make EXPORT FOLDER LABELS
python benchmarks/outputs/marts_warehouse.py night EXPORT TARGET LABELS
python benchmarks/outputs/marts_warehouse.py hashes FOLDER
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import labelhouse
from labelhouse import connect
from labelhouse.schema.mart_tables import MART_STATE, MART_TABLES
from labelhouse.schema.warehouse_tables import ANNOTATIONS, ATTRIBUTES, DOCUMENTS, IMAGES, KEYPOINTS
from labelhouse.warehouse.opening import open_warehouse

_SQL = Path(__file__).with_name("marts_copy.sql")
_COPY_BITS = 24
"""Document keys of the copies are that many bits apart."""


def build(folder: Path, base: Path, labels: int) -> tuple[int, int]:
    """Make a warehouse of at least `labels` labels; return how many copies of the base, and labels."""
    shutil.rmtree(folder, ignore_errors=True)
    [report] = labelhouse.ingest(folder, base, project="copy-0").reports
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
                if table is ANNOTATIONS:
                    replaced += ", null as polygons"
                if table is DOCUMENTS:
                    replaced += f", 'copy-{copy}' as project"
                sql = template.replace("{table}", table.name).replace("{replaced}", replaced)
                connection.execute(sql, keys)
    return copies, copies * per_copy


def moved(base: Path, labels: int, target: Path) -> Path:
    """Write the base with documents of `labels` labels in all changed: their boxes moved by a pixel."""
    documents: list[dict[str, Any]] = json.loads(base.read_bytes())
    for document in sorted(documents, key=lambda document: len(document["annotations"])):
        if labels <= 0:
            break
        for annotation in document["annotations"]:
            annotation["bbox"][0] += 1.0
        labels -= len(document["annotations"])
    target.write_text(json.dumps(documents), encoding="utf-8")
    return target


def mart_hashes(folder: Path) -> dict[str, tuple[int, int]]:
    """Return rows and a hash of every mart, whatever the order of its rows."""
    with connect(folder) as connection:
        hashes = {}
        for table in MART_TABLES:
            if table is MART_STATE:
                continue
            # Sums of floating-point numbers depend on the order in which they were added.
            columns = ", ".join(
                f"round({c.name}, 3)" if c.sql_type == "DOUBLE" else c.name for c in table.columns
            )
            relation = connection.sql(f"select count(*), bit_xor(hash({columns})) from {table.name}")
            row = relation.fetchone()
            assert row is not None
            hashes[table.name] = (row[0], row[1])
    return hashes


def main() -> None:
    """Do one of the three and print what came of it; each is a process of its own, for they take memory."""
    match sys.argv[1:]:
        case ["make", export, folder, labels]:
            print(*build(Path(folder), Path(export), int(labels)))
        case ["night", export, target, labels]:
            print(moved(Path(export), int(labels), Path(target)))
        case ["hashes", folder]:
            print(json.dumps(mart_hashes(Path(folder))))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
