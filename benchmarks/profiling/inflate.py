"""Compare ways to inflate: zlib, isal and zlib-ng, on the deflated member of a zip.

    .bench/peers-venv/bin/python -m benchmarks.profiling.inflate [encord-154] [list] [FILE ...] [--runs 5]

Each inflates the member's bytes as a stream in pieces of 256 KiB, and takes the CRC-32 of what comes
out, as an archive reader has to; ways take turns, medians of CPU seconds. A package that is not
installed is named and passed over (`make bench-peers` installs both). Prints Markdown.
"""

import argparse
import importlib
import statistics
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from benchmarks.inputs.forms import inputs_of
from benchmarks.inputs.grow import CACHE

WAYS = {"zlib": "zlib", "isal": "isal.isal_zlib", "zlib-ng": "zlib_ng.zlib_ng"}
PIECE_BYTES = 256 << 10
_LOCAL_HEADER_BYTES = 30
_MB = 1e6


@dataclass(slots=True)
class Way:
    """One package, and CPU seconds of each run for inflating and for the check sum."""

    name: str
    module: ModuleType
    inflate_s: list[float] = field(default_factory=list)
    crc_s: list[float] = field(default_factory=list)


def deflated(archive: Path) -> tuple[bytes, int, int]:
    """Return the compressed bytes of an archive's one member, its size decoded, and its CRC-32."""
    with zipfile.ZipFile(archive) as opened:
        [member] = (info for info in opened.infolist() if info.filename.endswith(".json"))
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise ValueError(f"{archive.name} is not deflated")
    with archive.open("rb") as file:
        file.seek(member.header_offset)
        header = file.read(_LOCAL_HEADER_BYTES)
        names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        file.seek(names, 1)
        return file.read(member.compress_size), member.file_size, member.CRC


def run(way: Way, compressed: bytes, size: int, crc: int) -> None:
    """Inflate once. Raises RuntimeError if what comes out is not what went in."""
    pieces: list[bytes] = []
    inflater = way.module.decompressobj(-15)
    start = time.process_time()
    for at in range(0, len(compressed), PIECE_BYTES):
        pieces.append(inflater.decompress(compressed[at : at + PIECE_BYTES]))
    pieces.append(inflater.flush())
    way.inflate_s.append(time.process_time() - start)
    checksum: Callable[[bytes, int], int] = way.module.crc32
    start, computed = time.process_time(), 0
    for piece in pieces:
        computed = checksum(piece, computed)
    way.crc_s.append(time.process_time() - start)
    if sum(map(len, pieces)) != size or computed != crc:
        raise RuntimeError(f"{way.name} inflated something else")


def ways() -> tuple[list[Way], list[str]]:
    """Return the packages that are installed, and the names of those that are not."""
    installed, missing = [], []
    for name, module in WAYS.items():
        try:
            installed.append(Way(name, importlib.import_module(module)))
        except ImportError:
            missing.append(name)
    return installed, missing


def markdown(label: str, size: int, compressed: int, installed: Sequence[Way]) -> str:
    """Return the table of one archive."""
    lines = [
        f"## {label}: {size / _MB:,.0f} MB from {compressed / _MB:,.0f} MB",
        "",
        "| package | inflate s | MB/s | CRC-32 s | both MB/s | against zlib |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    totals = [statistics.median(w.inflate_s) + statistics.median(w.crc_s) for w in installed]
    for way, total in zip(installed, totals, strict=True):
        inflate_s, crc_s = statistics.median(way.inflate_s), statistics.median(way.crc_s)
        lines.append(
            f"| {way.name} | {inflate_s:.2f} | {size / _MB / max(inflate_s, 1e-6):,.0f} | {crc_s:.2f} "
            f"| {size / _MB / max(total, 1e-6):,.0f} | {totals[0] / max(total, 1e-6):.2f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Compare on the inputs that are named."""
    parser = argparse.ArgumentParser(description="Compare ways to inflate.")
    parser.add_argument("inputs", nargs="*", default=["encord-154"], help="as the comparison takes them")
    parser.add_argument("--runs", type=int, default=5, help="runs of each way, in turns")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for inputs")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    for name in options.inputs:
        [export] = inputs_of(name, ["zip"], cache=options.cache)
        compressed, size, crc = deflated(export.sources[0])
        installed, missing = ways()
        for _ in range(options.runs):
            for way in installed:
                run(way, compressed, size, crc)
        print(markdown(export.name, size, len(compressed), installed))
        if missing:
            print(f"Not installed, so not measured: {', '.join(missing)}.\n")


if __name__ == "__main__":
    main()
