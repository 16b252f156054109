"""Run the command line in a terminal of so many columns, and read what a person sees there."""

import fcntl
import json
import os
import pty
import signal
import struct
import termios
import threading
from collections.abc import Sequence
from pathlib import Path

import pyte

from tests.support.command_line import TIMEOUT_S, start

_LINES = 400
"""More than any command prints, so that nothing leaves the screen."""


def screen_of(arguments: Sequence[str], columns: int, cwd: Path, **environment: str) -> tuple[str, int]:
    """Run `labelhouse` in a terminal; return the text that stays on its screen, and the exit code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, columns, 0, 0))
    variables = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    variables |= {"TERM": "xterm-256color", **environment}
    files = (theirs, os.dup(theirs), os.dup(theirs))
    process, answers = start(arguments, files, cwd, variables)
    timer = threading.Timer(TIMEOUT_S, os.kill, (process, signal.SIGKILL))
    timer.start()
    screen = pyte.Screen(columns, _LINES)
    stream = pyte.ByteStream(screen)
    try:
        # The system reports an error when the last process has closed the terminal.
        while data := os.read(ours, 1 << 16):
            stream.feed(data)
    except OSError:
        pass
    finally:
        os.close(ours)
    code = json.loads(answers.readline())
    timer.cancel()
    return "\n".join(line.rstrip() for line in screen.display).rstrip() + "\n", code
