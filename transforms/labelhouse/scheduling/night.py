"""Keep the record of a scheduled run: the results of each source and of the checks, and how it ends.

The record is a file in the warehouse, so that it does not depend on the scheduler. It is written as the
run goes, so that the next run can report a run that was killed.
"""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from labelhouse.places.finding import place_of
from labelhouse.printable import markdown_cell, printable
from labelhouse.publishing.publish import FOLDER
from labelhouse.querying.check import Checked
from labelhouse.querying.check_report import cause_in_words, example_in_words, row_in_words
from labelhouse.querying.checks.result import Cause, CheckResult
from labelhouse.scheduling.configuration import SourceTable
from labelhouse.sql_library.headers import SEVERITIES

JsonObject = dict[str, Any]

COUNTS = ("added", "changed", "unchanged", "removed", "rows", "quarantined", "issues", "seconds")
LISTED = 100
_RUNNING = "Running"
_EXAMPLES = 3
_DAY_S = 86_400.0
_LONG_WITHOUT_RUN_DAYS = 2


@dataclass(slots=True)
class Night:
    """One run: its rows grow table by table."""

    configuration: str
    folder: Path
    table_count: int
    before: JsonObject
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    tables_done: int = 0
    rows: list[JsonObject] = field(default_factory=list)
    checks: list[JsonObject] = field(default_factory=list)
    error_rows: dict[str, int] = field(default_factory=dict)
    """Failing rows of severity error of each check, without those that a waiver holds for."""
    causes: list[JsonObject] = field(default_factory=list)
    """What the findings of the checks have in common, the new ones first."""
    findings: dict[str, int] = field(default_factory=dict)
    """How many findings are new, mended, open and waived."""
    new_findings: list[str] = field(default_factory=list)
    """The new findings in words, by cause."""
    waiver_notes: list[str] = field(default_factory=list)
    newest_export: datetime | None = None
    empty_since: dict[str, str] = field(default_factory=dict)
    news_at: dict[str, str] = field(default_factory=dict)
    """When each table has last brought something new, or was first loaded."""
    quiet: list[tuple[str, int]] = field(default_factory=list)
    """Tables that have brought nothing new for as many nights as they may, and how many nights that is."""
    label_changes: list[JsonObject] = field(default_factory=list)
    """Labels that the run added, removed and changed, by project and class."""
    changes_in_words: str = ""
    not_checked: str = ""
    failed_checks: list[str] = field(default_factory=list)
    not_published: str = ""
    is_allowed: bool = False
    """Whether the run completes despite sources that were not loaded."""

    @classmethod
    def begin(cls, configuration: str | os.PathLike[str], warehouse: Path, table_count: int) -> Self:
        """Begin a run of a configuration; read the record that the run before left."""
        file = Path(configuration).absolute()
        folder = place_of(warehouse).workspace / FOLDER
        return cls(str(file), folder, table_count, _record_before(_file(folder, str(file))))

    @property
    def unfinished(self) -> str:
        """A message about the run before if it has not ended, else an empty text."""
        before = self.before
        if before.get("state") != _RUNNING:
            return ""
        return (
            f"the run before, of {before.get('started_at')}, has not ended: it had loaded "
            f"{before.get('tables_done')} of {before.get('tables')} tables"
        )

    @property
    def summary(self) -> str:
        """How many sources ended in which way."""
        counts = Counter(row["status"] for row in self.rows)
        return ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))

    @property
    def errors(self) -> list[str]:
        """The reasons of all sources that were not loaded, in order."""
        return [str(row["error"]) for row in self.rows if row["error"]]

    def has(self, *statuses: str) -> bool:
        """Return whether a source ended in one of these ways."""
        return any(row["status"] in statuses for row in self.rows)

    def add(
        self, records: Sequence[JsonObject], newest: datetime | None, table: SourceTable | None = None
    ) -> None:
        """Add the results of a table's sources, and the time when the newest of their files was written."""
        self.rows += [_row(record) for record in records]
        if newest is not None:
            self.newest_export = max(newest, self.newest_export or newest)
        if table is not None:
            self._add_news(table, has_news=any(record["status"] == "committed" for record in records))

    def _add_news(self, table: SourceTable, *, has_news: bool) -> None:
        """Record when a table last brought something new, and whether that is too long ago."""
        key = _key(table)
        known = self.before.get("news_at")
        since = _time(known.get(key)) if isinstance(known, dict) else None
        last = self.started_at if has_news or since is None else since
        self.news_at[key] = last.isoformat()
        # A run may begin some seconds earlier than that of the night before.
        nights = round((self.started_at - last).total_seconds() / _DAY_S)
        if table.quiet_nights is not None and nights >= table.quiet_nights:
            self.quiet.append((key, nights))

    def add_failed(self, what: str, project: str, error: str | None, status: str = "failed") -> None:
        """Add a failure of a table, or of the marts, as a whole: it is not the fault of a single source."""
        self.rows.append(_whole(what, project, status, error))

    def add_empty(self, table: SourceTable) -> None:
        """Record that a table that may be empty is empty."""
        key = _key(table)
        known = self.before.get("empty_since")
        since = known.get(key) if isinstance(known, dict) else None
        self.empty_since[key] = since if isinstance(since, str) else self.started_at.isoformat()
        self.rows.append(_whole(", ".join(table.names), table.project, "empty", None))
        self._add_news(table, has_news=False)

    def add_checks(self, results: Sequence[Checked]) -> None:
        """Add the results of the checks: those that fail first, errors before warnings."""
        rows = [_check_row(checked) for checked in results]
        self.checks = sorted(
            rows, key=lambda row: (not _is_failing(row), SEVERITIES.index(row["severity"]))
        )
        self.error_rows = {checked.name: checked.severities.get("error", 0) for checked in results}

    def add_findings(self, result: CheckResult) -> None:
        """Add the results of the checks, and the causes of their findings, the new ones first."""
        self.add_checks(result.checks)
        causes = sorted(result.causes, key=_urgency)
        self.causes = [_cause_row(cause) for cause in causes]
        new = [cause for cause in sorted(result.new_causes, key=_urgency) if cause.waived is None]
        self.new_findings = [f"{cause.severity}: {cause.check}: {cause_in_words(cause)}" for cause in new]
        unwaived = [cause for cause in causes if cause.waived is None]
        self.findings = {
            "new": sum(cause.new for cause in unwaived),
            "mended": 0 if result.mended_rows is None else result.mended_rows.num_rows,
            "open": sum(cause.findings for cause in unwaived),
            "waived": sum(cause.findings for cause in causes if cause.waived is not None),
        }
        self.waiver_notes = list(result.waiver_notes)

    def findings_in_words(self) -> str:
        """Return how many findings are new, mended, open and waived; empty without any."""
        if not any(self.findings.values()):
            return ""
        return "findings: " + ", ".join(f"{count:,} {name}" for name, count in self.findings.items())

    def verdict(self) -> str:
        """Return the result of the run in one line; the first reason is last, because it may be long."""
        parts = [self.summary, *self._findings()]
        if self.errors and not self.is_allowed:
            parts.append(f"first: {self.errors[0]}")
        return "; ".join(part for part in parts if part)

    def _findings(self) -> list[str]:
        """Return the findings besides those of the sources: checks, publishing, ages."""
        parts = [
            "nothing new" * (self.has("unchanged") and not self.has("committed", "rejected", "failed")),
            self._checks_in_words(),
            f"not checked: {self.not_checked}" * bool(self.not_checked),
            f"not published: {self.not_published}" * bool(self.not_published),
            *self._ages(),
        ]
        return [part for part in parts if part]

    def markdown(self) -> str:
        """Return new findings, totals per project, the failing checks, then the first errors as code.

        Findings and errors may quote names of documents and members.
        """
        lines = [f"# {self.summary}", ""]
        parts = (*self._findings(), self.findings_in_words(), *self.waiver_notes, self.unfinished)
        lines += [f"- {markdown_cell(part)}" for part in parts if part]
        if self.new_findings:
            lines += ["", "## New findings", ""]
            lines += ["    " + " ".join(each.split()) for each in self.new_findings[:LISTED]]
            if len(self.new_findings) > LISTED:
                more = len(self.new_findings) - LISTED
                lines += ["", f"and {more} more causes, see the artifact `check-findings`"]
        lines += ["", f"| project | sources | {' | '.join(COUNTS)} |"]
        lines.append("|---" * (len(COUNTS) + 2) + "|")
        for project in dict.fromkeys(row["project"] for row in self.rows):
            members = [row for row in self.rows if row["project"] == project]
            totals = [f"{round(sum(row[count] for row in members), 3):,}" for count in COUNTS]
            lines.append(f"| {markdown_cell(project)} | {len(members)} | {' | '.join(totals)} |")
        if failing := [row for row in self.checks if _is_failing(row)]:
            lines += [
                "",
                "## Likely wrong",
                "",
                "| check | severity | rows | the first |",
                "|---|---|--:|---|",
            ]
            for row in failing:
                first = markdown_cell(row["error"] or row["first"] or "")
                lines.append(
                    f"| {markdown_cell(row['check'])} | {row['severity']} | {row['failing']:,} | {first} |"
                )
        if errors := self.errors:
            lines += ["", "## Not loaded", ""]
            lines += ["    " + " ".join(error.split()) for error in errors[:LISTED]]
            if len(errors) > LISTED:
                lines += ["", f"and {len(errors) - LISTED} more, see the artifact `ingest-report`"]
        return "\n".join(lines) + "\n"

    def write(self, state: str = _RUNNING) -> None:
        """Write the record and, once the run has ended, its text; raises OSError."""
        file = _file(self.folder, self.configuration)
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(file, json.dumps(self._as_json(state), indent=1) + "\n")
        if state != _RUNNING:
            _replace(file.with_suffix(".md"), self.markdown())

    def _as_json(self, state: str) -> JsonObject:
        has_ended = state != _RUNNING
        return {
            "configuration": self.configuration,
            "state": state,
            "message": self.verdict(),
            "started_at": self.started_at.isoformat(),
            "finished_at": datetime.now(UTC).isoformat() if has_ended else None,
            "tables": self.table_count,
            "tables_done": self.tables_done,
            "newest_export": self.newest_export.isoformat() if self.newest_export else None,
            "empty_since": self.empty_since,
            "news_at": self.news_at,
            "sources": self.rows,
            "checks": self.checks,
            **({"findings": self.findings} if self.findings else {}),
        }

    def _checks_in_words(self) -> str:
        failing = [count for count in self.error_rows.values() if count]
        parts = []
        if self.failed_checks:
            parts.append(f"failed checks: {', '.join(self.failed_checks)}")
        if failing:
            rows = _several(sum(failing), "row")
            verb = "fail" if len(failing) > 1 else "fails"
            parts.append(f"{_several(len(failing), 'check')} of severity error {verb} with {rows}")
        return "; ".join(parts)

    def _ages(self) -> list[str]:
        """Report the age of the data where it is more than a night."""
        parts = []
        if self.newest_export and (days := _days(self.newest_export, self.started_at)):
            parts.append(f"newest export {_several(days, 'day')} old")
        if (last := _time(self.before.get("started_at"))) and (
            days := _days(last, self.started_at)
        ) >= _LONG_WITHOUT_RUN_DAYS:
            parts.append(f"no run for {_several(days, 'day')} before this one")
        for key, since in self.empty_since.items():
            nights = 1 + _days(_time(since) or self.started_at, self.started_at)
            if nights > 1:
                parts.append(f"nothing came for {_several(nights, 'night')}: {key}")
        parts += [
            f"nothing new for {_several(nights, 'night')}: {key}"
            for key, nights in self.quiet
            if key not in self.empty_since
        ]
        return parts


def newest_of(paths: Sequence[str]) -> datetime | None:
    """Return when the newest of some files was written, None if no time can be read."""
    times = []
    for path in paths:
        try:
            times.append(Path(path).stat().st_mtime)
        except (OSError, ValueError):
            continue
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _file(folder: Path, configuration: str) -> Path:
    return folder / f"night-{Path(configuration).stem}.json"


def _record_before(file: Path) -> JsonObject:
    """Read the record of the run before; empty if there is no readable one."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _replace(file: Path, text: str) -> None:
    partial = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        partial.write_text(text, encoding="utf-8", errors="backslashreplace")
        os.replace(partial, file)
    finally:
        partial.unlink(missing_ok=True)


def _row(record: Mapping[str, Any]) -> JsonObject:
    """Return a record as one flat row."""
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


def _whole(what: str, project: str, status: str, error: str | None) -> JsonObject:
    return {
        "source": what,
        "project": project,
        "status": status,
        **dict.fromkeys(COUNTS, 0),
        "error": error,
    }


def _check_row(checked: Checked) -> JsonObject:
    """Return the result of a check as one flat row."""
    return {
        "check": checked.name,
        "severity": checked.severity,
        "failing": checked.count,
        "first": row_in_words(checked, checked.rows[0]) if checked.rows else None,
        "sql": checked.where,
        "error": checked.error,
    }


def _is_failing(row: JsonObject) -> bool:
    """Return whether a check found anything, or could not run."""
    return bool(row["failing"] or row["error"])


def _urgency(cause: Cause) -> tuple[bool, bool, int, int]:
    return (cause.waived is not None, not cause.new, SEVERITIES.index(cause.severity), -cause.rows)


def _cause_row(cause: Cause) -> JsonObject:
    """Return a cause as one flat row."""
    return {
        "status": "waived" if cause.waived is not None else "new" if cause.new else "open",
        "severity": cause.severity,
        "check": cause.check,
        "cause": printable(cause.cause),
        "project": cause.project,
        "document": cause.document_id,
        "documents": cause.documents,
        "rows": cause.rows,
        "findings": cause.findings,
        "new": cause.new,
        "labels": cause.labels,
        "share of labels": None if cause.labels_share is None else round(cause.labels_share, 4),
        "waived": cause.waived,
        "examples": [example_in_words(example, cause) for example in cause.examples[:_EXAMPLES]],
    }


def _key(table: SourceTable) -> str:
    return printable(f"{table.project} ({', '.join(table.names)})")


def _several(count: int, name: str) -> str:
    return f"{count:,} {name}" + "s" * (count != 1)


def _days(then: datetime, now: datetime) -> int:
    return max(0, int((now - then).total_seconds() // _DAY_S))


def _time(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
