"""Findings keep their identity from night to night; they are new, open, waived or mended."""

import csv
import io
import json
import random
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import labelhouse
import pytest
from labelhouse import connect
from labelhouse.errors import UsageError
from labelhouse.maintenance.verify import verify
from labelhouse.querying.checks import rows as check_rows
from labelhouse.querying.checks.result import CheckResult
from labelhouse.querying.checks.waivers import read_waivers
from typer.testing import CliRunner, Result

from tests.cases.check_cases import box, unit
from tests.support.aliases import Record
from tests.support.ingesting import ingest_verb
from tests.support.sets import rounds, slow

CHECK = "boxes_outside_image"


class Nights:
    """A warehouse that takes an export and a run of the checks each night."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warehouse = folder / "warehouse"
        self._night = 0

    def load(self, *documents: Record, project: str = "default", full: bool = False) -> None:
        """Load documents under a file name of this night."""
        self._night += 1
        path = self.folder / f"night-{self._night}.json"
        path.write_text(json.dumps(list(documents)))
        ingest_verb(self.warehouse, path, project=project, full=full)

    def check(self, **options: Any) -> CheckResult:
        """Run the one check that most tests are about, or those of `only`; () is all."""
        return labelhouse.check(self.warehouse, **({"only": [CHECK]} | options))

    def night(self, *documents: Record, **options: Any) -> CheckResult:
        self.load(*documents)
        return self.check(**options)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with connect(self.warehouse) as connection:
            return connection.execute(sql).fetchall()

    def log(self) -> list[tuple[Any, ...]]:
        """Label, status, and the numbers of the ingests that saw the finding first, last and gone."""
        return self.rows(
            f"""
            select
                findings.label_id,
                findings.status,
                one.ingest_number,
                two.ingest_number,
                three.ingest_number
            from findings
            left join ingests as one on one.ingest_id = findings.first_seen_ingest_id
            left join ingests as two on two.ingest_id = findings.last_seen_ingest_id
            left join ingests as three on three.ingest_id = findings.mended_ingest_id
            where findings.check_name = '{CHECK}'
            order by findings.label_id, findings.first_seen_at
            """
        )


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def outside(uuid: str, by: float = 5, **others: Any) -> Record:
    """A box that reaches out to the left, in a row of its own."""
    return box(-by, 9 * int(uuid[-1]) + 1, 20, 8, uuid, **others)


def inside(uuid: str) -> Record:
    return box(40, 40, 20, 20, uuid)


def statuses(result: CheckResult, check: str = CHECK) -> dict[str | None, str]:
    return {each.label_id: each.status for each in result.findings if each.check == check}


def mended(result: CheckResult) -> list[str | None]:
    return [each.label_id for each in result.mended if each.check == CHECK]


def test_a_finding_is_new_then_open_then_mended_and_comes_back_as_another(nights: Nights) -> None:
    first = nights.night(unit(outside("u1"), outside("u2"), inside("u3")))
    assert (statuses(first), first.added, first.gone) == ({"u1": "new", "u2": "new"}, 2, 0)
    # The same state again: nothing is written to the table, and new is what came with the newest load.
    again = nights.check()
    assert (statuses(again), again.added, again.gone) == ({"u1": "new", "u2": "new"}, 0, 0)
    assert nights.log() == [("u1", "open", 1, 1, None), ("u2", "open", 1, 1, None)]

    # Ids are renumbered, the order and the file's name are others; one box moves; one label is new.
    second = nights.night(
        unit(inside("u3"), outside("u4", by=8, id=70), outside("u2", by=9, id=80), outside("u1", id=90))
    )
    assert statuses(second) == {"u1": "open", "u2": "open", "u4": "new"}
    assert (second.added, second.gone, mended(second)) == (1, 0, [])
    [moved] = [each for each in second.findings if each.label_id == "u2" and each.check == CHECK]
    assert (moved.annotation_id, moved.file_name, moved.category, moved.what) == (
        80,
        "images/a.jpg",
        "a bounding_box",
        "box -9.0, 19.0, 20.0, 8.0 reaches 9.0 px out of an image of 100 x 100",
    )

    third = nights.night(unit(inside("u1"), outside("u2", by=9), outside("u4", by=8)))
    assert (statuses(third), mended(third), third.gone) == ({"u2": "open", "u4": "open"}, ["u1"], 1)
    assert nights.log() == [
        ("u1", "mended", 1, 2, 3),
        ("u2", "open", 1, 3, None),
        ("u4", "open", 2, 3, None),
    ]
    fourth = nights.night(unit(outside("u1"), outside("u2", by=9), outside("u4", by=8)))
    assert statuses(fourth) == {"u1": "new", "u2": "open", "u4": "open"}
    assert nights.log()[:2] == [("u1", "mended", 1, 2, 3), ("u1", "open", 4, 4, None)]
    assert verify(nights.warehouse).findings == []


@slow
def test_a_run_of_one_project_or_one_that_fails_mends_nothing_of_others(
    nights: Nights, tmp_path: Path
) -> None:
    nights.load(unit(outside("u1")), project="one")
    nights.load(unit(outside("u2")), project="two")
    (tmp_path / "mine" / "checks").mkdir(parents=True)
    own = tmp_path / "mine" / "checks" / f"{CHECK}.sql"
    nights.check()
    # The check is replaced by one that stops in the midst of its rows.
    own.write_text(
        "-- A check of ours.\n-- grain: label\n-- columns: project, what (in words)\n-- severity: error\n"
        "-- explanation: None.\n"
        "select project, if(project = 'one', error('stop'), 'x') as what from labels\n"
    )
    broken = nights.check(sql=tmp_path / "mine")
    assert [checked.name for checked in broken.failing("error")] == [CHECK]
    assert (broken.added, broken.gone) == (0, 0)
    nights.load(unit(inside("u1")), project="one")
    nights.load(unit(inside("u2")), project="two")
    assert nights.check(project="two").gone == 1
    assert [row[:2] for row in nights.log()] == [("u1", "open"), ("u2", "mended")]
    assert nights.check().gone == 1
    assert [row[:2] for row in nights.log()] == [("u1", "mended"), ("u2", "mended")]
    assert nights.rows("select new_count, mended_count, open_count from findings_by_night") == [
        (1, 1, 0),
        (1, 1, 0),
    ]


@slow
def test_what_floods_is_one_finding_and_the_known_ones_stay(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_rows, "DOCUMENT_LIMIT", 3)
    monkeypatch.setattr(check_rows, "PROJECT_LIMIT", 4)

    def groups() -> list[tuple[Any, ...]]:
        return nights.rows(
            "select document_id, is_group, row_count, status, count(*) from findings "
            f"where check_name = '{CHECK}' group by all order by all"
        )

    def many(name: str, count: int) -> Record:
        return unit(*(outside(f"{name}{n}", by=5 + n) for n in range(count)), name=name)

    nights.night(many("a", 3))
    assert groups() == [("a", False, 1, "open", 3)]
    # Three are known and keep their findings, the other two are one.
    second = nights.night(many("a", 5))
    assert (second.added, second.gone) == (1, 0)
    assert groups() == [("a", False, 1, "open", 3), ("a", True, 2, "open", 1)]
    assert sum(cause.rows for cause in second.causes if cause.check == CHECK) == 5
    # Fewer again: those of the group get findings of their own, which are not new, and nothing is mended.
    third = nights.night(many("a", 3)["annotations"] and unit(*many("a", 5)["annotations"][2:]))
    assert (third.gone, mended(third)) == (2, ["a0", "a1"])
    assert statuses(third) == {"a2": "open", "a3": "open", "a4": "open"}
    # Five documents with one each are more than a project's limit: one finding for all.
    nights.load(*(unit(outside(f"{name}0"), name=name) for name in "bcdef"), project="wide")
    wide = nights.check(project="wide")
    [cause] = [cause for cause in wide.causes if cause.check == CHECK]
    assert (cause.rows, cause.documents, cause.findings, cause.new) == (5, 5, 1, 1)
    assert [example.document_id for example in cause.examples] == list("bcdef")
    assert nights.rows("select document_id, row_count, what from findings where project = 'wide'") == [
        (None, 5, "5 rows, such as: box -5.0, 1.0, 20.0, 8.0 reaches 5.0 px out of an image of 100 x 100")
    ]


WAIVERS = """
[[waive]]
check = "boxes_outside_image"
document = "a*"
class = "a bounding_box"
reason = "cut at the edge, as agreed"

[[waive]]
check = "boxes_outside_image"
label = "nobody"
reason = "long gone"

[[waive]]
check = "boxes_outside_image"
document = "b"
reason = "until the tool is mended"
until = 2020-01-31

[[waive]]
check = "no_check"
reason = "misspelt"
"""


@slow
def test_waived_findings_count_and_do_not_fail(nights: Nights, tmp_path: Path) -> None:
    file = tmp_path / "waivers.toml"
    file.write_text(WAIVERS)
    nights.load(unit(outside("u1")), unit(outside("u2"), name="b"))
    result = nights.check(waivers=file)
    assert statuses(result) == {"u1": "waived", "u2": "new"}
    assert [checked.name for checked in result.failing("error")] == [CHECK]
    where = f"{file}, [[waive]]"
    assert list(result.waiver_notes) == [
        f"{where} 4: there is no check no_check; 'labelhouse check' lists them",
        f"{where} 2 (boxes_outside_image): the waiver holds for nothing; remove it, or correct it",
        f"{where} 3 (boxes_outside_image): the waiver expired after 2020-01-31; remove it, or renew it",
    ]
    [one] = [cause for cause in result.causes if cause.waived]
    assert (one.document_id, one.rows, one.waived) == ("a", 1, "cut at the edge, as agreed")
    assert [row[:2] for row in nights.log()] == [("u1", "waived"), ("u2", "open")]
    # A run without waivers judges all, and leaves what the team has decided in the warehouse.
    assert statuses(nights.check()) == {"u1": "new", "u2": "new"}
    assert [row[:2] for row in nights.log()] == [("u1", "waived"), ("u2", "open")]
    file.write_text('[[waive]]\ncheck = "boxes_outside_image"\nreason = "all"\nuntil = "2999-01-01"')
    assert nights.check(waivers=file).failing("error") == []
    assert [row[:2] for row in nights.log()] == [("u1", "waived"), ("u2", "waived")]
    file.write_text("")
    nights.check(waivers=file)
    assert [row[:2] for row in nights.log()] == [("u1", "open"), ("u2", "open")]
    [waiver] = read_waivers(_written(file, '[[waive]]\ncheck="c"\nreason="r"\nuntil=2026-03-01'))
    assert [waiver.is_expired(date(2026, 3, day)) for day in (1, 2)] == [False, True]


def _written(file: Path, text: str) -> Path:
    file.write_text(text)
    return file


BAD_WAIVERS = {
    "[[waive": "it is not TOML",
    "waive = 3": "waive is not a list of tables",
    "[waiver]": "'waiver' means nothing here",
    '[[waive]]\ncheck = "a"': "reason is missing",
    '[[waive]]\nreason = "a"': "check is missing",
    '[[waive]]\ncheck = "a"\nreason = ""': "reason is not a string with text",
    '[[waive]]\ncheck = "a"\nreason = "b"\nuntil = "soon"': "until is not a day",
    '[[waive]]\ncheck = "a"\nreason = "b"\nuntil = 3': "until is not a day",
    '[[waive]]\ncheck = "a"\nreason = "b"\nrow = 3': "'row' means nothing here",
}


def test_a_bad_file_of_waivers_is_refused_in_one_line(tmp_path: Path) -> None:
    for text, says in BAD_WAIVERS.items():
        with pytest.raises(UsageError) as error:
            read_waivers(_written(tmp_path / "w.toml", text))
        assert says in str(error.value)
        assert "\n" not in str(error.value)
    with pytest.raises(UsageError, match="cannot be read"):
        read_waivers(tmp_path / "missing.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_waivers(tmp_path / "latin.toml")


def invoke(nights: Nights, *arguments: str) -> Result:
    return CliRunner().invoke(
        labelhouse_app(), ["--warehouse", str(nights.warehouse), "check", "--only", CHECK, *arguments]
    )


def labelhouse_app() -> Any:
    from labelhouse.cli.app import app

    return app


@slow
def test_the_command_shows_what_is_new_since_a_state(nights: Nights, tmp_path: Path) -> None:
    nights.night(unit(outside("u1"), outside("u2")))
    nights.night(unit(outside("u2"), outside("u3", by=7)))

    def labels(*arguments: str) -> dict[str, str]:
        done = invoke(nights, "--format", "csv", *arguments)
        assert done.exit_code == 0
        lines = csv.DictReader(io.StringIO(done.output))
        return {line["label_id"]: line["status"] for line in lines if line["check"] == CHECK}

    assert labels() == {"u2": "open", "u3": "new"}
    assert labels("--new") == {"u3": "new", "u1": "mended"}
    assert labels("--since", "ingest:1") == {"u3": "new", "u1": "mended"}
    assert labels("--since", "last") == {"u3": "new", "u1": "mended"}
    assert labels("--since", "ingest:2") == {}
    assert labels("--since", "yesterday") == {"u2": "new", "u3": "new", "u1": "mended"}
    assert labels("--since", "2999-01-01") == {}
    assert "there is no snapshot ingest:9" in str(invoke(nights, "--since", "ingest:9").exception)
    text = invoke(nights, "--new").output
    assert "error boxes_outside_image: 1 new  (sql/checks/boxes_outside_image.sql)\n" in text
    assert "mended: 1\n    boxes_outside_image: default a u1: box -5.0, 10.0, 20.0, 8.0 reaches" in text
    # Only new findings fail a run that shows only them.
    assert invoke(nights, "--fail-on", "error").exit_code == 1
    assert invoke(nights, "--fail-on", "error", "--new").exit_code == 1
    assert invoke(nights, "--fail-on", "error", "--since", "ingest:2").exit_code == 0
    waivers = _written(tmp_path / "w.toml", f'[[waive]]\ncheck = "{CHECK}"\nreason = "agreed"')
    assert invoke(nights, "--fail-on", "error", "--waivers", str(waivers)).exit_code == 0
    printed = {e["check"]: e for e in json.loads(invoke(nights, "--format", "json").output)}
    [cause] = printed[CHECK]["causes"]
    assert (cause["rows"], cause["new"], cause["labels_share"], len(cause["examples"])) == (2, 1, 1.0, 2)
    assert [each["label_id"] for each in printed[CHECK]["findings"]] == ["u3", "u2"]
    assert [each["label_id"] for each in printed[CHECK]["mended"]] == ["u1"]


@slow
def test_checks_that_run_alone_leave_the_findings_of_others(nights: Nights) -> None:
    both = [CHECK, "near_duplicate_labels"]
    first = nights.night(unit(outside("u1"), inside("u2"), inside("u3")), only=both)
    assert [checked.name for checked in first.checks] == both
    assert {(finding.check, finding.status) for finding in first.findings} == {
        (name, "new") for name in both
    }
    nights.load(unit(inside("u4")))
    alone = nights.check(only=["near_duplicate_labels"])
    assert (alone.gone, [finding.check for finding in alone.mended]) == (1, ["near_duplicate_labels"])
    kept = "select check_name, mended_at is null from finding_log order by all"
    assert nights.rows(kept) == [(CHECK, True), ("near_duplicate_labels", False)]
    then = nights.check(only=[CHECK, CHECK])
    assert ([checked.name for checked in then.checks], then.gone) == ([CHECK], 1)
    assert [finding.check for finding in then.mended] == [CHECK]
    with pytest.raises(
        UsageError, match="there is no check boxes_outside_imag; do you mean boxes_outside_image"
    ):
        nights.check(only=["boxes_outside_imag"])


@slow
def test_what_comes_first_is_ranked_by_severity(nights: Nights) -> None:
    nights.night(
        unit(outside("u1"), outside("u2"), inside("u3"), inside("u6")),
        unit(inside("u4"), inside("u5"), name="b"),
        only=(),
    )
    with labelhouse.ask(nights.warehouse, "what_first") as answer:
        ranked = answer.fetchall()
    assert [row[:10] for row in ranked] == [
        ("image", 1, "default", "a", "a", None, 23, 2, 1, 0),
        ("image", 2, "default", "b", "b", None, 3, 0, 1, 0),
        ("document", 1, "default", "a", None, None, 23, 2, 1, 0),
        ("document", 2, "default", "b", None, None, 3, 0, 1, 0),
        ("class", 1, "default", None, None, "a bounding_box", 26, 2, 2, 0),
    ]
    assert ranked[0][10] == "boxes_outside_image, near_duplicate_labels"


@slow
def test_a_killed_run_leaves_counts_and_findings_of_one_state(nights: Nights) -> None:
    nights.night(unit(outside("u1"), outside("u2")))
    nights.load(unit(outside("u2"), outside("u3")))
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(nights.warehouse), "check"]
    command += ["--only", CHECK]
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    for _ in range(rounds("KILLS", 2, 4, 40)):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.4, 2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        counts = nights.rows(
            f"select count(*) from check_results where check_name = '{CHECK}' and failing_count = 2"
        )
        states = {row[:2] for row in nights.log()}
        before = {("u1", "open"), ("u2", "open")}
        after = {("u1", "mended"), ("u2", "open"), ("u3", "open")}
        assert (counts, states) in [([(1,)], before), ([(2,)], after)]
    nights.check()
    assert {row[:2] for row in nights.log()} == after
    assert verify(nights.warehouse).findings == []


@slow
def test_a_project_that_is_gone_has_no_open_findings(nights: Nights) -> None:
    nights.load(unit(outside("u1")), unit(outside("u2"), name="b"), project="one")
    nights.load(unit(inside("u3")), project="two")
    nights.check()
    nights.load(unit(inside("u9"), name="c"), project="one", full=True)
    assert nights.check().gone == 2
    assert [row[:2] for row in nights.log()] == [("u1", "mended"), ("u2", "mended")]
