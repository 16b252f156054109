"""Find and load the shared library of `labelhouse-native`, a distribution of its own."""

import ctypes
import importlib.util
from functools import cache

PACKAGE = "labelhouse_native"
INTERFACE = 1
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
    loaded.labelhouse_annotations.restype = ctypes.c_void_p
    loaded.labelhouse_annotations.argtypes = [
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_int64,
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_int64,
        *[ctypes.c_void_p] * 4,
    ]
    loaded.labelhouse_release.restype = None
    loaded.labelhouse_release.argtypes = [ctypes.c_void_p, ctypes.c_int]
    return loaded
