"""`make demo`: the demo of `labelhouse demo`, each night loaded by the nightly flow.

Prefect's server runs for as long as the demo, with its records in a temporary folder: nothing has to be set
up, and nothing stays.
"""

import os
import sys
import tempfile
from pathlib import Path

from labelhouse.cli.demo import run_demo
from labelhouse.errors import LabelhouseError

_SETTINGS = {
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
_CONFIGURATION = """\
warehouse = "$WAREHOUSE"

[[source]]
project = "harbour"
path = "$NIGHT/harbour.zip"

[[source]]
project = "roads"
path = ["$NIGHT/roads-east.json", "$NIGHT/roads-north.json"]
"""


def main(folder: Path) -> None:
    """Run the demo below a folder."""
    with tempfile.TemporaryDirectory(prefix="labelhouse-demo-", ignore_cleanup_errors=True) as home:
        for name in [name for name in os.environ if name.startswith("PREFECT_")]:
            del os.environ[name]
        os.environ |= _SETTINGS | {"PREFECT_HOME": home}
        # Prefect reads its settings while it is imported.
        from ingest import nightly_ingest
        from prefect.server.api.server import SubprocessASGIServer

        configuration = Path(home) / "sources.toml"
        configuration.write_text(_CONFIGURATION, encoding="utf-8")

        def load(night: Path, warehouse: Path) -> None:
            os.environ |= {"NIGHT": str(night.absolute()), "WAREHOUSE": str(warehouse.absolute())}
            nightly_ingest(str(configuration), return_state=True)

        with SubprocessASGIServer() as server:
            print(f"Prefect runs the nightly flow, on a server of its own at {server.address}.")
            run_demo(folder, lambda line: print(line, flush=True), load)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
    except LabelhouseError as error:
        sys.exit(f"labelhouse: {error.code}: {error}")
