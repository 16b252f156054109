"""The entry point of the command line: `labelhouse`, or `python -m labelhouse`."""

import os
import signal
from types import FrameType

_INTERRUPTED = 130


def main() -> None:
    """Run the command line; Ctrl-C ends it with one line even while its modules are loaded."""
    previous = signal.getsignal(signal.SIGINT)
    if previous is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    from labelhouse.cli.app import main as run

    signal.signal(signal.SIGINT, previous)
    run()


def _end(_number: int, _frame: FrameType | None) -> None:
    # An exception could be raised anywhere in the imports, and they could take it for their own.
    os.write(2, b"labelhouse: INTERRUPTED: nothing was done\n")
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
