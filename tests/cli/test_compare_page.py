"""The commands of docs/compare.md run as they stand there."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from labelhouse.cli.app import app
from labelhouse.ingestion.run import IngestOptions
from typer.testing import CliRunner

from tests.support.ingesting import ingest
from tests.support.sets import slow

PAGE = (Path(__file__).parents[2] / "docs" / "compare.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
PYTHON = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
DATASET: dict[str, Any] = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 80}],
    "categories": [{"id": 1, "name": "car"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 10, 10], "area": 100, "iscrowd": 0}
    ],
}
RESULT = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 10, 10], "score": 0.9}


@slow
def test_every_command_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for project, name in (
        ("anna", "anna.json"),
        ("bert", "bert.json"),
        ("cars", "valid/_annotations.json"),
        ("cars", "a.json"),
        ("cars", "b.json"),
    ):
        path = tmp_path / project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # The same bytes under another name would be the same document.
        path.write_text(json.dumps({**DATASET, "info": {"description": name}}), encoding="utf-8")
        source = str(tmp_path / project if name.startswith("valid") else path)
        [report] = ingest(tmp_path / "warehouse", [source], IngestOptions(project=project, jobs=1))
        assert report.status == "committed"
    (tmp_path / "results.json").write_text(json.dumps([RESULT]), encoding="utf-8")
    commands = [line for block in BLOCKS for line in block.splitlines() if line.strip()]
    # Predictions come before they are compared.
    for line in sorted(commands, key=lambda line: not line.startswith("labelhouse ingest")):
        program, *arguments = shlex.split(line, comments=True)
        assert program == "labelhouse"
        outcome = CliRunner().invoke(app, ["--warehouse", "warehouse", *arguments])
        assert outcome.exit_code == 0, (line, outcome.output, outcome.exception)
    for text in PYTHON:
        exec(text, {})
