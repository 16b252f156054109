"""Load a file from a disk and from an object store in turns: time and memory of both.

    python -m benchmarks.sources.from_store FILE s3://BUCKET/PREFIX/ [--rounds 3] [--most 1.2]

It writes the file into the store first; the environment has endpoint and keys. It prints medians of wall
and CPU seconds and of the peak of all processes together. It exits 1 if loads from the store take more than
the given multiple of the local wall time, or more than 60 MB more memory.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import obstore
from obstore.store import from_url

from benchmarks.harness.measure import Bounds, Measured, measure

MORE_BYTES = 60_000_000


def load(warehouse: Path, source: str) -> Measured:
    """Measure one `labelhouse ingest`; raises RuntimeError if it fails."""
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "ingest", source]
    loaded = measure(command, Bounds(seconds=3_600))
    if loaded.exit_code:
        raise RuntimeError(loaded.errors)
    return loaded


def written(file: Path, prefix: str) -> str:
    """Write a file below a prefix of a store; return its address."""
    scheme, _, rest = prefix.partition("://")
    bucket, _, folder = rest.partition("/")
    options = {"allow_http": True}
    store = from_url(f"{scheme}://{bucket}", client_options=options)  # type: ignore[call-overload]
    key = f"{folder.rstrip('/')}/{file.name}".lstrip("/")
    obstore.put(store, key, file)
    return f"{scheme}://{bucket}/{key}"


def main() -> int:
    """Measure, print, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("prefix")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=float, default=1.2)
    arguments = parser.parse_args()
    url = written(arguments.file, arguments.prefix)
    loads: dict[str, list[Measured]] = {"disk": [], "store": []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(arguments.rounds):
            for place, source in (("disk", str(arguments.file)), ("store", url)):
                loads[place].append(load(Path(folder) / f"{place}-{number}", source))
    seconds, peaks = {}, {}
    for place, measured in loads.items():
        seconds[place] = statistics.median(one.seconds for one in measured)
        peaks[place] = statistics.median(one.tree_peak_bytes or one.peak_bytes for one in measured)
        cpu = statistics.median(one.cpu_seconds for one in measured)
        print(f"{place:<6} {seconds[place]:7.1f} s {cpu:7.1f} CPU s {peaks[place] / 1e6:8.0f} MB")
    ratio, more = seconds["store"] / seconds["disk"], peaks["store"] - peaks["disk"]
    print(f"{arguments.file.name}: {ratio:.2f} times the time, {more / 1e6:+.0f} MB")
    return int(ratio > arguments.most or more > MORE_BYTES)


if __name__ == "__main__":
    sys.exit(main())
