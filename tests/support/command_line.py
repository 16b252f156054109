"""Run the command line in a process of its own, copied from one that has loaded its modules already."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from tests.support.command_server import REQUEST_BYTES

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 120


class _Server:
    """Holds the process that has everything loaded; it starts with the first command."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._answers: IO[bytes] | None = None

    def start(self) -> tuple[socket.socket, IO[bytes]]:
        if self._socket is None or self._answers is None:
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.support.command_server"], stdin=theirs.fileno(), cwd=ROOT
                )
            self._socket, self._answers = ours, ours.makefile("rb")
        return self._socket, self._answers

    def end(self) -> None:
        if self._socket is not None and self._answers is not None and self._process is not None:
            self._answers.close()
            self._socket.close()
            self._process.wait()
        self._socket = self._answers = self._process = None


_server = _Server()
end_server = _server.end


def run(
    *arguments: object, cwd: Path | None = None, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `labelhouse` with the arguments and more environment; its output is text of 200 columns.

    What it does is what a process of its own does: exit code, signals, files, standard streams. It is one
    that did not load Python's modules itself; tests of how it starts start it themselves.
    """
    variables = {**os.environ, "COLUMNS": "200", **environment}
    done = run_bytes(list(map(str, arguments)), cwd=cwd, stdin=stdin, environment=variables)
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def run_bytes(
    arguments: Sequence[str],
    *,
    cwd: Path | None = None,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run `labelhouse` with the arguments; its output is bytes."""
    pipes = [os.pipe() for _ in range(3)]
    (read_in, write_in), (read_out, write_out), (read_err, write_err) = pipes
    process, answers = start(arguments, (read_in, write_out, write_err), cwd, environment)
    with _Pipe(read_out) as out, _Pipe(read_err) as err:
        timer = threading.Timer(TIMEOUT_S, os.kill, (process, signal.SIGKILL))
        timer.start()
        with contextlib.suppress(BrokenPipeError), open(write_in, "wb") as file:
            file.write(stdin)
        code = json.loads(answers.readline())
        timer.cancel()
    return subprocess.CompletedProcess(["labelhouse", *arguments], code, out.data, err.data)


def start(
    arguments: Sequence[str],
    files: Sequence[int],
    cwd: Path | None,
    environment: Mapping[str, str] | None,
) -> tuple[int, IO[bytes]]:
    """Start `labelhouse` with its standard input, output and error, which are closed here.

    Return the number of the process, and the file whose next line will be its exit code.
    """
    server, answers = _server.start()
    request = json.dumps(
        {
            "arguments": list(arguments),
            "folder": str(cwd or Path.cwd()),
            "environment": dict(os.environ if environment is None else environment),
        }
    ).encode()
    assert len(request) < REQUEST_BYTES
    socket.send_fds(server, [request], files)
    for number in set(files):
        os.close(number)
    return json.loads(answers.readline()), answers


class _Pipe:
    """Reads a pipe to its end in a thread of its own."""

    def __init__(self, number: int) -> None:
        self.data = b""
        self._number = number
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> "_Pipe":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _read(self) -> None:
        with open(self._number, "rb") as file:
            self.data = file.read()
