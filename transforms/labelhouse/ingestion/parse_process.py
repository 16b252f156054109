"""The parsing process: takes tasks as JSON lines on stdin, answers with JSON lines on stdout.

Its argument is the number of decoding processes that it is going to need, or LATER: then it loads its
parsers, Arrow among them, only for bytes that it does not know. It is a process of its own, so that the
committing process survives anything that a file does to a parser.
"""

import dataclasses
import gc
import json
import os
import sys
from collections.abc import Callable
from typing import TextIO

from labelhouse.errors import InputError, LabelhouseError, WarehouseError
from labelhouse.ingestion.recall import recalled
from labelhouse.limits import Limits
from labelhouse.manifest import LATER, ParseTask, Staged
from labelhouse.processes.children import lines_of_parent
from labelhouse.processes.process_setup import limit_memory, prepare_process
from labelhouse.reason_codes import ReasonCode

PROGRESS_BYTES = 1 << 20


def main() -> None:
    """Stage one source a line until the parent ends."""
    tasks = lines_of_parent()
    if sys.argv[1:] != [LATER]:
        _load_parsers(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in tasks:
        values = json.loads(line)
        task = ParseTask(**{**values, "limits": Limits(**values["limits"])})
        limit_memory(task.limits.memory_bytes)
        _answer(answers, _outcome(task, answers))
        gc.collect()


def _outcome(task: ParseTask, answers: TextIO) -> dict[str, object]:
    last_reported = 0

    def progress(position: int) -> None:
        nonlocal last_reported
        if position - last_reported >= PROGRESS_BYTES:
            last_reported = position
            _answer(answers, {"progress": position})

    try:
        staged = recalled(task, progress)
        if staged is None:
            progress(0)
            staged = _parsed(task, progress)
        return {"staged": dataclasses.asdict(staged)}
    except MemoryError:
        return _error(
            InputError(
                ReasonCode.LIMIT_MEMORY,
                f"parsing needs more than {task.limits.memory_bytes:,} bytes of memory",
                remedy="look at what wrote the file, or raise --limit memory_bytes=N",
            )
        )
    except LabelhouseError as error:
        # A pointer consists of keys of the document, which may be addresses.
        error.what = task.people.text(error.what)
        error.pointer = error.pointer and task.people.text(error.pointer)
        return _error(error)
    except Exception as error:
        if os.environ.get("LABELHOUSE_TRACEBACK"):
            raise
        # A bug in Labelhouse costs only this source. The text of the error may quote the document.
        return _error(
            InputError(
                ReasonCode.PARSER_DIED,
                f"the parser failed ({type(error).__name__})",
                remedy="please report it; LABELHOUSE_TRACEBACK=1 shows where",
            )
        )


def _load_parsers(decoders: int) -> None:
    """Load what parsing needs while the parent opens the warehouse, and start decoding processes."""
    # First, so that no search for cycles runs while modules are loaded.
    prepare_process()
    from labelhouse.ingestion import stage_source  # noqa: F401
    from labelhouse.parallel.decode_pool import start_ahead

    start_ahead(decoders)


def _parsed(task: ParseTask, progress: Callable[[int], None]) -> Staged:
    # Loaded here because bytes that are known need no parser.
    prepare_process()
    from labelhouse.ingestion.stage_source import stage_source

    return stage_source(task, progress)


def _error(error: LabelhouseError) -> dict[str, object]:
    return {
        "error": {
            "kind": type(error).__name__,
            "code": error.code.value,
            "what": error.what,
            "remedy": error.remedy,
            # An error of the warehouse has another place than the source.
            "place": error.where if isinstance(error, WarehouseError) else "",
            "member": error.member,
            "pointer": error.pointer,
            "offset": error.offset,
            "may_pass": error.may_pass,
        }
    }


def _answer(answers: TextIO, value: dict[str, object]) -> None:
    try:
        answers.write(json.dumps(value) + "\n")
        answers.flush()
    except BrokenPipeError:
        # The parent is gone: no process will commit what this one stages.
        os._exit(1)


if __name__ == "__main__":
    main()
