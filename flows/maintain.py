"""The weekly run: maintain the warehouse that a configuration names."""

import sys
from dataclasses import asdict
from pathlib import Path

import labelhouse
from labelhouse.defaults import GRACE_HOURS, KEEP_DAYS
from labelhouse.errors import LabelhouseError
from labelhouse.scheduling.configuration import read_configuration
from labelhouse.scheduling.night_log import log_failures_in_one_line
from labelhouse.warehouse.guarding import interruption
from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed


@flow(name="weekly-maintenance", persist_result=False)
def weekly_maintenance(
    configuration: str = "sources.toml", keep_days: float = KEEP_DAYS, grace_hours: float = GRACE_HOURS
) -> State:
    """Maintain the warehouse that a configuration names and report what was done in an artifact.

    Args:
        configuration: Path of the TOML file of the nightly run.
        keep_days: States of that many days can still be read afterwards.
        grace_hours: Files stay this long after the last state released them.

    """
    log_failures_in_one_line()
    log = get_run_logger()
    try:
        plan = read_configuration(configuration)
        result = labelhouse.maintain(
            plan.warehouse,
            keep_days=keep_days,
            grace_hours=grace_hours,
            progress=lambda step, done, total: log.info("%s (%d of %d)", step, done, total),
        )
    except LabelhouseError as error:
        return Failed(message=str(error))
    except RuntimeError as error:
        # Prefect raises it on SIGTERM, inside DuckDB.
        raise interruption(error) or error from None
    summary = (
        f"{result.snapshots_expired} snapshots expired, {result.files_removed} files and "
        f"{result.orphans_removed} orphans removed, {result.bytes_removed} bytes, {result.seconds} s"
    )
    rows = [asdict(table) for table in result.tables]
    try:
        create_table_artifact(key="maintenance-report", table=rows, description=summary)
    except Exception as error:  # noqa: BLE001  (whatever becomes of the server: the work is done)
        log.warning("the artifact maintenance-report could not be kept (%s)", type(error).__name__)
    return Completed(message=summary)


if __name__ == "__main__":
    print(
        f"{Path(__file__).name} is a Prefect flow and did nothing: run it with 'prefect deployment run "
        "weekly-maintenance/weekly --watch', after the steps in deployments/README.md",
        file=sys.stderr,
    )
    sys.exit(2)
