"""Pull the label rows of an Encord project: list all, fetch those that differ, remove the others."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from labelhouse.encord_api.bundles import in_bundles
from labelhouse.encord_api.faults import Patience, RowsGoneError
from labelhouse.encord_api.listed_row import Filters, ListedRow
from labelhouse.encord_api.project import EncordProject, Listing
from labelhouse.errors import InputError
from labelhouse.pulling.row_folder import RowFolder
from labelhouse.reason_codes import ReasonCode
from labelhouse.results import Result

Progress = Callable[[int, int], None]
"""A callable that receives the number of rows that have been fetched, and of all that are to be."""


@dataclass(frozen=True, slots=True)
class PullResult(Result):
    """What a pull did, or with `dry_run` would do."""

    encord: str
    title: str
    listed: int
    """Rows that the filters take."""
    never_opened: int
    """Rows without labels, which are left alone: reading one would create its labels."""
    fetched: int
    moved: int
    """Rows whose stage, status or assignee alone differs: nothing was fetched for them."""
    unchanged: int
    removed: int
    retries: int
    seconds: float
    to: str
    """The folder, or the project of the warehouse."""
    dry_run: bool
    ingest: dict[str, object] | None = None
    """What `labelhouse ingest --json` would say of the rows as a source; None if nothing was loaded."""


def pull_to_folder(
    encord: str,
    folder: Path,
    *,
    filters: Filters,
    domain: str | None = None,
    dry_run: bool = False,
    patience: Patience | None = None,
    progress: Progress = lambda _, __: None,
) -> PullResult:
    """Bring a folder to the state of a project: a file per label row, and the ontology.

    A pull that is killed leaves whole files; the next one fetches the rest. Raises UsageError for a key, a
    project or a folder that cannot be used, InputError where Encord refuses or does not answer.
    """
    began = time.monotonic()
    patience = patience or Patience()
    held = RowFolder(folder)
    project = EncordProject(encord, domain, patience)
    listing = project.listing(filters)
    plan = _Plan(held, listing)
    plan.refuse_to_remove_all(folder)
    result = plan.result(project, folder, dry_run=dry_run)
    if not dry_run:
        held.write_ontology(project.ontology)
        unreadable = [row for row in plan.moved if not held.move(row)]
        gone = _fetch(project, filters, held, [*plan.fetched, *unreadable], progress)
        held.remove(held.gone(listing.rows if gone is None else gone.rows))
    seconds = round(time.monotonic() - began, 3)
    return replace(result, retries=patience.retries, seconds=seconds)


class _Plan:
    """What a pull has to do for each listed row."""

    def __init__(self, held: RowFolder, listing: Listing) -> None:
        self.listing = listing
        self.fetched: list[ListedRow] = []
        self.moved: list[ListedRow] = []
        for row in listing.rows.values():
            if held.only_moved(row):
                self.moved.append(row)
            elif not held.has(row):
                self.fetched.append(row)
        self.gone = held.gone(listing.rows)

    def refuse_to_remove_all(self, folder: Path) -> None:
        """Raise InputError if the list is empty and the folder is not: a filter or a right may be wrong."""
        if self.gone and not self.listing.rows:
            raise InputError(
                ReasonCode.ENCORD_ANSWER,
                f"Encord lists no opened rows, and {len(self.gone):,} are there",
                where=str(folder),
                remedy="check the filters and the branch; if the project is empty, remove the folder",
            )

    def result(self, project: EncordProject, folder: Path, *, dry_run: bool) -> PullResult:
        """Return what the pull does."""
        listed = len(self.listing.rows)
        return PullResult(
            encord=project.hash,
            title=project.title,
            listed=listed,
            never_opened=self.listing.never_opened,
            fetched=len(self.fetched),
            moved=len(self.moved),
            unchanged=listed - len(self.fetched) - len(self.moved),
            removed=len(self.gone),
            retries=0,
            seconds=0.0,
            to=str(folder),
            dry_run=dry_run,
        )


def _fetch(
    project: EncordProject,
    filters: Filters,
    held: RowFolder,
    rows: list[ListedRow],
    progress: Progress,
) -> Listing | None:
    """Fetch rows into the folder; return the list of later if one of them was deleted meanwhile."""
    later: Listing | None = None
    while True:
        done = 0
        progress(done, len(rows))
        try:
            for bundle in in_bundles(project, rows):
                held.write(bundle)
                done += len(bundle)
                progress(done, len(rows))
        except RowsGoneError:
            if later is not None:
                raise
            later = project.listing(filters)
            rows = [row for row in later.rows.values() if not held.has(row)]
        else:
            return later
