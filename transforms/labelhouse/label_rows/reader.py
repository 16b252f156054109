"""Read label rows into the events of an export: the records that COCO would have, and what it lacks.

Ids, names, geometry in pixels and answers are those of Encord's own COCO exporter where it is right. So a
project may change from one format to the other. docs/label-rows.md lists where it is not followed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from labelhouse.label_rows.blocks import RowBlocks
from labelhouse.label_rows.ontology import Ontology
from labelhouse.label_rows.row import RowReader
from labelhouse.label_rows.row_parts import Spool
from labelhouse.label_rows.row_splitter import split_rows
from labelhouse.limits import BLOCK_BYTES, DEFAULT_LIMITS, Limits
from labelhouse.readers.events import RowEvent


def read(
    stream: BinaryIO,
    *,
    block_bytes: int = BLOCK_BYTES,
    limits: Limits = DEFAULT_LIMITS,
    ontology: Ontology | None = None,
    folder: Path | None = None,
) -> Iterator[RowEvent]:
    """Yield the events of one text of label rows; see readers/events.py for the contract.

    Labels that wait for the end of their row lie in a temporary file in `folder`.
    """
    blocks = RowBlocks()
    spool = Spool(folder)
    has_ontology = False
    try:
        for parts in split_rows(stream, spool, block_bytes=block_bytes, limits=limits):
            if blocks.size + spool.size >= block_bytes:
                # A long row shares no block: the rows before it end without waiting for its end.
                yield from blocks.flush()
            if ontology is not None and ontology.rows and not has_ontology:
                blocks.add_ontology(ontology.rows)
                has_ontology = True
            reader = RowReader(parts, spool, blocks, ontology or Ontology())
            for _ in reader.read():
                if blocks.size >= block_bytes:
                    yield from blocks.flush()
            spool.clear()
        yield from blocks.flush()
    finally:
        spool.close()
