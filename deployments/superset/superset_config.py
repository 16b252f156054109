"""Configure a Superset for one machine that reads the published file. SUPERSET_CONFIG_PATH names this file."""

import os
from pathlib import Path

_HOME = Path(os.environ["SUPERSET_HOME"]).absolute()

SECRET_KEY = (_HOME / "secret_key").read_text(encoding="utf-8").strip()
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_HOME / 'superset.db'}"
# Superset's own records: a few users on one machine.
SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 30}}

# Query results are not kept: a dashboard shows the file that was published last.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

SQL_MAX_ROW = 100_000
SUPERSET_WEBSERVER_TIMEOUT = 120
