"""Where the shared library of the compiled reader lies; Labelhouse loads it."""

import sys
from pathlib import Path

LIBRARY = {"win32": "labelhouse.dll", "darwin": "liblabelhouse.dylib"}.get(sys.platform, "liblabelhouse.so")
"""Name of the library's file in this package."""


def library_path() -> Path:
    """Return the path of the shared library."""
    return Path(__file__).parent / LIBRARY
