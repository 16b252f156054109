"""A project of Encord's, read through its SDK: its title, its ontology, its list of rows, and rows.

It only reads. The SDK's own `initialise_labels` would create the labels of a row that has none yet.
"""

import logging
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from labelhouse.encord_api.faults import Patience, hidden_texts
from labelhouse.encord_api.listed_row import Filters, ListedRow, listed_row
from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode

KEY_FILE = "ENCORD_SSH_KEY_FILE"
KEY = "ENCORD_SSH_KEY"
DOMAIN = "https://api.encord.com"
_CONNECT_S, _READ_S = 30, 180


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows that the filters take, and how many more have never been opened."""

    rows: dict[tuple[str, str], ListedRow]
    """By label_hash and branch."""
    never_opened: int


class EncordProject:
    """A project that a key may read; all calls are tried again while their failures may pass."""

    def __init__(self, project: str, domain: str | None, patience: Patience) -> None:
        self.hash = _uuid(project)
        self._patience = patience
        self._client = _client(self.hash, domain or DOMAIN)
        # One request: the user's own `get_project` asks for the ontology once more.
        about: Any = patience.ask(self._client.get_project_v2, "give the project")
        self.title = str(about.title)
        self.ontology: dict[str, Any] = about.editor_ontology

    def listing(self, filters: Filters) -> Listing:
        """Return the rows that the filters take; one request lists all rows of the project."""

        def listed() -> list[ListedRow | None]:
            metadata_of_all = self._client.list_label_rows(
                include_uninitialised_labels=True,
                include_all_label_branches=filters.branch is None,
                branch_name=filters.branch,
            )
            return [listed_row(metadata) for metadata in metadata_of_all]

        rows = self._patience.ask(listed, "list the label rows")
        opened = [row for row in rows if row is not None]
        taken = {(row.label_hash, row.branch): row for row in opened if row.matches(filters)}
        return Listing(taken, len(rows) - len(opened))

    def fetched(self, label_hashes: Sequence[str], *, can_ask_less: bool) -> list[dict[str, Any]]:
        """Return rows as Encord stores them, in any order; raises as Patience.ask does."""
        answer = self._patience.ask(
            lambda: [dict(row) for row in self._client.get_label_rows(list(label_hashes), False)],
            "give label rows",
            can_ask_less=can_ask_less,
        )
        wanted = set(label_hashes)
        return [row for row in answer if row.get("label_hash") in wanted]


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise UsageError(
            ReasonCode.USAGE, "it is not the id of an Encord project", where=text, remedy="give its UUID"
        ) from None


def _client(project: str, domain: str) -> Any:
    """Return the SDK's client for a project; raises UsageError without the SDK or a usable key."""
    try:
        from encord import EncordUserClient
        from encord.http.constants import RequestsSettings
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "encord":
            raise
        raise UsageError(
            ReasonCode.USAGE, "Encord's SDK is not installed", remedy="pip install 'labelhouse[encord]'"
        ) from None
    # It logs what it sends, and whole tracebacks.
    logging.getLogger("encord").setLevel(logging.CRITICAL)
    # All failures are tried again here, where the next question can be smaller.
    settings = RequestsSettings(
        max_retries=0, connection_retries=0, connect_timeout=_CONNECT_S, read_timeout=_READ_S
    )
    key = _key()
    with warnings.catch_warnings(), hidden_texts():
        warnings.simplefilter("ignore", DeprecationWarning)
        user = EncordUserClient.create_with_ssh_private_key(key, domain=domain, requests_settings=settings)
        return user.get_project_client(project)


def _key() -> str:
    """Return the private key that the environment names; raises UsageError if there is none."""
    if file := os.environ.get(KEY_FILE):
        try:
            return Path(file).expanduser().read_text(encoding="ascii")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not a text"
            raise UsageError(
                ReasonCode.USAGE,
                f"the key's file cannot be read ({reason})",
                remedy=f"set {KEY_FILE} to the file of the private key",
            ) from None
    if key := os.environ.get(KEY):
        return key
    raise UsageError(
        ReasonCode.USAGE,
        "there is no key for Encord",
        remedy=f"set {KEY_FILE} to the file of a private key that is registered with Encord, or {KEY} to "
        "the key itself",
    )
