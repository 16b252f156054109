"""Pull the label rows of an Encord project into a warehouse: one source, one commit, no second state."""

import json
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from labelhouse.defaults import PROJECT
from labelhouse.encord_api.bundles import in_bundles
from labelhouse.encord_api.faults import Patience, RowsGoneError
from labelhouse.encord_api.listed_row import Filters, ListedRow
from labelhouse.encord_api.project import EncordProject, Listing
from labelhouse.errors import InputError
from labelhouse.files.private_folder import private_folder
from labelhouse.ingestion.run import IngestOptions, IngestReport, IngestSession
from labelhouse.pulling.held_rows import HeldProject, Key, held_project
from labelhouse.pulling.pull import Progress, PullResult
from labelhouse.pulling.row_folder import ONTOLOGY
from labelhouse.reason_codes import ReasonCode
from labelhouse.texts.people import KEEP, Authors

_LEVEL = 1
"""The rows are packed for a moment only."""


def pull_into_warehouse(
    encord: str,
    warehouse: Path,
    *,
    project: str = PROJECT,
    filters: Filters,
    domain: str | None = None,
    authors: Authors = KEEP,
    dry_run: bool = False,
    session: IngestSession | None = None,
    patience: Patience | None = None,
    progress: Progress = lambda _, __: None,
    on_report: Callable[[IngestReport], None] = lambda _: None,
) -> PullResult:
    """Bring a project of the warehouse to the state of an Encord project.

    It fetches the rows whose edit, stage, status or assignee differs from what the warehouse holds, and
    commits them together, with the removal of those that are not listed any more. Documents of the project
    from other sources stay, and so do those of other branches. `authors` is what becomes of people; where
    the last pull did something else with them, all rows are fetched. Raises UsageError for a key or a
    project that cannot be used, InputError where Encord refuses or does not answer, WarehouseError.
    """
    began = time.monotonic()
    patience = patience or Patience()
    source = EncordProject(encord, domain, patience)
    shown_as = f"encord:{source.hash}"
    held = held_project(warehouse, project, shown_as, authors)
    listing = source.listing(filters)
    plan = _RowsToPull(held, listing, filters)
    plan.refuse_to_remove_all(project)
    report: IngestReport | None = None
    if not dry_run and (plan.fetched or plan.gone):
        with private_folder() as folder:
            packed = folder / f"{encord}.zip"
            plan = _pack(source, packed, plan, held, filters, project, progress)
            options = IngestOptions(
                project=project,
                again=True,
                gone=[held.rows[key].document_id for key in plan.gone],
                shown_as=shown_as,
                authors=authors,
            )
            if session is not None:
                [report] = session.ingest([str(packed)], options)
            else:
                with IngestSession(warehouse) as own:
                    [report] = own.ingest([str(packed)], options)
        on_report(report)
    listed = len(plan.listing.rows)
    return PullResult(
        encord=source.hash,
        title=source.title,
        listed=listed,
        never_opened=plan.listing.never_opened,
        fetched=len(plan.fetched),
        moved=0,
        unchanged=listed - len(plan.fetched),
        removed=len(plan.gone),
        retries=patience.retries,
        seconds=round(time.monotonic() - began, 3),
        to=project,
        dry_run=dry_run,
        ingest=None if report is None else report.as_json(),
    )


class _RowsToPull:
    """Which rows to fetch, and which are gone."""

    def __init__(self, held: HeldProject, listing: Listing, filters: Filters) -> None:
        self.listing = listing
        self.fetched: list[ListedRow] = [
            row
            for key, row in listing.rows.items()
            if held.is_of_other_people or key not in held.rows or not held.rows[key].is_as(row, held.people)
        ]
        self.gone: list[Key] = [
            key for key in held.rows if key not in listing.rows and filters.branch in (None, key[1])
        ]

    def refuse_to_remove_all(self, project: str) -> None:
        """Raise InputError if the list is empty and the warehouse is not."""
        if self.gone and not self.listing.rows:
            raise InputError(
                ReasonCode.ENCORD_ANSWER,
                f"Encord lists no opened rows, and the project holds {len(self.gone):,}",
                where=project,
                remedy="check the filters and the branch",
            )


def _pack(
    source: EncordProject,
    packed: Path,
    plan: _RowsToPull,
    held: HeldProject,
    filters: Filters,
    project: str,
    progress: Progress,
) -> _RowsToPull:
    """Fetch the rows into an archive; return the plan, a later one if rows were deleted meanwhile."""
    try:
        _write(source, packed, plan, progress)
    except RowsGoneError:
        # Once more with a list of now.
        plan = _RowsToPull(held, source.listing(filters), filters)
        plan.refuse_to_remove_all(project)
        _write(source, packed, plan, progress)
    return plan


def _write(source: EncordProject, packed: Path, plan: _RowsToPull, progress: Progress) -> None:
    # A source has rows: where rows are only gone, one of the others goes along.
    rows: Sequence[ListedRow] = plan.fetched or list(plan.listing.rows.values())[:1]
    done = 0
    progress(done, len(rows))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        archive.writestr(ONTOLOGY, json.dumps(source.ontology))
        with archive.open("rows.json", "w", force_zip64=True) as member:
            for bundle in in_bundles(source, rows):
                for _, text in bundle:
                    member.write(b",\n" if done else b"[\n")
                    member.write(text)
                    done += 1
                progress(done, len(rows))
            member.write(b"\n]\n")


def unchanged_record(result: PullResult) -> dict[str, object]:
    """Return what `labelhouse ingest --json` would say of a pull that had nothing to load."""
    counts = dict.fromkeys(("added", "changed", "unchanged", "removed", "rejected"), 0)
    return {
        "source": f"encord:{result.encord}",
        "project": result.to,
        "status": "unchanged",
        "ingest_id": None,
        "documents": {**counts, "unchanged": result.listed},
        "rows": {},
        "quarantined": 0,
        "issues": 0,
        "bytes": 0,
        "seconds": result.seconds,
        "error": None,
    }
