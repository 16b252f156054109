"""Units, images and workflows name what is there, and a release is what its tag says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from labelhouse import __version__

ROOT = Path(__file__).parents[2]
DEPLOYMENTS = ROOT / "deployments"
UNITS = sorted((DEPLOYMENTS / "systemd").glob("*.service"))
SETTINGS = (DEPLOYMENTS / "prefect.env.example").read_text(encoding="utf-8")

sys.path.insert(0, str(DEPLOYMENTS))
import check_release  # noqa: E402  (lies beside what it releases)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    assert [unit.stem for unit in UNITS] == ["labelhouse-server", "labelhouse-worker"]
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        assert "/opt/labelhouse/.venv/bin/prefect" in text
        # A program has to be there.
        text = text.replace("/opt/labelhouse/.venv/bin/prefect", sys.executable)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *(tmp_path / unit.name for unit in UNITS)],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if str(tmp_path) in line]) == (
        0,
        [],
    )


def test_the_settings_of_the_units_are_those_of_the_guide() -> None:
    guide = (DEPLOYMENTS / "README.md").read_text(encoding="utf-8")
    names = re.findall(r"^(\w+)=", SETTINGS, re.MULTILINE)
    block = guide.partition("prefect config set \\\n")[2].partition("\nexport ")[0]
    set_there = re.findall(r"(PREFECT_\w+)=", block)
    assert set(names) == {*set_there, "PREFECT_HOME", "DO_NOT_TRACK"}
    assert "export DO_NOT_TRACK=1" in guide


def test_the_compose_file_runs_what_the_image_has() -> None:
    compose = loaded(DEPLOYMENTS / "docker" / "compose.yaml")
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert list(compose["services"]) == ["server", "worker"]
    assert compose["services"]["server"]["ports"] == ["127.0.0.1:4200:4200"]
    [script] = compose["services"]["worker"]["entrypoint"][1:]
    assert script.startswith("/opt/labelhouse/app/")
    assert (ROOT / script.removeprefix("/opt/labelhouse/app/")).is_file()
    for folder in re.findall(r"^COPY (?!--)(.+) \S+$", image, re.MULTILINE):
        for name in folder.split():
            assert (ROOT / name).exists(), name
            assert f"!{name}\n" in (ROOT / ".dockerignore").read_text(encoding="utf-8"), name
    assert "USER 10001" in image


def test_the_worker_of_the_image_deploys_the_flows_of_the_image() -> None:
    script = (DEPLOYMENTS / "docker" / "start_worker.sh").read_text(encoding="utf-8")
    subprocess.run(["sh", "-n", DEPLOYMENTS / "docker" / "start_worker.sh"], check=True)
    [rule] = re.findall(r'-e "(s\|.+?\|)"', script)
    text = subprocess.run(
        ["sed", "-e", rule.replace("$app", "/opt/labelhouse/app"), DEPLOYMENTS / "prefect.yaml"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    entries = [deployment["entrypoint"] for deployment in yaml.safe_load(text)["deployments"]]
    assert entries == [
        "/opt/labelhouse/app/flows/ingest.py:nightly_ingest",
        "/opt/labelhouse/app/flows/maintain.py:weekly_maintenance",
    ]


def test_the_workflows_hold_no_secret_and_no_address() -> None:
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        workflow = loaded(path)
        text = path.read_text(encoding="utf-8")
        assert "://" not in text, path.name
        assert set(workflow["jobs"]) <= {"build", "publish", "image", "wheels"}
        for target in re.findall(r"make (\w[\w-]*)", text):
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    publish = loaded(ROOT / ".github" / "workflows" / "publish.yml")["jobs"]["publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert "password" not in str(publish)


def test_a_release_needs_its_version_in_the_tag_and_a_date_in_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert check_release.version() == __version__
    assert check_release.newest_heading(changelog).partition(" ")[0].rstrip(",") == __version__
    dated = re.sub(r"^## .+$", f"## {__version__}, 2026-12-01", changelog, count=1, flags=re.MULTILINE)
    undated = re.sub(r"^## .+$", f"## {__version__} (unreleased)", changelog, count=1, flags=re.MULTILINE)
    assert check_release.problem(f"v{__version__}", dated) is None
    assert check_release.problem("v9.9.9", dated) == (
        f"the tag v9.9.9 is not v{__version__}, the version of the package"
    )
    assert check_release.problem(f"v{__version__}", undated) == (
        f"CHANGELOG.md begins with '{__version__} (unreleased)'; it has to be '{__version__}, YYYY-MM-DD'"
    )


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
