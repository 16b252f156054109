"""A decoding process: takes pieces of a text from a parsing process, and stages their rows.

It reads JSON lines on stdin and answers with JSON lines on stdout, as ingestion/parse_process.py does. The
texts lie in slots of a file that both processes have mapped. The process ends when its stdin ends.
"""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from labelhouse.coco.sections import Section
from labelhouse.limits import Limits
from labelhouse.manifest import ParseTask
from labelhouse.parallel.decode_jobs import DocumentsPiece, Pieces, RecordsPiece, RefusedPieceError
from labelhouse.parallel.shared_blocks import SharedBlocks
from labelhouse.processes.children import lines_of_parent
from labelhouse.processes.process_setup import limit_memory, prepare_process
from labelhouse.readers.bulk_reader import BulkBlocks
from labelhouse.staging.block_stager import BlockRows
from labelhouse.staging.document import Origin
from labelhouse.staging.known_documents import KnownDocuments
from labelhouse.staging.staging_area import Stage


def main() -> None:
    """Take the pieces of one source."""
    messages = lines_of_parent()
    prepare_process()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    source: _Source | None = None
    for line in messages:
        message = json.loads(line)
        try:
            if source is None:
                source = _Source(message)
                answer: dict[str, Any] = {"ready": True}
            else:
                answer = source.answer(message)
        except (RefusedPieceError, MemoryError):
            # The parsing process reads the source again by itself and reports what is wrong with it.
            answer = {"refused": True}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
        if "files" in answer or "refused" in answer:
            break


class _Source:
    def __init__(self, message: dict[str, Any]) -> None:
        task = ParseTask(**{**message["task"], "limits": Limits(**message["task"]["limits"])})
        limit_memory(task.limits.memory_bytes)
        self._stage = Stage(Path(task.folder), message["stem"])
        bulk = BulkBlocks(task.limits, task.block_bytes)
        rows = BlockRows(self._stage, task.ingest_id, task.max_bad, task.limits)
        known = KnownDocuments(task.known)
        self._pieces = Pieces(self._stage, bulk, rows, known, task.block_bytes, task.limits)
        self._blocks = SharedBlocks(Path(message["blocks"]), message["slots"], message["slot_bytes"])

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Do what a message asks for; raises RefusedPieceError."""
        if "finish" in message:
            files = [dataclasses.asdict(file) for file in self._stage.finish()]
            return {"files": files, "category_sets": self._pieces.category_sets}
        if "end_records" in message:
            return {"part": dataclasses.asdict(self._pieces.end_records())}
        text = self._blocks.get(message["slot"], message["length"])
        origin = Origin(**message["origin"])
        if "documents" in message:
            piece = DocumentsPiece(**message["documents"])
            ended = self._pieces.take_documents(piece, origin, text)
            return {"slot": message["slot"], "ended": [dataclasses.asdict(document) for document in ended]}
        values = message["records"]
        records = RecordsPiece(**{**values, "section": Section(values["section"])})
        self._pieces.take_records(records, origin, text)
        return {"slot": message["slot"]}


if __name__ == "__main__":
    main()
