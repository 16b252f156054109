"""Configure a Superset for one machine that reads the published file; see SUPERSET_CONFIG_PATH."""

import os
from pathlib import Path

_HOME = Path(os.environ["SUPERSET_HOME"]).absolute()

SECRET_KEY = (_HOME / "secret_key").read_text(encoding="utf-8").strip()
# Superset's own records: a few users on one machine.
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_HOME / 'superset.db'}"
SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 30}}

# Query results are not kept: a dashboard shows the file that was published last.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

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
