"""Fetch label rows in bundles that adapt to the size of the answers and to what fails."""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from labelhouse.encord_api.faults import Fault, TooMuchError, said
from labelhouse.encord_api.listed_row import ListedRow
from labelhouse.encord_api.project import EncordProject

FIRST_ROWS = 20
"""What Encord recommends for videos with many labels."""
MOST_ROWS = 1_000
"""Encord's own limit."""
BUNDLE_BYTES = 8 << 20
"""A bundle is to have about as many bytes of JSON: its rows are in memory together."""

Fetched = tuple[ListedRow, bytes]
"""A row of the list, and its JSON text with what the list says of it."""


def in_bundles(project: EncordProject, rows: Sequence[ListedRow]) -> Iterator[list[Fetched]]:
    """Yield rows as they are fetched, a bundle at a time.

    The next bundle has as many rows as should make BUNDLE_BYTES, at most twice those of the one before. One
    that is too large, too slow or cut off is asked for again in halves. Raises RowsGoneError if a row is
    not there any more, InputError for what does not pass.
    """
    waiting = deque(rows)
    size, most = FIRST_ROWS, MOST_ROWS
    while waiting:
        bundle = [waiting.popleft() for _ in range(min(size, len(waiting)))]
        try:
            fetched = project.fetched([row.label_hash for row in bundle], can_ask_less=len(bundle) > 1)
        except TooMuchError as error:
            most = min(most, error.limit or most)
            size = max(1, min(error.limit or len(bundle) // 2, most))
            waiting.extendleft(reversed(bundle))
            continue
        by_hash: dict[str, dict[str, Any]] = {str(row["label_hash"]): row for row in fetched}
        if len(by_hash) < len({row.label_hash for row in bundle}):
            raise said(Fault.GONE, "give label rows")
        texts = [(row, _text(row.merged(by_hash[row.label_hash]))) for row in bundle]
        yield texts
        mean = max(1, sum(len(text) for _, text in texts) // len(texts))
        size = max(1, min(2 * len(bundle), BUNDLE_BYTES // mean, most))


def _text(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=str).encode(
        errors="surrogatepass"
    )
