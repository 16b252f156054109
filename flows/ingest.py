"""The nightly run as a flow: `labelhouse.night` runs it, Prefect shows its steps and tries them again."""

import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import labelhouse
from labelhouse.errors import LabelhouseError, UsageError
from labelhouse.scheduling.night import JsonObject, Night
from labelhouse.scheduling.night_log import log_failures_in_one_line
from labelhouse.scheduling.runner import Runner, Step, StepEnd
from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Completed, Failed
from prefect.tasks import Task

REJECTED = "Rejected"


def is_retryable(task: Task[..., Any], task_run: TaskRun, state: State) -> bool:
    """Return whether Prefect should try a failed task again: the same call may succeed a little later."""
    return isinstance(state.data, LabelhouseError) and state.data.retryable


@task(cache_policy=NO_CACHE, persist_result=False)
def run_step(step: Step, keep: Callable[[StepEnd], None]) -> State:
    """Run a step of the night and give `keep` its end; end as Rejected if sources were rejected."""
    end = step.run()
    keep(end)
    if end.error is None:
        return Completed()
    return Failed(name=REJECTED if end.is_rejected else "Failed", message=end.message, data=end.error)


class PrefectRunner(Runner):
    """Runs each step as a task, logs to the run, and shows the night in artifacts."""

    def __init__(self) -> None:
        super().__init__()
        self._artifact: UUID | None = None

    def log(self, level: int, line: str) -> None:
        """Log a line to the task, or to the flow, that is running."""
        get_run_logger().log(level, "%s", line)

    def run(self, step: Step, retry_minutes: Sequence[float]) -> StepEnd:
        """Run a step as a task of its name, which Prefect tries again after these times."""
        ends: list[StepEnd] = []
        seconds = [60 * minutes for minutes in retry_minutes if step.is_retried]
        named = run_step.with_options(
            name=step.kind,
            # As a text it would be a template, and projects may have braces in their names.
            task_run_name=lambda: step.title,
            retries=len(seconds),
            retry_delay_seconds=seconds,
            retry_condition_fn=is_retryable,
        )
        state = named(step, ends.append, return_state=True)
        if ends and state.is_final():
            return ends[-1]
        raise RuntimeError(f"{step.title}: the task has not run ({state.name})")

    def show(self, night: Night, end: str | None = None) -> None:
        """Show the rows so far in an artifact, and at the end everything."""
        self._show_rows(night)
        if end is None:
            return
        if night.causes:
            _keep_artifact(
                create_table_artifact,
                key="check-findings",
                table=night.causes,
                description=night.findings_in_words(),
            )
        if night.checks:
            _keep_artifact(create_table_artifact, key="check-report", table=night.checks)
        if night.changes_in_words:
            _keep_artifact(
                create_table_artifact,
                key="label-changes",
                table=night.label_changes,
                description=night.changes_in_words,
            )
        _keep_artifact(create_markdown_artifact, key="ingest-summary", markdown=night.markdown())

    def _show_rows(self, night: Night) -> None:
        rows, described = night.rows, night.summary
        if self._artifact is None:
            made = _keep_artifact(
                create_table_artifact, key="ingest-report", table=rows, description=described
            )
            self._artifact = made if isinstance(made, UUID) else None
        else:
            _keep_artifact(
                _update_artifact, key="ingest-report", artifact=self._artifact, table=rows, text=described
            )


@flow(name="nightly-ingest", persist_result=False)
def nightly_ingest(
    configuration: str = "sources.toml",
    allow_rejected: bool = False,
    fail_on: Literal["error", "warning"] | None = None,
    sql: str | None = None,
) -> State:
    """Load the sources that a configuration names; check, publish, and report the result.

    Args:
        configuration: Path of a TOML file with a [[source]] table per set of exports.
        allow_rejected: End as Completed though sources were rejected.
        fail_on: End as Failed if a check of this severity, or worse, finds anything. If a check cannot run
            the flow fails in any case.
        sql: Folder with checks of your own, in its subfolder checks.

    """
    log_failures_in_one_line()
    try:
        result = labelhouse.night(
            configuration,
            allow_rejected=allow_rejected,
            fail_on=fail_on,
            sql=Path(sql) if sql else None,
            runner=PrefectRunner(),
        )
    except UsageError as error:
        return _failed_run(str(error))
    return Completed(message=result.message) if result.state == "completed" else _failed_run(result.message)


def _failed_run(message: str) -> State:
    """Return the end of a failed run; log the reason now, while `--watch` still shows the log."""
    get_run_logger().log(logging.ERROR, "the run fails: %s", message)
    return Failed(message=message)


def _update_artifact(key: str, artifact: UUID, table: Sequence[JsonObject], text: str) -> None:
    with get_client(sync_client=True) as client:
        client.update_artifact(artifact, ArtifactUpdate(data=json.dumps(table), description=text))


def _keep_artifact(create: Callable[..., object], *, key: str, **content: object) -> object:
    """Create an artifact and return its id; a failure only writes a line to the log."""
    try:
        return create(key=key, **content)
    except Exception as error:  # noqa: BLE001  (whatever becomes of the server, it ends no night)
        get_run_logger().warning("the artifact %s could not be kept (%s)", key, type(error).__name__)
        return None


if __name__ == "__main__":
    print(
        f"{Path(__file__).name} is a Prefect flow and did nothing: run it with 'prefect deployment run "
        "nightly-ingest/nightly --watch', after the steps in deployments/README.md",
        file=sys.stderr,
    )
    sys.exit(2)
