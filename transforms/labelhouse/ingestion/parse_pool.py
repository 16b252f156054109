"""Stage sources in parallel, in processes of their own; a process that dies costs one source."""

import contextlib
import dataclasses
import json
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from labelhouse.errors import InputError, LabelhouseError, WarehouseError
from labelhouse.manifest import LATER, ParseTask, Staged, StagedFile
from labelhouse.processes.children import started_child
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.source_file import require_file


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of parsing a source, when it began, and how long it took."""

    started_at: datetime
    result: Staged | LabelhouseError
    seconds: float = 0.0


class Worker:
    """One parsing process, restarted when it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self, decoders: int = 0, *, parses_later: bool = False) -> None:
        """Start the process, and the decoding processes that it will share a text with.

        They take about as long to start as a warehouse takes to open. With `parses_later` nothing is loaded
        before it is needed, because the sources are likely to be known.
        """
        self._running(LATER if parses_later else str(decoders))

    def stage(self, task: ParseTask, progress: Callable[[int], None]) -> Staged:
        """Stage one source in the process; raises what stage_source raises, or PARSER_DIED."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        out_of_time = threading.Event()
        timer = threading.Timer(task.limits.seconds, self._stop, (process, out_of_time))
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(json.dumps(dataclasses.asdict(task)) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                answer = json.loads(line)
                if "progress" in answer:
                    progress(answer["progress"])
                elif "error" in answer:
                    raise _error(answer["error"], task)
                else:
                    staged = answer["staged"]
                    files = [StagedFile(**file) for file in staged.pop("files")]
                    return Staged(**staged, files=files)
        except BrokenPipeError:
            pass
        finally:
            timer.cancel()
        code = process.wait()
        self.close()
        if out_of_time.is_set():
            raise InputError(
                ReasonCode.LIMIT_TIME,
                f"parsing took longer than {task.limits.seconds:,} s",
                where=task.source,
                remedy="look at what wrote the file, or raise --limit seconds=N",
            )
        raise InputError(
            ReasonCode.PARSER_DIED,
            f"the parsing process died ({_cause(code)})",
            where=task.source,
            remedy="the file may be made to break parsers, or memory ran out",
        )

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            # Leaving the block closes the pipes and waits; a pipe to a dead process may break once more.
            with contextlib.suppress(BrokenPipeError), self._process:
                pass
            self._process = None

    @staticmethod
    def _stop(process: "subprocess.Popen[str]", out_of_time: threading.Event) -> None:
        out_of_time.set()
        process.kill()

    def _running(self, prepares: str = "0") -> "subprocess.Popen[str]":
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            self._process = started_child("ingestion.parse_process", [prepares])
        return self._process


@contextmanager
def started_workers(
    count: int, decoders: int = 0, *, parses_later: bool = False
) -> Iterator[Sequence[Worker]]:
    """Start parsing processes, each with its decoding processes, and end them with the block."""
    workers = [Worker() for _ in range(count)]
    try:
        for worker in workers:
            worker.start(decoders, parses_later=parses_later)
        yield workers
    finally:
        for worker in workers:
            worker.close()


@contextmanager
def staged_in_order(
    tasks: Sequence[ParseTask], everyone: Sequence[Worker], *, progress: Callable[[int, int], None]
) -> Iterator[Iterator[Outcome]]:
    """Stage tasks in the processes given, and give their outcomes in the order of the tasks.

    `progress` receives a task's index and the number of bytes of its file that have been read. If the block
    ends before all tasks are staged, the processes are ended.
    """
    workers: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    for worker in everyone:
        workers.put(worker)

    def stage(index: int) -> Outcome:
        worker = workers.get()
        started_at, began = datetime.now(UTC), time.perf_counter()
        try:
            # Check here: in the parsing process /dev/stdin and /dev/fd/3 are other files.
            _require_file(tasks[index])
            result: Staged | LabelhouseError = worker.stage(
                tasks[index], lambda position: progress(index, position)
            )
        except LabelhouseError as error:
            result = error
        finally:
            workers.put(worker)
        return Outcome(started_at, result, time.perf_counter() - began)

    pool = ThreadPoolExecutor(len(everyone), thread_name_prefix="stage")
    futures: list[Future[Outcome]] = []
    try:
        futures += (pool.submit(stage, index) for index in range(len(tasks)))
        yield (future.result() for future in futures)
    finally:
        is_done = all(future.done() for future in futures)
        pool.shutdown(wait=False, cancel_futures=True)
        if not is_done:
            for worker in everyone:
                worker.close()
        pool.shutdown()


def _require_file(task: ParseTask) -> None:
    try:
        require_file(task.path)
    except InputError as error:
        error.where = task.source
        raise


def _error(values: dict[str, str | int | None], task: ParseTask) -> LabelhouseError:
    kind = WarehouseError if values.pop("kind") == "WarehouseError" else InputError
    code = ReasonCode(str(values.pop("code")))
    member = values.get("member")
    where = f"{task.source}:{member}" if member else task.source
    if place := values.pop("place"):
        where += f": {place}"
    return kind(code, str(values.pop("what")), where=where, **values)  # type: ignore[arg-type]


def _cause(code: int) -> str:
    if code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"
