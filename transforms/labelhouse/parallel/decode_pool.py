"""Give jobs to decoding processes, and gather their results."""

import dataclasses
import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labelhouse.manifest import ParseTask, StagedFile
from labelhouse.parallel.decode_jobs import DocumentsJob, RecordsJob
from labelhouse.parallel.shared_blocks import SharedBlocks
from labelhouse.processes.children import started_child
from labelhouse.staging.document import DocumentSummary, Origin
from labelhouse.staging.document_group import StagedPart
from labelhouse.staging.document_order import EndedDocument

SLOTS = 2
"""Jobs that a process has at a time: it decodes one while the other waits."""


class CannotShareError(Exception):
    """The text cannot be shared among processes: one process has to read it again."""


_ahead: "list[subprocess.Popen[str]]" = []


def start_ahead(count: int) -> None:
    """Start processes that the next shared source takes over, so that it need not wait for their start."""
    _ahead.extend(started_child("parallel.decode_process") for _ in range(count))


class DecodeProcess:
    """One decoding process."""

    def __init__(self, settings: dict[str, Any], blocks: SharedBlocks, slots: Sequence[int]) -> None:
        self.is_ready = False
        self.has_records = False
        self.free = list(slots)
        self._blocks = blocks
        self._answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._process = _ahead.pop() if _ahead else started_child("parallel.decode_process")
        threading.Thread(target=self._listen, daemon=True).start()
        self._send(settings)

    def give(self, job: RecordsJob | DocumentsJob, origin: Origin, text: bytes) -> None:
        """Hand over a job and its text; there must be a free slot."""
        slot = self.free.pop()
        self._blocks.put(slot, text)
        kind = "records" if isinstance(job, RecordsJob) else "documents"
        self.has_records |= kind == "records"
        self._send(
            {
                kind: dataclasses.asdict(job),
                "origin": dataclasses.asdict(origin),
                "slot": slot,
                "length": len(text),
            }
        )

    def answered(self) -> Iterator[dict[str, Any]]:
        """Yield the answers so far. Raises CannotShareError if the process refused a job, or died."""
        while not self._answers.empty():
            yield self._taken()

    def wait_until_ready(self) -> None:
        """Wait until the process has started."""
        if not self.is_ready:
            self._taken()

    def part(self) -> tuple[list[dict[str, Any]], StagedPart]:
        """End the document whose records the process has; return the answers before, and its part."""
        self.has_records = False
        self._send({"end_records": True})
        answers = []
        while "part" not in (answer := self._taken()):
            answers.append(answer)
        files = [StagedFile(**file) for file in answer["part"]["files"]]
        summary = answer["part"]["summary"]
        summary["sums"] = {table: tuple(sums) for table, sums in summary["sums"].items()}
        return answers, StagedPart(DocumentSummary(**summary), files)

    def finish(self) -> list[dict[str, Any]]:
        """Wait until the process has done everything; return its answers, the last with its files."""
        self._send({"finish": True})
        answers = [self._taken()]
        while "files" not in answers[-1]:
            answers.append(self._taken())
        return answers

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        try:
            with self._process:
                pass
        except BrokenPipeError:
            pass

    def _taken(self) -> dict[str, Any]:
        answer = self._answers.get()
        if "refused" in answer:
            raise CannotShareError
        self.is_ready = True
        if "slot" in answer:
            self.free.append(answer["slot"])
        return answer

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise CannotShareError from None

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(json.loads(line))
        self._answers.put({"refused": True})


class DecodePool:
    """The decoding processes of one source."""

    def __init__(self, processes: Sequence[DecodeProcess], slot_bytes: int) -> None:
        self.slot_bytes = slot_bytes
        self.job_count = 0
        """Jobs that have been handed over."""
        self._processes = processes
        self._ended: list[EndedDocument] = []

    def free(self) -> DecodeProcess | None:
        """Return the process with most free slots, None if no process has one."""
        for process in self._processes:
            self._note(process.answered())
        ready = [process for process in self._processes if process.is_ready and process.free]
        return max(ready, key=lambda process: len(process.free), default=None)

    def give(
        self, process: DecodeProcess, job: RecordsJob | DocumentsJob, origin: Origin, text: bytes
    ) -> None:
        """Hand a job to a process that is free."""
        self.job_count += 1
        process.give(job, origin, text)

    def wait_until_ready(self) -> None:
        """Wait until every process has started."""
        for process in self._processes:
            process.wait_until_ready()

    def ended(self) -> list[EndedDocument]:
        """Return the documents that have been decoded since the last call."""
        ended, self._ended = self._ended, []
        return ended

    def parts(self) -> list[StagedPart]:
        """Return what each process has of the document that ends."""
        parts = []
        for process in self._processes:
            if process.has_records:
                answers, part = process.part()
                self._note(answers)
                parts.append(part)
        return parts

    def finish(self) -> tuple[list[StagedFile], dict[str, int]]:
        """Return the files of all processes, and the category sets in them."""
        files: list[StagedFile] = []
        category_sets: dict[str, int] = {}
        for process in self._processes:
            answers = process.finish()
            self._note(answers)
            files += [StagedFile(**file) for file in answers[-1]["files"]]
            category_sets.update(answers[-1]["category_sets"])
        return files, category_sets

    def _note(self, answers: Iterator[dict[str, Any]] | Sequence[dict[str, Any]]) -> None:
        for answer in answers:
            self._ended += [EndedDocument(**document) for document in answer.get("ended", ())]


@contextmanager
def decoding(task: ParseTask) -> Iterator[DecodePool]:
    """Start the decoding processes of a task, and end them with the block."""
    folder = Path(task.folder)
    count, slot_bytes = task.decoders, 3 * task.block_bytes
    path = folder / f"{task.ingest_id}-blocks.tmp"
    blocks = SharedBlocks(path, count * SLOTS, slot_bytes)
    processes: list[DecodeProcess] = []
    settings = {
        "task": dataclasses.asdict(task),
        "blocks": str(path),
        "slots": count * SLOTS,
        "slot_bytes": slot_bytes,
    }
    try:
        for number in range(count):
            slots = range(number * SLOTS, (number + 1) * SLOTS)
            stem = f"{task.ingest_id}-part{number}"
            processes.append(DecodeProcess({**settings, "stem": stem}, blocks, slots))
        yield DecodePool(processes, slot_bytes)
    except BaseException:
        for process in processes:
            process.close()
        for leftover in folder.glob(f"{task.ingest_id}-part*"):
            leftover.unlink()
        raise
    finally:
        for process in processes:
            process.close()
        blocks.close()
        path.unlink(missing_ok=True)
