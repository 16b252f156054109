"""Without labelhouse-native everything works, and asking for it says what to do."""

import json
import subprocess
import sys
from pathlib import Path

# As if the distribution were not installed.
WITHOUT = (
    "import sys; sys.modules['labelhouse_native'] = None; from labelhouse.__main__ import main; main()"
)
EXPORT = {
    "images": [{"id": 1, "file_name": "a.jpg"}],
    "categories": [{"id": 1, "name": "car"}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}],
}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_default_is_the_bulk_reader(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(EXPORT))
    loaded = run(tmp_path, "--warehouse", "w", "ingest", "a.json", "--json")
    assert (loaded.returncode, loaded.stderr) == (0, "")
    assert json.loads(loaded.stdout)["rows"]["annotations"] == 1


def test_the_native_reader_cannot_be_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(EXPORT))
    refused = run(tmp_path, "--warehouse", "w", "ingest", "a.json", "--reader", "native")
    assert refused.returncode == 2
    what = "USAGE: the native reader is not installed; install labelhouse-native, or leave --reader out"
    assert refused.stderr.splitlines() == [f"labelhouse: {what}"]
    assert not (tmp_path / "w").exists()
