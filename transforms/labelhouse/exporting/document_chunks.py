"""Read the rows of documents in chunks that fit into memory, for documents of any size."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from labelhouse.exporting.documents import ChosenDocument
from labelhouse.sql_library.statements import statement, statement_with

TARGET_BYTES = 16 << 20
"""Arrow bytes of the rows of one chunk, approximately."""
_FIRST_ROWS = 2_000
_MAX_ROWS = 200_000
_MAX_DOCUMENTS = 4_000
_EVERYWHERE = 2**62


def chunk_statement(name: str) -> str:
    """Return a statement of this room that takes the parameters of a chunk."""
    return statement_with(name, wanted=statement("exporting/wanted"))


@dataclass(frozen=True, slots=True)
class DocumentChunk:
    """Rows to read at once: whole documents from `start` on, or a range of positions of one."""

    start: int
    keys: Sequence[int]
    first: int = 0
    last: int = _EVERYWHERE

    def document_keys(self) -> dict[str, object]:
        """Return the parameters of a statement that takes documents.

        The keys are one text: DuckDB takes a tenth of a millisecond for each element of a list.
        """
        return {"keys": ",".join(map(str, self.keys)), "low": min(self.keys), "high": max(self.keys)}

    def parameters(self) -> dict[str, object]:
        """Return the parameters of a statement that takes positions too."""
        return {**self.document_keys(), "first": self.first, "last": self.last}


@dataclass(slots=True)
class Pace:
    """The number of rows to read at a time: those that took TARGET_BYTES the last time, growing slowly."""

    rows: int = _FIRST_ROWS
    is_fixed: bool = False

    def weighed(self, rows: int, weight_bytes: int) -> None:
        """Record the bytes that the rows of a chunk took."""
        if rows and not self.is_fixed:
            fitting = rows * TARGET_BYTES // max(weight_bytes, 1)
            self.rows = max(1, min(fitting, 4 * self.rows, _MAX_ROWS))


def document_chunks(
    documents: Sequence[ChosenDocument], places: Callable[[ChosenDocument], int], pace: Pace
) -> Iterator[DocumentChunk]:
    """Cut documents into chunks of about `pace.rows` rows each; `places` counts the rows of a document.

    It reads the pace again for each chunk, and skips documents without rows.
    """
    at = 0
    while at < len(documents):
        size = places(documents[at])
        if size > pace.rows:
            first = 0
            while first < size:
                last = first + pace.rows - 1
                yield DocumentChunk(at, [documents[at].key], first, last)
                first = last + 1
            at += 1
            continue
        start, total = at, 0
        while (
            at < len(documents)
            and at - start < _MAX_DOCUMENTS
            and (total := total + places(documents[at])) <= pace.rows
        ):
            at += 1
        if any(places(document) for document in documents[start:at]):
            yield DocumentChunk(start, [document.key for document in documents[start:at]])


def batches_of(
    rows: pa.Table, batch_rows: int
) -> Iterator[tuple[Sequence[tuple[int, int, int]], pa.RecordBatch]]:
    """Cut the rows of a chunk into batches, whatever documents they are of.

    Yields for each batch its documents, each with its place in the chunk and the rows where it starts and
    ends, and the batch. Rows come sorted by `ordinal`, which counts from 1.
    """
    if not rows.num_rows:
        return
    [whole] = rows.combine_chunks().to_batches()
    for first in range(0, whole.num_rows, batch_rows):
        batch = whole.slice(first, batch_rows)
        ordinals = batch["ordinal"].to_numpy()
        starts = [0, *(np.flatnonzero(np.diff(ordinals)) + 1).tolist()]
        places = (ordinals[starts] - 1).tolist()
        yield list(zip(places, starts, [*starts[1:], len(ordinals)], strict=True)), batch
