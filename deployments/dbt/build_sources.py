"""Write models/sources.yml, the tables of the published file as dbt's sources: make dbt-sources.

Names and descriptions are those that the published file has.
"""

import sys
import tempfile
from pathlib import Path

import duckdb
import labelhouse
import yaml
from labelhouse.cli.sample import write_sample

FILE = Path(__file__).parent / "models" / "sources.yml"
_HEAD = "# Written by build_sources.py from the published file: make dbt-sources\n"
_TABLES = "select table_name, comment from duckdb_tables() where not internal and not temporary order by 1"
_COLUMNS = (
    "select column_name, comment from duckdb_columns() where not internal and table_name = ? "
    "order by column_index"
)


def sources(published: Path) -> str:
    """Return the text of sources.yml for a published file."""
    with duckdb.connect(str(published), read_only=True) as file:
        tables = [
            {
                "name": name,
                "description": comment or "",
                "columns": [
                    {"name": column, "description": text or ""}
                    for column, text in file.execute(_COLUMNS, [name]).fetchall()
                ],
            }
            for name, comment in file.execute(_TABLES).fetchall()
        ]
    source = {
        "name": "labelhouse",
        "description": "What labelhouse publish wrote.",
        "database": "published",
        "schema": "main",
        "tables": tables,
    }
    text: str = yaml.safe_dump({"version": 2, "sources": [source]}, sort_keys=False, width=100)
    return _HEAD + text


def sources_of_sample() -> str:
    """Return the text of sources.yml for a small sample: each published file has the same tables."""
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder) / "export.zip")
        labelhouse.ingest(Path(folder) / "warehouse", Path(folder) / "export.zip", jobs=1)
        return sources(Path(labelhouse.publish(Path(folder) / "warehouse").path))


if __name__ == "__main__":
    text = sources_of_sample()
    if "--check" not in sys.argv:
        FILE.write_text(text, encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != text:
        sys.exit(f"{FILE.name} is not what the published file has: make dbt-sources")
