"""The entry point of the command line: `labelhouse`, or `python -m labelhouse`."""

import gc
import os
import signal
import sys
from types import FrameType

_INTERRUPTED = 130


def main() -> None:
    """Run the command line; Ctrl-C ends it with one line even while its modules are loaded."""
    previous = signal.getsignal(signal.SIGINT)
    if previous is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    _prepare_imports()
    from labelhouse.cli.app import main as run

    signal.signal(signal.SIGINT, previous)
    run()


class _NoPandas:
    """A finder of modules that finds no pandas: no command uses it."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name, name=name)


def _prepare_imports() -> None:
    """Spare this process what costs time and gives it nothing."""
    # DuckDB imports pandas for each value of a parameter, to recognise a kind of null. Where pandas is not
    # installed, each attempt searches all folders of modules; where it is, it takes half a second to load.
    sys.meta_path.insert(0, _NoPandas)
    # Modules make tens of thousands of objects that stay: the first searches for cycles find nothing.
    gc.set_threshold(20_000, 20, 20)


def _end(_number: int, _frame: FrameType | None) -> None:
    # An exception could be raised anywhere in the imports, and they could take it for their own.
    os.write(2, b"labelhouse: INTERRUPTED: nothing was done\n")
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
