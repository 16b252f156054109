"""The parsing process: takes tasks as JSON lines on stdin, answers with JSON lines on stdout.

It runs apart so that whatever a file does to a parser, the process that commits lives on.
"""

import dataclasses
import gc
import json
import os
import signal
import sys
from typing import TextIO

import pyarrow as pa

from labelhouse.codes import Code
from labelhouse.errors import InputError, LabelhouseError
from labelhouse.limits import Limits
from labelhouse.parse import ParseTask, stage_source

PROGRESS_BYTES = 1 << 20


def main() -> None:
    """Stage one source a line until stdin ends."""
    # Interrupts are for the parent, which ends this process by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare_process()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        values = json.loads(line)
        task = ParseTask(**{**values, "limits": Limits(**values["limits"])})
        _limit_memory(task.limits.memory_bytes)
        _answer(answers, _outcome(task, answers))
        gc.collect()


def prepare_process() -> None:
    """Set this process up for parsing."""
    # Records make no reference cycles, and there are very many: looking for some costs a tenth.
    gc.disable()
    # Arrow's own allocator keeps a fifth more memory at the same speed.
    pa.set_memory_pool(pa.system_memory_pool())


def _limit_memory(memory_bytes: int) -> None:
    """Have the system refuse this process more address space, where it can."""
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = memory_bytes if most == resource.RLIM_INFINITY else min(memory_bytes, most)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


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
        # A bug of ours costs the source that met it; its text may quote the document.
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
            "member": error.member,
            "pointer": error.pointer,
            "offset": error.offset,
        }
    }


def _answer(answers: TextIO, value: dict[str, object]) -> None:
    try:
        answers.write(json.dumps(value) + "\n")
        answers.flush()
    except BrokenPipeError:
        # The parent is gone: nobody will commit what this process stages.
        os._exit(1)


if __name__ == "__main__":
    main()
