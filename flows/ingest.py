"""The nightly run: load what a configuration names, one [[source]] table after the other."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Literal

from labelhouse.changes import changes, snapshot_now
from labelhouse.check import Checked, check, worst
from labelhouse.check_report import row_in_words
from labelhouse.configuration import SourceTable, read_configuration
from labelhouse.errors import LabelhouseError, UsageError, WarehouseError
from labelhouse.ingest import Options, ingest
from labelhouse.marts import refresh_marts
from labelhouse.publish import publish
from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Completed, Failed
from prefect.tasks import Task

RETRY_DELAYS_S = [60.0, 300.0, 900.0]
REJECTED = "Rejected"
COUNTS = ("added", "changed", "unchanged", "removed", "rows", "quarantined", "issues", "seconds")
LISTED = 100

Record = dict[str, Any]


def may_pass(error: object) -> bool:
    """Tell whether the same source may load a little later."""
    return isinstance(error, LabelhouseError) and error.retryable


def is_retryable(task: Task[..., Any], task_run: TaskRun, state: State) -> bool:
    """Tell Prefect whether to try a failed task again."""
    return may_pass(state.data)


@task(
    name="load",
    task_run_name="load {source.project}",
    retries=len(RETRY_DELAYS_S),
    retry_delay_seconds=RETRY_DELAYS_S,
    retry_condition_fn=is_retryable,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def load(warehouse: Path, source: SourceTable, keep: Callable[[Record], None]) -> State:
    """Load the sources of one table and give `keep` a record of each; end as Rejected if one was.

    A retry loads all of them again: what the first attempt committed is `unchanged` then.
    """
    log = get_run_logger()
    options = Options(project=source.project, full=source.full)
    errors: list[LabelhouseError] = []
    try:
        for report in ingest(warehouse, source.patterns, options):
            log.info("%s: %s", report.source, report.status)
            keep(report.as_json())
            if report.error:
                errors.append(report.error)
    except LabelhouseError as error:
        errors.append(error)
    if not errors:
        return Completed()
    worst = max(errors, key=lambda error: (isinstance(error, WarehouseError), may_pass(error)))
    name = "Failed" if isinstance(worst, WarehouseError) else REJECTED
    return Failed(name=name, message=str(worst), data=worst)


@task(
    name="refresh-marts",
    retries=len(RETRY_DELAYS_S),
    retry_delay_seconds=RETRY_DELAYS_S,
    retry_condition_fn=is_retryable,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def refresh(warehouse: Path) -> State:
    """Bring the marts up to date with the loads; a retry does what is left."""
    try:
        done = refresh_marts(warehouse)
    except LabelhouseError as error:
        return Failed(message=str(error), data=error)
    summary = f"{done.documents_added} document versions added, {done.documents_removed} removed"
    get_run_logger().info("marts: %s; %.1f s", summary, done.seconds)
    return Completed()


@task(name="tell changes", cache_policy=NO_CACHE, persist_result=False)
def tell_changes(warehouse: Path, since: int) -> None:
    """Show in an artifact how many labels have been added, removed and changed since a snapshot."""
    with changes(warehouse, since=str(since)) as found:
        rows = [asdict(counts) for counts in found.counts()]
        fields = [f"{name} {count:,}" for name, count in found.field_counts().items()]
    kinds = ("added", "removed", "changed")
    summary = ", ".join(f"{sum(row[kind] for row in rows):,} {kind}" for kind in kinds)
    create_table_artifact(
        key="label-changes",
        table=rows,
        description=f"Labels: {summary}" + f" ({', '.join(fields[:LISTED])})" * bool(fields),
    )


@task(
    name="publish",
    retries=len(RETRY_DELAYS_S),
    retry_delay_seconds=RETRY_DELAYS_S,
    retry_condition_fn=is_retryable,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def publish_labels(warehouse: Path) -> None:
    """Bring the published file, which BI tools read, to what the loads have made of the warehouse."""
    done = publish(warehouse)
    get_run_logger().info("%s %s: %s labels in %s s", done.status, done.path, done.labels, done.seconds)


@task(name="check", cache_policy=NO_CACHE, persist_result=False)
def run_checks(warehouse: Path, sql: str | None) -> list[Checked]:
    """Run all checks on the warehouse, tell what they found in an artifact, and return it."""
    found = check(warehouse, sql=Path(sql) if sql else None, shown_rows=1)
    create_table_artifact(key="check-report", table=[_check_row(checked) for checked in found])
    return found


@flow(name="nightly-ingest", persist_result=False)
def nightly_ingest(
    configuration: str = "sources.toml",
    allow_rejected: bool = False,
    fail_on: Literal["error", "warning"] | None = None,
    sql: str | None = None,
) -> State:
    """Load the sources that a configuration names; tell what came of each and of labels, check, publish.

    Args:
        configuration: Path of a TOML file with a [[source]] table per set of exports.
        allow_rejected: End as Completed though sources were rejected.
        fail_on: End as Failed if a check of this severity, or worse, finds anything. If a check cannot run
            the flow fails in any case.
        sql: Folder with checks of your own, in its subfolder checks.

    """
    try:
        plan = read_configuration(configuration)
    except UsageError as error:
        return Failed(message=str(error))
    rows: list[Record] = []
    before = _snapshot(plan.warehouse)
    for source in plan.sources:
        records: dict[str, Record] = {}
        state = load(plan.warehouse, source, partial(_keep, records), return_state=True)
        rows += [_row(record) for record in records.values()]
        if state.name not in ("Completed", REJECTED):
            rows.append(_failed(", ".join(source.patterns), source.project, state))
    if any(row["status"] in ("committed", "unchanged") for row in rows):
        state = refresh(plan.warehouse, return_state=True)
        if not state.is_completed():
            rows.append(_failed("marts", "", state))
    counts = Counter(row["status"] for row in rows)
    summary = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    errors = [str(row["error"]) for row in rows if row["error"]]
    create_table_artifact(key="ingest-report", table=rows, description=summary)
    create_markdown_artifact(key="ingest-summary", markdown=_markdown(summary, rows, errors))
    if counts["committed"] and before is not None:
        tell_changes(plan.warehouse, before, return_state=True)
    if counts["failed"] or (counts["rejected"] and not allow_rejected):
        end: State = Failed(message=f"{summary}; first: {errors[0]}")
    else:
        end = _checked(summary, plan.warehouse, fail_on, sql)
    is_there = any(row["status"] != "failed" for row in rows)
    return _published(end, plan.warehouse) if is_there else end


def _published(end: State, warehouse: Path) -> State:
    """Publish what is loaded, also where the flow ends as failed; return how it ends."""
    published = publish_labels(warehouse, return_state=True)
    if published.is_completed():
        return end
    return Failed(message=f"{end.message}; not published: {published.message}")


def _checked(
    summary: str, warehouse: Path, fail_on: Literal["error", "warning"] | None, sql: str | None
) -> State:
    """Run the checks and return how the flow ends."""
    try:
        found = run_checks(warehouse, sql)
    except LabelhouseError as error:
        return Failed(message=f"{summary}; not checked: {error}")
    failing = worst(found, fail_on) if fail_on else [checked for checked in found if checked.error]
    if failing:
        names = ", ".join(checked.name for checked in failing)
        return Failed(message=f"{summary}; failed checks: {names}")
    return Completed(message=summary)


def _snapshot(warehouse: Path) -> int | None:
    """Return the snapshot that the run begins with, None if it cannot be read: loading will say why."""
    try:
        return snapshot_now(warehouse)
    except WarehouseError:
        return None


def _check_row(checked: Checked) -> Record:
    """Return what a check found as one flat row of the table artifact."""
    return {
        "check": checked.name,
        "severity": checked.severity,
        "failing": checked.count,
        "first": row_in_words(checked, checked.rows[0]) if checked.rows else None,
        "sql": checked.where,
        "error": checked.error,
    }


def _keep(records: dict[str, Record], record: Record) -> None:
    """Keep the last record of a source, but not `unchanged` after this run has committed it."""
    known = records.setdefault(record["source"], record)
    if (known["status"], record["status"]) != ("committed", "unchanged"):
        records[record["source"]] = record


def _row(record: Record) -> Record:
    """Return a record as one flat row of the table artifact."""
    return {
        "source": record["source"],
        "project": record["project"],
        "status": record["status"],
        **{kind: record["documents"][kind] for kind in ("added", "changed", "unchanged", "removed")},
        "rows": sum(record["rows"].values()),
        "quarantined": record["quarantined"],
        "issues": record["issues"],
        "seconds": record["seconds"],
        "error": record["error"] and record["error"]["message"],
    }


def _failed(what: str, project: str, state: State) -> Record:
    """Return the row of a table, or of the marts, that failed as a whole: no source of it is to blame."""
    return {
        "source": what,
        "project": project,
        "status": "failed",
        **dict.fromkeys(COUNTS, 0),
        "error": state.message,
    }


def _markdown(summary: str, rows: Sequence[Record], errors: Sequence[str]) -> str:
    """Return totals a project, then the first errors as code: they may quote names of members."""
    lines = [f"# {summary}", "", f"| project | sources | {' | '.join(COUNTS)} |"]
    lines.append("|---" * (len(COUNTS) + 2) + "|")
    for project in dict.fromkeys(row["project"] for row in rows):
        members = [row for row in rows if row["project"] == project]
        totals = [f"{round(sum(row[count] for row in members), 3):,}" for count in COUNTS]
        name = project.replace("|", "\\|")
        lines.append(f"| {name} | {len(members)} | {' | '.join(totals)} |")
    if errors:
        lines += ["", "## Not loaded", ""]
        lines += ["    " + " ".join(error.split()) for error in errors[:LISTED]]
    if len(errors) > LISTED:
        lines += ["", f"and {len(errors) - LISTED} more, see the artifact `ingest-report`"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(
        f"{Path(__file__).name} is a Prefect flow and did nothing: run it with 'prefect deployment run "
        "nightly-ingest/nightly --watch', after the steps in deployments/README.md",
        file=sys.stderr,
    )
    sys.exit(2)
