"""A decoding process: takes jobs from a parsing process, and stages the rows of their texts.

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
from labelhouse.parallel.decode_jobs import DocumentsJob, JobStager, RecordsJob, RefusedJobError
from labelhouse.parallel.shared_blocks import SharedBlocks
from labelhouse.processes.children import lines_of_parent
from labelhouse.processes.process_setup import limit_memory, prepare_process
from labelhouse.readers.bulk.decoder import BulkDecoder
from labelhouse.staging.block_stager import BlockStager
from labelhouse.staging.document import Origin
from labelhouse.staging.known_documents import KnownDocuments
from labelhouse.staging.staging_area import StagingArea


def main() -> None:
    """Take the jobs of one source."""
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
        except (RefusedJobError, MemoryError):
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
        self._area = StagingArea(Path(task.folder), message["stem"])
        decoder = BulkDecoder(
            task.limits, task.block_bytes, digests=task.parsed is not None, is_compiled=task.is_compiled
        )
        blocks = BlockStager(self._area, task.ingest_id, task.max_bad, task.limits, task.people)
        known = KnownDocuments(task.known)
        self._jobs = JobStager(self._area, decoder, blocks, known, task.block_bytes, task.limits)
        self._blocks = SharedBlocks(Path(message["blocks"]), message["slots"], message["slot_bytes"])

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Do what a message asks for; raises RefusedJobError."""
        if "finish" in message:
            files = [dataclasses.asdict(file) for file in self._area.finish()]
            return {"files": files, "category_sets": self._jobs.category_sets}
        if "end_records" in message:
            return {"part": dataclasses.asdict(self._jobs.end_records())}
        text = self._blocks.get(message["slot"], message["length"])
        origin = Origin(**message["origin"])
        if "documents" in message:
            job = DocumentsJob(**message["documents"])
            ended = self._jobs.take_documents(job, origin, text)
            return {"slot": message["slot"], "ended": [dataclasses.asdict(document) for document in ended]}
        values = message["records"]
        records = RecordsJob(**{**values, "section": Section(values["section"])})
        self._jobs.take_records(records, origin, text)
        return {"slot": message["slot"]}


if __name__ == "__main__":
    main()
