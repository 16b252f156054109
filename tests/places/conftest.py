"""A PostgreSQL and an S3 server for the tests of shared warehouses, and warehouses on them."""

from collections.abc import Iterator

import pytest

from tests.support.postgres_server import PostgresServer, postgres_server
from tests.support.s3_server import S3Server, s3_server
from tests.support.team import Team


@pytest.fixture(scope="package")
def servers() -> Iterator[tuple[PostgresServer, S3Server]]:
    """A database server and a store, for all tests of shared warehouses."""
    with postgres_server() as database, s3_server() as store:
        yield database, store


@pytest.fixture
def team(
    servers: tuple[PostgresServer, S3Server],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Team:
    """An empty database and an empty prefix of the bucket; passwords and keys are in the environment."""
    database, store = servers
    database.use(monkeypatch)
    store.use(monkeypatch, "writer")
    return Team(database, store, tmp_path_factory.mktemp("team"), database.new_database())
