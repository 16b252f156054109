"""Change 1 % of the documents of a list, sign all URLs again, and see that a load costs what changed.

    python -m benchmarks.nights.changed_documents [--documents 400 10000] [--mb 154] [--rounds 5]

The list has the content of the generated exports (inputs/generated_exports), cut into documents of one
size. Each image has a signed URL. In turns: a first load into a new warehouse, the list with 1 % of its
documents changed, that list with every URL signed again, and the same with `--parse-all`. Prints medians of
CPU seconds of whole commands. Exits 1 if a load takes more of the first load's CPU seconds than given.
"""

import argparse
import re
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.harness.measure import Measured
from benchmarks.inputs.generated_exports import document
from benchmarks.inputs.grow import CACHE, replacing
from benchmarks.nights.known_bytes import load

_ANNOTATIONS_PER_MB = 480_000 / 617
_URL = re.compile(r'("coco_url": "[^"]*)"')
_KINDS = ("first", "changed", "signed", "parsed")


def write_lists(folder: Path, documents: int, labels: int) -> dict[str, Path]:
    """Write the lists of all kinds; the first two have the same signatures."""
    lists = {kind: folder / kind for kind in _KINDS}
    with ExitStack() as stack:
        files = {kind: stack.enter_context(replacing(path)) for kind, path in lists.items()}
        for number in range(documents):
            text = "".join(document(number, labels))
            changed = text.replace('"iscrowd": 0', '"iscrowd": 1', 1) if number % 100 == 0 else text
            for kind, out in files.items():
                signature = (kind if kind in ("signed", "parsed") else "first").encode().hex()
                signed = _URL.sub(
                    rf'\1?X-Amz-Expires=900&X-Amz-Signature={signature:0<64}"',
                    text if kind == "first" else changed,
                )
                out.write(b", " if number else b"[")
                out.write(signed.encode())
        for out in files.values():
            out.write(b"]")
    return lists


def main() -> None:
    """Load the lists in turns, print a row for each number of documents, hold them against the targets."""
    parser = argparse.ArgumentParser(description="Show that a load costs what changed.")
    parser.add_argument("--documents", type=int, nargs="+", default=[400, 10_000])
    parser.add_argument("--mb", type=int, default=154)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most-changed", type=float, default=0.25, help="share of the first load")
    parser.add_argument("--most-signed", type=float, default=0.35, help="share of the first load")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder to work in")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    print(
        "| documents | MB | first, CPU s | 1 % changed | share | signed again | share | parsed | first, s |"
    )
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|", flush=True)
    is_met = True
    for documents in options.documents:
        labels = round(options.mb * _ANNOTATIONS_PER_MB / documents)
        with tempfile.TemporaryDirectory(dir=options.cache, prefix="documents-") as place:
            folder = Path(place)
            path = folder / "night.json"
            lists = write_lists(folder, documents, labels)
            loads: dict[str, list[Measured]] = {kind: [] for kind in _KINDS}
            for number in range(options.rounds):
                for kind in _KINDS:
                    lists[kind].rename(path)
                    how = ["--parse-all"] if kind == "parsed" else []
                    loads[kind].append(load(folder / f"warehouse-{number}", str(path), *how))
                    path.rename(lists[kind])
            mb = lists["first"].stat().st_size / 1e6
        cpu = {kind: statistics.median(one.cpu_seconds for one in loads[kind]) for kind in _KINDS}
        seconds = statistics.median(one.seconds for one in loads["first"])
        shares = {kind: cpu[kind] / cpu["first"] for kind in ("changed", "signed")}
        print(
            f"| {documents:,} | {mb:.0f} | {cpu['first']:.2f} "
            f"| {cpu['changed']:.2f} | {shares['changed']:.0%} "
            f"| {cpu['signed']:.2f} | {shares['signed']:.0%} | {cpu['parsed']:.2f} | {seconds:.1f} |",
            flush=True,
        )
        is_met &= shares["changed"] <= options.most_changed and shares["signed"] <= options.most_signed
    most = f"{options.most_changed:.0%} and {options.most_signed:.0%}"
    print(f"\nat most {most}: {'met' if is_met else 'missed'}")
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
