"""Write an export to a file that appears whole or not at all, packed as its name says."""

import gzip
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from labelhouse.files.output_file import output_file
from labelhouse.sources.addresses import is_url, local_path
from labelhouse.stores.output_object import output_object

_LEVEL = 6


@contextmanager
def export_file(out: str, warehouse: Path | None = None) -> Iterator[IO[bytes]]:
    """Give a stream for the JSON text; `-` is the standard output.

    When the block ends, what was written becomes OUT, flushed to disk, or an object of a store. If the
    block raises, nothing of it stays. Raises UsageError and OutputError as output_file does.
    """
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    out = local_path(out)
    if is_url(out):
        with output_object(out) as file, _packed(file, out.rpartition("/")[2]) as stream:
            yield stream
        return
    with output_file(out, warehouse) as file, _packed(file, Path(out).name) as stream:
        yield stream


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
