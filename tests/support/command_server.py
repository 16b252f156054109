"""A process that has loaded what the command line loads, and runs each command in a copy of itself.

Standard input is a socket. A request is a JSON object with the arguments, the folder and the environment of
a command, and carries three open files: its standard input, output and error. The answers are the number of
the process and, when it has ended, its exit code, negative for a signal: a JSON line each.
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import tempfile
from typing import Any

import duckdb
import labelhouse.__main__

from tests.support import standby_process

REQUEST_BYTES = 1 << 20
LOADED = ("pyarrow.compute", "pyarrow.parquet", "pyarrow.dataset", "rich.console", "rich.table", "six")
"""What commands load when they run, beside all modules of the package."""


def load() -> None:
    """Load what commands load, and end the thread of DuckDB's that this starts: it could not be copied."""
    names = [module.name for module in pkgutil.walk_packages(labelhouse.__path__, "labelhouse.")]
    for name in (*LOADED, *names):
        importlib.import_module(name)
    duckdb.default_connection().close()
    gc.collect()
    gc.freeze()


def main() -> None:
    """Run commands until the other end of the socket closes."""
    with socket.socket(fileno=os.dup(0)) as server:
        while True:
            request, files, _, _ = socket.recv_fds(server, REQUEST_BYTES, 3)
            if not request:
                return
            if (process := os.fork()) == 0:
                server.close()
                _become(json.loads(request), files)
            for file in files:
                os.close(file)
            _answer(server, process)
            _, status = os.waitpid(process, 0)
            _answer(server, os.waitstatus_to_exitcode(status))


def _answer(server: socket.socket, number: int) -> None:
    server.sendall(json.dumps(number).encode() + b"\n")


def _become(request: dict[str, Any], files: list[int]) -> None:
    """Run a command in this process, which ends with it as a process of its own would."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout, sys.stderr = (open(n, "w", encoding="utf-8") for n in (1, 2))  # noqa: SIM115
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    tempfile.tempdir = None
    sys.argv = ["labelhouse", *request["arguments"]]
    # The name of the command in messages is made from it.
    sys.modules["__main__"] = labelhouse.__main__
    standby_process.prepare(request["arguments"])
    labelhouse.__main__.main()
    sys.exit()


if __name__ == "__main__":
    load()
    main()
