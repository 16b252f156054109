"""The parsing process: takes tasks as JSON lines on stdin, answers with JSON lines on stdout.

Its argument is the number of decoding processes that it is going to need. It is a process of its own, so
that the committing process survives anything that a file does to a parser.
"""

import dataclasses
import gc
import json
import os
import sys
from typing import TextIO

from labelhouse.errors import InputError, LabelhouseError, WarehouseError
from labelhouse.ingestion.stage_source import stage_source
from labelhouse.limits import Limits
from labelhouse.manifest import ParseTask
from labelhouse.parallel.decode_pool import start_ahead
from labelhouse.processes.children import lines_of_parent
from labelhouse.processes.process_setup import limit_memory, prepare_process
from labelhouse.reason_codes import Code

PROGRESS_BYTES = 1 << 20


def main() -> None:
    """Stage one source a line until the parent ends."""
    tasks = lines_of_parent()
    start_ahead(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    prepare_process()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in tasks:
        values = json.loads(line)
        task = ParseTask(**{**values, "limits": Limits(**values["limits"])})
        limit_memory(task.limits.memory_bytes)
        _answer(answers, _outcome(task, answers))
        gc.collect()


def _outcome(task: ParseTask, answers: TextIO) -> dict[str, object]:
    told = 0

    def progress(position: int) -> None:
        nonlocal told
        if position - told >= PROGRESS_BYTES:
            told = position
            _answer(answers, {"progress": position})

    try:
        return {"staged": dataclasses.asdict(stage_source(task, progress))}
    except MemoryError:
        return _error(
            InputError(
                Code.LIMIT_MEMORY,
                f"parsing needs more than {task.limits.memory_bytes:,} bytes of memory",
                remedy="look at what wrote the file, or raise --limit memory_bytes=N",
            )
        )
    except LabelhouseError as error:
        return _error(error)
    except Exception as error:
        if os.environ.get("LABELHOUSE_TRACEBACK"):
            raise
        # A bug in Labelhouse costs only this source. The text of the error may quote the document.
        return _error(
            InputError(
                Code.PARSER_DIED,
                f"the parser failed ({type(error).__name__})",
                remedy="please report it; LABELHOUSE_TRACEBACK=1 shows where",
            )
        )


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
