"""Let a thread, and those that it starts, open only some files: Linux' Landlock (kernel 5.13 and later).

The rules stay with the thread until it ends, under any user, also root. Nothing that the thread calls can
loosen them. Numbers and structures are those of the kernel's include/uapi/linux/landlock.h.
"""

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1
_RULE_NET_PORT = 2
_PR_SET_NO_NEW_PRIVS = 38

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
#: Rights over files that each version of the kernel's interface knows, from EXECUTE (bit 0) on. The first
#: has 13, the second adds REFER, the third TRUNCATE, the fifth IOCTL_DEV.
_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NETWORK_VERSION = 4
_CONNECT_TCP = 0b10
_NETWORK = 0b01 | _CONNECT_TCP  # TCP: bind and connect.
_OF_FILES = (1 << 0) | _WRITE_FILE | _READ_FILE | _TRUNCATE | (1 << 15)
_READING = _READ_FILE | _READ_DIR


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64), ("handled_access_net", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


class _NetPort(ctypes.Structure):
    _fields_ = (("allowed_access", ctypes.c_uint64), ("port", ctypes.c_uint64))


def version() -> int:
    """Return the version of the kernel's interface; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    result = _libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    return max(0, int(result))


def restrict_this_thread(
    *, reading: Iterable[Path], writing: Iterable[Path], ports: Iterable[int] = ()
) -> bool:
    """Let the calling thread read below some paths, read and write below others, and no more.

    Paths that do not exist are left out. Files that are open already stay open. TCP is closed where the
    kernel can, except for connections to `ports`. Returns False, without a restriction, where the kernel
    has no Landlock. Raises OSError if the kernel has it but refuses.
    """
    known = version()
    if not known:
        return False
    handled = (1 << _RIGHTS_BY_VERSION[min(known, max(_RIGHTS_BY_VERSION))]) - 1
    network = _NETWORK if known >= _NETWORK_VERSION else 0
    attributes = _Ruleset(handled, network)
    size = ctypes.sizeof(_Ruleset) if known >= _NETWORK_VERSION else ctypes.sizeof(ctypes.c_uint64)
    ruleset = _call(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path in reading:
            _allow(ruleset, path, _READING & handled)
        for path in writing:
            _allow(ruleset, path, handled)
        for port in ports if network else ():
            _add_rule(ruleset, _RULE_NET_PORT, _NetPort(_CONNECT_TCP, port))
        # Without it only an administrator may restrict a thread.
        if _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise _error()
        _call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return True


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= _OF_FILES
        _add_rule(ruleset, _RULE_PATH_BENEATH, _PathBeneath(rights, descriptor))
    finally:
        os.close(descriptor)


def _add_rule(ruleset: int, kind: int, rule: ctypes.Structure) -> None:
    _call(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(kind), ctypes.byref(rule), ctypes.c_uint32(0))


def _call(number: int, *arguments: object) -> int:
    result = int(_libc().syscall(number, *arguments))
    if result < 0:
        raise _error()
    return result


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc
