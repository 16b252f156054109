"""Find and load the shared library of `labelhouse-native`, a distribution of its own."""

import ctypes
import importlib.util
from functools import cache

PACKAGE = "labelhouse_native"
INTERFACE = 2
"""Version of the library's C interface; another one is not used."""


def is_installed() -> bool:
    """Return whether the distribution is there; nothing of it is loaded."""
    return importlib.util.find_spec(PACKAGE) is not None


@cache
def library() -> ctypes.CDLL | None:
    """Return the library, None where it is not installed or cannot be used."""
    try:
        package = importlib.import_module(PACKAGE)
        loaded = ctypes.CDLL(str(package.library_path()))
        if loaded.labelhouse_interface() != INTERFACE:
            return None
    except (ImportError, OSError, AttributeError):
        return None
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    for call, options in (
        (loaded.labelhouse_annotations, [ctypes.c_int]),
        (loaded.labelhouse_documents, []),
    ):
        call.restype = pointer
        call.argtypes = [pointer, number, *options, pointer, number, pointer]
    loaded.labelhouse_release.restype = None
    loaded.labelhouse_release.argtypes = [ctypes.c_void_p, ctypes.c_int]
    return loaded
