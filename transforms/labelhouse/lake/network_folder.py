"""Refuse to make a warehouse where SQLite's log does not work: on a network file system.

Processes share the log (WAL) through memory that all of them map, which machines do not share. Some file
systems support neither such memory nor locks. https://www.sqlite.org/wal.html
"""

import logging
import platform
import re
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from labelhouse.errors import WarehouseError
from labelhouse.lake.warehouse_folder import HOLDER, node_of
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse_layout import CATALOG

_MOUNTS = Path("/proc/self/mounts")
#: File systems that machines share: the next machine damages what works on one.
_SHARED = re.compile(
    r"nfs\d?|cifs|smb\w*|ncpfs|afs|coda|ceph|gluster\w*|lustre|beegfs|gpfs|ocfs2|gfs2?|orangefs|pvfs2|davfs2?"
    r"|(curl)?ftpfs|sshfs|s3fs|goofys|geesefs|gcsfuse|rclone|blobfuse2?|mountpoint-s3|juicefs|m(oose)?fs|seaweedfs"
)
#: File systems that may work as a local one does, or not: Labelhouse tries them.
_DOUBTFUL = re.compile(r"9p|drvfs|vboxsf|prl_fs|vmhgfs|fuse")
_LOGGER = logging.getLogger(__name__)


def refuse_network_folder(folder: Path) -> None:
    """Raise WarehouseError if a warehouse is to be made where its catalog would be damaged.

    An existing warehouse belongs to the machine that changed it last: others are refused, and that one is
    warned.
    """
    kind = kind_of(folder)
    is_shared = is_shared_by_machines(kind)
    if not is_shared and (not _DOUBTFUL.fullmatch(kind.partition(".")[0]) or is_log_working(folder)):
        return
    what = f"the folder is on a file system ({kind}) on which the catalog's log does not work"
    if is_shared:
        what = f"the folder is on a network file system ({kind}), on which the catalog can be damaged"
    if (folder / CATALOG).exists():
        node = node_of(folder)
        if node is not None and node != platform.node():
            raise WarehouseError(
                ReasonCode.FOREIGN_HOST,
                f"the folder is on a network file system ({kind}) and belongs to the machine {node}",
                where=str(folder),
                remedy=f"load from there, or remove {HOLDER} if no process there uses it any more",
            )
        _LOGGER.warning("%s: %s; move the warehouse to a local disk", folder, what)
        return
    raise WarehouseError(
        ReasonCode.NETWORK_FOLDER,
        what,
        where=str(folder),
        remedy="choose a folder on a local disk with --warehouse",
    )


def is_shared_by_machines(kind: str) -> bool:
    """Return whether a type of file system is one of those that machines share.

    >>> [is_shared_by_machines(kind) for kind in ("nfs4", "fuse.sshfs", "ext4", "overlay", "virtiofs")]
    [True, True, False, False, False]
    """
    return bool(_SHARED.fullmatch(kind.removeprefix("fuse.")))


def kind_of(folder: Path) -> str:
    """Return the file system's type of a folder, made or not; empty if the system does not report it."""
    if sys.platform != "linux":
        return ""
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    return file_system_of(mounts, folder.resolve())


def file_system_of(mounts: str, path: Path) -> str:
    r"""Return the type of the file system of an absolute path, from the text of /proc/self/mounts.

    >>> file_system_of("d / ext4 rw 0 0\nsrv:/x /mnt/a\\040b nfs4 rw 0 0", Path("/mnt/a b/labels"))
    'nfs4'
    """
    best, kind = -1, ""
    for line in mounts.splitlines():
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        point = Path(_unescaped(parts[1]))
        # If several are mounted at one place, the last one is visible.
        if (path == point or point in path.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), parts[2]
    return kind


def is_log_working(folder: Path) -> bool:
    """Return whether connections see each other's writes through SQLite's log, in a folder or above it."""
    place = folder
    while not place.is_dir() and place != place.parent:
        place = place.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".labelhouse-", dir=place) as trial:
            path = Path(trial) / CATALOG
            with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(path)) as other:
                [mode] = one.execute("pragma journal_mode = wal").fetchone() or ("",)
                with one:
                    one.execute(statement("lake/trial_table"))
                [seen] = other.execute(statement("lake/trial_count")).fetchone() or (None,)
                return (mode, seen) == ("wal", 0)
    except sqlite3.Error:
        return False
    except OSError:
        # No right to write: making the folder reports it.
        return True


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
