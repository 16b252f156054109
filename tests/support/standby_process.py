"""A parsing process that waits beside a command: a copy of a process that has loaded its modules already.

A command that loads something starts a parsing process, which would take longer to load its modules than
the command takes for a small export. The copy is the command's own child, with its own number, signals and
exit code. It is made before the command has threads.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from labelhouse.ingestion import parse_process

LOADING = frozenset({"ingest", "night", "pull"})
"""Commands that start a parsing process."""
_MODULE = "labelhouse.ingestion.parse_process"
_REQUEST_BYTES = 1_000


def prepare(arguments: Sequence[str]) -> None:
    """Let the first parsing process that this process starts be a copy of it, if it is going to load."""
    if LOADING.isdisjoint(arguments):
        return
    ours, theirs = socket.socketpair()
    if (number := os.fork()) == 0:
        ours.close()
        _wait(theirs)
    theirs.close()
    _Standby.free = (number, ours)
    subprocess.Popen = _Standby  # type: ignore[misc, assignment]


def _wait(command: socket.socket) -> None:
    """Wait until the command needs a parsing process, and become it; end with the command otherwise."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    request, files, _, _ = socket.recv_fds(command, _REQUEST_BYTES, 2)
    if not request:
        os._exit(0)
    command.close()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.argv = [_MODULE, request.decode()]
    parse_process.main()


class _Standby(subprocess.Popen[str]):
    """A process that is started as any other, or is the one that waits."""

    free: tuple[int, socket.socket] | None = None

    def _execute_child(self, command: Any, *others: Any) -> None:
        # What follows the options of the command are its pipes, in Python 3.11 to 3.14.
        pipes = others[9:15]
        if _Standby.free is None or command[1:3] != ["-m", _MODULE] or -1 in pipes[:4]:
            super()._execute_child(command, *others)  # type: ignore[misc]
            return
        self.pid, waiting = _Standby.free
        _Standby.free = None
        with waiting:
            socket.send_fds(waiting, [command[3].encode()], [pipes[0], pipes[3]])
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]
