"""Loaders share what they make, and readers read it and nothing else, with the roles of the script."""

from collections.abc import Callable
from pathlib import Path

import labelhouse
import psycopg
import pytest
from labelhouse.errors import WarehouseError
from labelhouse.texts.people import token_of

from tests.support.exports import unit
from tests.support.postgres_server import PASSWORD
from tests.support.sets import slow
from tests.support.team import ROOT, Team

SCRIPT = ROOT / "deployments" / "postgres" / "roles.sql"
PERSON = "Canary.Ann@persons.example"
USERS = ("etl_one", "etl_two", "bi")


@pytest.fixture
def people(team: Team) -> Callable[[], None]:
    """Run the script and make two loaders and a reader, as the page says."""

    def make() -> None:
        with team.database.connect(team.name) as session:
            session.execute(SCRIPT.read_text(encoding="utf-8"))
            for user in USERS:
                role = "labelhouse_reader" if user == "bi" else "labelhouse_loader"
                known = session.execute("select to_regrole(%s) is not null", (user,)).fetchone()
                if known == (False,):
                    session.execute(f"create user {user} in role {role} password '{PASSWORD}'")
                    if user != "bi":
                        session.execute(f"alter user {user} set role labelhouse_loader")

    return make


def machine(team: Team, user: str) -> Path:
    return team.machine(user, catalog=f"postgres://{user}@127.0.0.1:{team.database.port}/{team.name}")


def source(team: Team, name: str) -> Path:
    document = unit(name)
    document["annotations"][0]["created_by"] = PERSON
    return team.write(f"{name}.json", [document])


@slow
@pytest.mark.parametrize("is_before", [True, False], ids=["before the first load", "after the first load"])
def test_two_loaders_and_a_reader(
    team: Team, people: Callable[[], None], monkeypatch: pytest.MonkeyPatch, is_before: bool
) -> None:
    if not is_before:
        labelhouse.ingest(team.machine("owner"), source(team, "early"), jobs=1, authors="hash")
    people()
    # Once more changes nothing.
    people()
    for user in ("etl_one", "etl_two", "etl_one"):
        [report] = labelhouse.ingest(
            machine(team, user), source(team, f"of-{user}"), jobs=1, authors="hash"
        ).reports
        assert report.status in ("committed", "unchanged"), report.error
    labelhouse.refresh(machine(team, "etl_two"))
    labelhouse.maintain(machine(team, "etl_two"))

    team.store.use(monkeypatch, "reader")
    shared = machine(team, "bi")
    count = 9 if not is_before else 6
    with labelhouse.query(
        shared, "select count(*), count(distinct document_key) from annotations"
    ) as result:
        assert result.fetchall() == [(count, count // 3)]
    with labelhouse.connect(shared) as connection:
        assert connection.execute("select count(*) from labels").fetchall() == [(count,)]
    assert labelhouse.status(shared).as_json()["projects"]
    assert labelhouse.verify(shared).findings == []
    labelhouse.export(shared, team.folder / "back.json")

    with pytest.raises(WarehouseError) as caught:
        labelhouse.ingest(shared, source(team, "of-bi"), jobs=1)
    assert caught.value.code.value == "CATALOG_DENIED"
    assert "\n" not in str(caught.value)
    with psycopg.connect(team.database.url(team.name).replace("etl@", "bi@"), password=PASSWORD) as session:
        for statement in (
            "select salt from labelhouse_people.salt",
            "update public.ducklake_metadata set value = value",
            "delete from labelhouse.waiting",
            "create table public.mine (a int)",
            "create schema mine",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(statement)
            session.rollback()
    [(salt,)] = team.side("select salt from labelhouse_people.salt")
    with labelhouse.query(shared, "select distinct extra ->> 'created_by' from annotations") as result:
        assert {*result.fetchall()} == {(token_of(salt, PERSON),), (None,)}


def test_the_page_makes_the_users_as_the_test_does() -> None:
    page = (ROOT / "docs" / "team.md").read_text(encoding="utf-8")
    for line in (
        "create user etl in role labelhouse_loader password '…';",
        "alter user etl set role labelhouse_loader;",
        "create user bi in role labelhouse_reader password '…';",
    ):
        assert line in page
        assert line in SCRIPT.read_text(encoding="utf-8")
