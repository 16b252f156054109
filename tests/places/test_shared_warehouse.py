"""A shared warehouse holds, answers and gives back the same as one in a folder."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import labelhouse
import pytest
from labelhouse.errors import LabelhouseError, UsageError, WarehouseError
from labelhouse.places.finding import place_of
from labelhouse.texts.people import token_of

from tests.support.aliases import Rows
from tests.support.exports import plain, unit
from tests.support.postgres_server import PASSWORD
from tests.support.s3_server import SECRET
from tests.support.sets import slow
from tests.support.team import Team

TABLES = ("documents", "images", "categories", "annotations", "attributes", "keypoints", "issues")
LEDGER = """
    select
        ingest_number, project, status, documents_added, documents_changed, documents_unchanged,
        documents_removed, annotation_count, issues, snapshot_id, error_code, bytes, sha256
    from ingests order by ingest_number
"""
HISTORY = """
    select * exclude (ingest_id, changed_at) from label_changes
    order by all
"""


def nights(folder: Path) -> list[tuple[list[str], dict[str, Any]]]:
    """Write the exports of four nights: new, changed and same ones, one that is broken, one that is all."""

    def write(name: str, value: object) -> str:
        path = folder / name
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        return str(path)

    first = [write("a.json", [unit("a"), unit("b", labels=5)]), write("c.json", plain())]
    second = [write("a2.json", [unit("a", shift=1.0), unit("d")]), write("bad.json", "[{")]
    last = [write("all.json", [unit("a", shift=1.0), unit("d", labels=4)])]
    return [
        (first, {}),
        (second, {}),
        (first[:1], {}),
        (first, {"project": "other"}),
        (last, {"full": True}),
    ]


def loaded(warehouse: Path, folder: Path) -> list[str]:
    statuses = []
    for sources, options in nights(folder):
        result = labelhouse.ingest(warehouse, sources, jobs=1, **options)
        statuses += [report.status for report in result.reports]
    return statuses


def rows_of(warehouse: Path, sql: str, as_of: str | None = None) -> Rows:
    with labelhouse.query(warehouse, sql, as_of=as_of) as result:
        rows: Any = result.as_json()["rows"]
    return [tuple(map(repr, row)) for row in rows]


def content(warehouse: Path, as_of: str | None = None) -> dict[str, Rows]:
    """Return all rows of the tables; those of an ingest are named by its number, for its id has a time."""
    tables = {
        table: rows_of(
            warehouse,
            f"select * exclude (ingest_id), split_part(ingest_id, '-', 2) from {table} order by all"
            if table in ("documents", "issues")
            else f"select * from {table} order by all",
            as_of,
        )
        for table in TABLES
    }
    return tables | {
        "ledger": rows_of(warehouse, LEDGER, as_of),
        "history": rows_of(warehouse, HISTORY, as_of),
    }


def test_loads_history_and_exports_are_those_of_a_folder(team: Team, tmp_path: Path) -> None:
    shared, folder = team.machine(), tmp_path / "warehouse"
    assert loaded(shared, tmp_path) == loaded(folder, tmp_path)
    assert content(shared) == content(folder)
    for as_of in ("ingest:1", "ingest:3", "ingest:6"):
        assert content(shared, as_of) == content(folder, as_of)
    for name in ("shared", "folder"):
        warehouse = {"shared": shared, "folder": folder}[name]
        for project in ("default", "other"):
            labelhouse.export(warehouse, tmp_path / f"{name}-{project}.json", project=project)
    for project in ("default", "other"):
        one, other = (tmp_path / f"{name}-{project}.json" for name in ("shared", "folder"))
        assert one.read_bytes() == other.read_bytes()
    assert labelhouse.verify(shared).findings == []


@slow
def test_every_verb_answers_as_in_a_folder(team: Team, tmp_path: Path) -> None:
    shared, folder = team.machine(), tmp_path / "warehouse"
    for warehouse in (shared, folder):
        loaded(warehouse, tmp_path)
    for since in ("last", "ingest:1"):
        sides = [labelhouse.changes(w, since=since).as_json() for w in (shared, folder)]
        assert len({repr({**side, "changes": None}) for side in sides}) == 1
        changes: list[Any] = [side["changes"] for side in sides]
        named = [
            sorted(
                (row["document_id"], row["label_id"], row["change"], repr(row["before"])) for row in rows
            )
            for rows in changes
        ]
        assert named[0] == named[1]
    checks = [labelhouse.check(w) for w in (shared, folder)]
    assert [check.unkept for check in checks] == [None, None]
    assert len({repr([(c.name, c.count) for c in check.checks]) for check in checks}) == 1
    refreshed = [labelhouse.refresh(w) for w in (shared, folder)]
    assert len({(r.documents_added, r.documents_removed, r.commits) for r in refreshed}) == 1
    question = "class_balance"
    answers = [labelhouse.ask(w, question).as_json()["rows"] for w in (shared, folder)]
    assert answers[0] == answers[1]
    statuses = [labelhouse.status(w) for w in (shared, folder)]
    assert statuses[0].tables == statuses[1].tables
    assert statuses[0].backups["problem"] is None
    assert statuses[0].warehouse == str(shared)


@slow
def test_it_is_published_reported_and_read_by_other_tools(team: Team, tmp_path: Path) -> None:
    shared = team.machine(published=str(tmp_path / "labels.duckdb"))
    loaded(shared, tmp_path)
    done = labelhouse.publish(shared)
    assert done.path == str(tmp_path / "labels.duckdb")
    with duckdb.connect(done.path, read_only=True) as connection:
        [(count,)] = connection.execute("select count(*) from labels").fetchall()
    assert [(count,)] == team.rows("select count(*) from labels")
    assert labelhouse.publish(shared).status == "unchanged"
    to = labelhouse.publish(shared, f"{team.data.removesuffix('/')}-published/")
    assert to.labels == done.labels
    pytest.importorskip("matplotlib")
    labelhouse.report(shared, tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size > 10_000


@slow
def test_an_owner_s_connection_reads_and_knows_no_password(team: Team, tmp_path: Path) -> None:
    shared = team.machine()
    loaded(shared, tmp_path)
    connection = labelhouse.connect(shared)
    assert connection.execute("select count(*) from documents").fetchall() == [(5,)]
    assert connection.cursor().execute("select count(*) from labels").fetchall() == [(17,)]
    everything = "from duckdb_secrets()", "from duckdb_databases()", "from duckdb_settings()"
    text = repr([connection.execute(sql).fetchall() for sql in everything])
    assert PASSWORD not in text
    assert SECRET not in text
    confined = labelhouse.connect(shared, confined=True)
    assert confined.execute("select count(*) from documents").fetchall() == [(5,)]
    setting = "select current_setting('s3_secret_access_key')"
    assert confined.execute(setting).fetchall() == [("",)]
    for sql in (
        "from duckdb_secrets()",
        "from read_text('s3://exports/x')",
        "from postgres_scan('', '', '')",
    ):
        with pytest.raises(LabelhouseError):
            confined.execute(sql)


@slow
def test_maintenance_keeps_every_row_and_removes_what_is_not_needed(team: Team, tmp_path: Path) -> None:
    shared = team.machine()
    loaded(shared, tmp_path)
    before = content(shared)
    files = labelhouse.status(shared).files
    planned = labelhouse.maintain(shared, keep_days=0, grace_hours=0, dry_run=True)
    assert planned.snapshots_expired > 0
    assert labelhouse.status(shared).files == files
    done = labelhouse.maintain(shared, keep_days=0, grace_hours=0)
    done = labelhouse.maintain(shared, keep_days=0, grace_hours=0)
    assert content(shared) == before
    assert done.foreign_files == []
    assert labelhouse.status(shared).files < files
    verified = labelhouse.verify(shared)
    assert verified.findings == []
    known = {path for (path,) in team.side("select path from labelhouse.checksums")}
    assert known == {key for key in team.objects() if key.endswith(".parquet")}
    assert len(known) == verified.files


@slow
def test_a_changed_or_missing_object_is_found(team: Team, tmp_path: Path) -> None:
    import obstore

    shared = team.machine()
    loaded(shared, tmp_path)
    store = team.store.store()
    names = sorted(key for key in team.objects() if "-000001-" in key)
    changed, gone = (next(key for key in names if table in key) for table in ("annotations", "images"))
    content_of = bytearray(obstore.get(store, f"{team.name}/{changed}").bytes())
    content_of[len(content_of) // 2] ^= 1
    obstore.put(store, f"{team.name}/{changed}", bytes(content_of))
    obstore.delete(store, f"{team.name}/{gone}")
    findings = {(finding.check, finding.where) for finding in labelhouse.verify(shared).findings}
    assert ("sha256", changed) in findings
    assert ("presence", gone) in findings


@slow
def test_unchanged_loads_of_any_machine_are_seen_by_all(team: Team) -> None:
    source = team.write("a.json", [unit("a")])
    for machine in ("one", "two", "three"):
        labelhouse.ingest(team.machine(machine), source, jobs=1)
    seen = team.rows("select ingest_number, status from ingests order by 1")
    assert seen == [(1, "committed"), (2, "unchanged"), (3, "unchanged")]
    labelhouse.ingest(team.machine("two"), team.write("b.json", [unit("b")]), jobs=1)
    assert team.side("select count(*) from labelhouse.waiting") == [(0,)]
    assert team.rows("select count(*) from ingests") == [(4,)]


@slow
def test_a_dry_run_leaves_nothing(team: Team) -> None:
    shared = team.machine()
    labelhouse.ingest(shared, team.write("a.json", [unit("a")]), jobs=1)
    before = team.objects(), team.rows("select count(*) from ingests")
    labelhouse.ingest(shared, team.write("b.json", [unit("b")]), jobs=1, dry_run=True)
    assert (team.objects(), team.rows("select count(*) from ingests")) == before
    assert team.side("select count(*) from labelhouse.attempts where ended_at is null") == [(0,)]


@slow
def test_rejected_sources_leave_no_objects(team: Team) -> None:
    shared = team.machine()
    labelhouse.ingest(shared, team.write("a.json", [unit("a")]), jobs=1)
    before = {key for key in team.objects() if not key.startswith("main/ingests/")}
    [report] = labelhouse.ingest(shared, team.write("b.json", "nothing"), jobs=1).reports
    assert report.status == "rejected"
    after = {key for key in team.objects() if not key.startswith("main/ingests/")}
    assert {key for key in after - before if "ducklake-" not in key} == set()
    assert team.side("select count(*) from labelhouse.runs") == [(0,)]


def test_a_night_runs_on_it(team: Team) -> None:
    team.write("a.json", [unit("a")])
    shared = team.machine(published="labels.duckdb")
    configuration = team.folder / "sources.toml"
    table = '[[source]]\nproject = "cars"\npath = "a.json"\n'
    configuration.write_text(f'warehouse = "{shared.name}"\n{table}')
    result = labelhouse.night(configuration)
    assert result.exit_code == 0, result
    assert result.warehouse == str(shared)
    assert team.rows("select project, status from ingests") == [("cars", "committed")]
    assert (team.folder / "labels.duckdb").is_file()


def test_a_warehouse_that_was_made_elsewhere_is_missing_until_then(team: Team) -> None:
    with pytest.raises(WarehouseError) as caught:
        labelhouse.query(team.machine(), "select 1")
    assert caught.value.code.value == "WAREHOUSE_MISSING"


def test_a_catalog_is_never_read_or_written_with_other_data(team: Team) -> None:
    source = team.write("a.json", [unit("a")])
    labelhouse.ingest(team.machine(), source, jobs=1)
    wrong = team.machine("wrong", data=f"{team.data}elsewhere/")
    before = team.objects()
    calls: list[Callable[[], object]] = [
        lambda: labelhouse.query(wrong, "select 1"),
        lambda: labelhouse.ingest(wrong, source, jobs=1),
    ]
    for call in calls:
        with pytest.raises(UsageError, match="the catalog in the database is of other data"):
            call()
    assert team.objects() == before


@slow
def test_the_catalog_is_copied_once_for_each_state_of_it(team: Team) -> None:
    shared = team.machine()
    space = place_of(shared).workspace / "catalog"
    copies: set[str] = set()
    for name in ("a", "b"):
        labelhouse.ingest(shared, team.write(f"{name}.json", [unit(name)]), jobs=1)
        for _ in range(2):
            with labelhouse.query(shared, "select count(*) from documents") as result:
                assert result.as_json()["rows"] == [[1 + len(copies)]]
        [copy] = space.iterdir()
        copies.add(copy.name)
    assert len(copies) == 2
    labelhouse.maintain(shared, keep_days=0, grace_hours=0)
    assert team.rows("select count(*) from documents") == [(2,)]
    # One that is damaged, or a folder that cannot be written, costs the copying again.
    [path] = (place_of(team.machine("reader")).workspace / "catalog").iterdir()
    path.unlink()
    path.mkdir()
    assert team.rows("select count(*) from documents") == [(2,)]


def test_a_store_that_does_not_answer_is_one_line(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = team.machine()
    labelhouse.ingest(shared, team.write("a.json", [unit("a")]), jobs=1)
    source = team.write("b.json", [unit("b")])
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(LabelhouseError) as caught:
        labelhouse.query(shared, "select count(*) from labels").as_json()
    assert caught.value.code.value == "STORE_UNREACHABLE", caught.value
    assert caught.value.retryable
    with pytest.raises(LabelhouseError) as caught:
        labelhouse.ingest(shared, source, jobs=1)
    assert caught.value.code.value == "STORE_UNREACHABLE", caught.value
    assert "127.0.0.1" not in str(caught.value)


def test_libpq_s_environment_names_what_the_file_leaves_out(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", str(team.database.port))
    monkeypatch.setenv("PGUSER", "etl")
    shared = team.machine("bare", catalog=f"postgres:///{team.name}")
    [report] = labelhouse.ingest(shared, team.write("a.json", [unit("a")]), jobs=1).reports
    assert report.status == "committed"
    assert team.rows("select count(*) from labels") == [(3,)]


@slow
def test_all_machines_give_a_person_the_same_token(team: Team) -> None:
    person = "Canary.Ann@persons.example"
    for machine in ("one", "two"):
        documents = [{**unit(machine), "info": {"contributor": person}}]
        documents[0]["annotations"][0]["created_by"] = person
        source = team.write(f"{machine}.json", documents)
        [report] = labelhouse.ingest(team.machine(machine), source, jobs=1, authors="hash").reports
        assert report.status == "committed"
    [(salt,)] = team.side("select salt from labelhouse_people.salt")
    token = token_of(salt, person)
    stored = team.rows(
        "select distinct extra ->> 'created_by' from annotations where extra like '%created_by%'"
    )
    assert stored == [(token,)]
    # The salt is in no file of the machines or of the store, and in no copy of the catalog.
    for path in team.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert salt.encode() not in content
            assert not (path.suffix != ".json" and b"canary" in content.lower()), path
    assert labelhouse.verify(team.machine("one")).findings == []


@pytest.mark.parametrize("verb", ["forget", "migrate"])
def test_what_does_not_work_yet_says_so_in_one_line(team: Team, verb: str) -> None:
    shared = team.machine()
    source = team.write("a.json", [unit("a")])
    labelhouse.ingest(shared, source, jobs=1)
    calls: dict[str, Callable[[], object]] = {
        "forget": lambda: labelhouse.forget(shared, "ann@example.org"),
        "migrate": lambda: labelhouse.migrate(shared),
    }
    with pytest.raises(WarehouseError) as caught:
        calls[verb]()
    assert caught.value.code.value == "NOT_SHARED"
    assert "does not work on a shared warehouse yet; docs/team.md says what does" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wrong_passwords_and_keys_are_named_and_never_shown(
    team: Team, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shared = team.machine()
    labelhouse.ingest(shared, team.write("a.json", [unit("a")]), jobs=1)
    source = team.write("b.json", [unit("b")])
    errors = []
    monkeypatch.setenv("PGPASSWORD", "CANARY-WRONG")
    for verb in (lambda: labelhouse.query(shared, "select 1"), lambda: labelhouse.ingest(shared, source)):
        with pytest.raises(LabelhouseError) as caught:
            verb()
        errors.append(caught.value)
    team.database.use(monkeypatch)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "CANARY-WRONG")
    with pytest.raises(LabelhouseError) as caught:
        labelhouse.query(shared, "select count(*) from labels").as_json()
    errors.append(caught.value)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(LabelhouseError) as caught:
        labelhouse.query(shared, "select 1")
    errors.append(caught.value)
    assert [error.code.value for error in errors] == [
        "CATALOG_DENIED",
        "CATALOG_DENIED",
        "STORE_DENIED",
        "STORE_DENIED",
    ]
    shown = " ".join([*map(str, errors), caplog.text])
    assert not [secret for secret in ("CANARY", PASSWORD, SECRET) if secret in shown]


def test_without_the_extra_one_line_says_what_to_install(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = team.machine()
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError, match=r"pip install 'labelhouse\[team\]'"):
        labelhouse.status(shared)


@slow
def test_the_command_line_takes_the_file_by_option_and_environment(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "labelhouse", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    shared = str(team.machine())
    source = str(team.write("a.json", [unit("a")]))
    code, _ = run("--warehouse", shared, "ingest", source, "--jobs", "1")
    assert code == 0
    monkeypatch.setenv("LABELHOUSE_WAREHOUSE", shared)
    code, out = run("query", "select count(*) as labels from labels", "--format", "csv")
    assert (code, out.split()) == (0, ["labels", "3"])
    for command in (["restore"], ["migrate"], ["attach", "--copy", str(team.folder / "copy.sqlite")]):
        code, out = run(*command)
        assert code == 2, out
        assert "labelhouse: NOT_SHARED: " in out
        assert len(out.splitlines()) == 1, out
