"""Write an export to a file that is there whole or not at all, packed as its name says."""

import gzip
import os
import secrets
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from labelhouse.codes import Code
from labelhouse.durable import fsync_folder
from labelhouse.errors import UsageError

_LEVEL = 6


@contextmanager
def export_file(out: str) -> Iterator[IO[bytes]]:
    """Give a stream for the JSON text; `-` is the standard output.

    What is written goes beside OUT under a name of its own, and becomes OUT, flushed to disk, when the
    block ends; if it raises, nothing of it stays. Raises UsageError if it cannot be written.
    """
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    path = Path(out)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        with partial.open("xb") as file:
            with _packed(file, path.name) as stream:
                yield stream
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
        fsync_folder(path.parent)
    except OSError as error:
        raise UsageError(
            Code.USAGE,
            f"cannot be written ({error.strerror or 'I/O error'})",
            where=out,
            remedy="free space, mend the permissions, or choose another OUT",
        ) from None
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _packed(file: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    """Pack by the suffix; the same export makes the same bytes, whenever it is written."""
    suffix = Path(name).suffix.lower()
    with ExitStack() as stack:
        if suffix == ".gz":
            packed = gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=file, mtime=0)
            stack.callback(packed.close)
            yield cast("IO[bytes]", packed)
        elif suffix == ".zip":
            archive = stack.enter_context(zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED))
            stem = Path(name).stem
            member = zipfile.ZipInfo(stem if stem.lower().endswith(".json") else f"{stem}.json")
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            yield stack.enter_context(archive.open(member, "w", force_zip64=True))
        else:
            yield file
