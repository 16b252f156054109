"""Configure a Superset for one machine that reads the published file; see SUPERSET_CONFIG_PATH."""

import os
from datetime import timedelta
from pathlib import Path

_HOME = Path(os.environ["SUPERSET_HOME"]).absolute()

SECRET_KEY = (_HOME / "secret_key").read_text(encoding="utf-8").strip()
# Superset's own records: a few users on one machine.
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_HOME / 'superset.db'}"
SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 30}}

# Superset keeps no query results: a dashboard shows the file that was published last.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

# No script reads the cookie, no other site sends it along, and it expires after a day. Superset listens on
# loopback without TLS; behind a proxy with TLS set SESSION_COOKIE_SECURE.
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
PERMANENT_SESSION_LIFETIME = timedelta(days=1)
WTF_CSRF_ENABLED = True


def SQL_QUERY_MUTATOR(sql: str, **about: object) -> str:  # noqa: N802  (Superset's name)
    """Return the SQL as it is; raises ValueError if DuckDB would do anything but read.

    The bundle closes all files of the server to SQL, except the published file itself: DuckDB lets COPY
    write over the database that it has open, also inside EXPLAIN ANALYZE.
    """
    import duckdb

    if getattr(about.get("database"), "backend", "duckdb") != "duckdb":
        return sql
    try:
        kinds = {statement.type for statement in duckdb.extract_statements(sql)}
    except duckdb.Error:
        raise ValueError("DuckDB cannot read this SQL, so it is not run") from None
    if kinds - {duckdb.StatementType.SELECT}:
        raise ValueError("only SELECT is run here; 'labelhouse ingest' changes labels")
    return sql


SQL_MAX_ROW = 100_000
SUPERSET_WEBSERVER_TIMEOUT = 120

# Superset's own policy, without the hosts outside that it allows.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
