"""What a run of the checks returns: the checks, the causes of their findings, and the findings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

import pyarrow as pa

from labelhouse.errors import WarehouseError
from labelhouse.results import Result, plain
from labelhouse.sql_library.headers import SEVERITIES, Severity


@dataclass(frozen=True, slots=True)
class Example(Result):
    """Where a failing row is, and what is wrong."""

    document_id: str | None
    image_key: str | None
    label_id: str | None
    what: str | None


@dataclass(frozen=True, slots=True)
class Cause(Result):
    """What one check finds for one reason, in one document or in several of a project."""

    check: str
    severity: Severity
    cause: str
    project: str | None
    document_id: str | None
    """The document, if it is one."""
    documents: int
    images: int
    rows: int
    labels: int
    labels_share: float | None
    """The part of the project's labels, from 0 to 1; None if the rows are not about labels."""
    findings: int
    """Findings with an identity; the rows of a cause that has too many share one."""
    new: int
    """Those of the findings that are new."""
    waived: str | None
    """Reason of the waiver that holds."""
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class CheckFinding(Result):
    """One finding: a failing row, or all rows of a cause that has too many."""

    check: str
    severity: Severity
    status: str
    """new, open, waived or mended."""
    cause: str | None
    project: str | None
    document_id: str | None
    image_key: str | None
    label_id: str | None
    file_name: str | None
    category: str | None
    annotation_id: int | None
    what: str | None
    rows: int
    labels: int
    waived: str | None
    first_seen: datetime
    first_seen_ingest: str | None
    last_seen: datetime
    last_seen_ingest: str | None
    mended: datetime | None
    mended_ingest: str | None
    finding_id: str


FINDING_COLUMNS = tuple(column.name for column in fields(CheckFinding))


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check found."""

    name: str
    severity: Severity
    summary: str
    explanation: str
    where: str
    count: int
    columns: Sequence[str] = ()
    rows: Sequence[tuple[object, ...]] = ()
    """The first failing rows, at most as many as requested."""
    by_project: dict[str | None, int] = field(default_factory=dict)
    error: str | None = None
    """Why the check could not run."""
    unwaived: Mapping[str, int] | None = None
    """Failing rows that no waiver holds for, by severity; None: all, of the check's severity."""
    new: Mapping[str, int] = field(default_factory=dict)
    """Those of them that are new."""
    waived: int = 0
    """Failing rows that a waiver holds for."""

    @property
    def is_failing(self) -> bool:
        """Return whether there are failing rows, or the check could not run."""
        return self.count > 0 or self.error is not None

    @property
    def severities(self) -> Mapping[str, int]:
        """Failing rows that no waiver holds for, by severity."""
        if self.unwaived is None:
            return {self.severity: self.count} if self.count else {}
        return self.unwaived

    @property
    def worst_severity(self) -> Severity:
        """The worst severity of the rows that no waiver holds for; without such rows, the check's."""
        present = [severity for severity in SEVERITIES if self.severities.get(severity)]
        return present[0] if present else self.severity

    def as_json(self) -> dict[str, object]:
        """Return the object that `labelhouse check --format json` prints for the check."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {
            "check": self.name,
            "severity": self.severity,
            "failing": self.count,
            "summary": self.summary,
            "explanation": self.explanation,
            "sql": self.where,
            "error": self.error,
            "rows": rows,
            "severities": dict(self.severities),
            "new": dict(self.new),
            "waived": self.waived,
        }


def worst(results: Sequence[Checked], fail_on: Severity, *, only_new: bool = False) -> list[Checked]:
    """Return the checks that fail with this severity or worse, and those that could not run.

    Waived rows do not count, and with `only_new` only new findings do; `info` never fails.
    """
    failing = [severity for severity in SEVERITIES[: SEVERITIES.index(fail_on) + 1] if severity != "info"]
    return [
        checked
        for checked in results
        if checked.error or any((checked.new if only_new else checked.severities).get(s) for s in failing)
    ]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What all checks found, and why it could not be kept, if so."""

    checks: Sequence[Checked]
    unkept: WarehouseError | None = None
    causes: Sequence[Cause] = ()
    """What the findings have in common: by check, project, cause and severity."""
    new_causes: Sequence[Cause] = ()
    """The same of the new findings alone."""
    waiver_notes: Sequence[str] = ()
    """Waivers that have expired, or hold for nothing."""
    added: int = 0
    """Findings that this run saw first."""
    gone: int = 0
    """Findings that this run saw gone."""
    finding_rows: pa.Table | None = None
    mended_rows: pa.Table | None = None

    @property
    def findings(self) -> Iterator[CheckFinding]:
        """Yield the findings that are open, check by check, the new ones first."""
        return _findings(self.finding_rows)

    @property
    def mended(self) -> Iterator[CheckFinding]:
        """Yield the findings that have been mended since the state that `since` names."""
        return _findings(self.mended_rows)

    def failing(self, fail_on: Severity = "warning", *, only_new: bool = False) -> list[Checked]:
        """Return the checks that fail with this severity or worse, and those that could not run.

        Waived rows do not count, and with `only_new` only new findings do.
        """
        return worst(self.checks, fail_on, only_new=only_new)

    def as_json(self) -> dict[str, object]:
        """Return one object that `json.dumps` takes."""
        return {
            "checks": [plain(checked.as_json()) for checked in self.checks],
            "unkept": None if self.unkept is None else str(self.unkept),
            "causes": plain(self.causes),
            "findings": plain(list(self.findings)),
            "mended": plain(list(self.mended)),
            "waiver_notes": list(self.waiver_notes),
            "added": self.added,
            "gone": self.gone,
        }


def _findings(rows: pa.Table | None) -> Iterator[CheckFinding]:
    for batch in () if rows is None else rows.to_batches(max_chunksize=1000):
        for row in batch.to_pylist():
            yield CheckFinding(**row)


def causes_of(
    rows: Sequence[Mapping[str, Any]], summaries: Mapping[str, str], labels: Mapping[str | None, int]
) -> list[Cause]:
    """Return the causes of a result of querying/run_causes.sql.

    A row without a cause has the summary of its check. `labels` are the labels of each project.
    """
    return [
        Cause(
            check=row["check_name"],
            severity=row["severity"],
            cause=row["cause"] or summaries[row["check_name"]],
            project=row["project"],
            document_id=row["document_id"],
            documents=row["document_count"],
            images=row["image_count"],
            rows=row["row_count"],
            labels=row["label_count"],
            labels_share=_share(row["label_count"], labels.get(row["project"])),
            findings=row["finding_count"],
            new=row["new_count"],
            waived=row["waived"],
            examples=tuple(Example(**example) for example in row["examples"]),
        )
        for row in rows
    ]


def _share(part: int, whole: int | None) -> float | None:
    return min(part / whole, 1.0) if part and whole else None
