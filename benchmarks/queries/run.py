"""Time 20 questions about labels on a warehouse, on plain Parquet, and on the JSON files.

    python -m benchmarks.queries.run [--annotations 10000000] [--runs 20] [--only 01 13 ...] [--json-runs 3]

The questions are queries/*.sql, one text for all three. Parquet is DuckDB's COPY of the same tables with
its default settings. The JSON files, which DuckDB reads again for each question, are those of the first
night only: the report says how much of the whole that is, and nothing is scaled. Timed is a question
from its text to its last row, warm: one run that is not counted goes before. Answers of warehouse and
Parquet are compared. Prints Markdown.
"""

import argparse
import math
import statistics
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.inputs.grow import CACHE
from benchmarks.inputs.repeated_nights import Nights, nights
from benchmarks.queries.stores import (
    json_connection,
    parquet_connection,
    plain_parquet,
    warehouse_connection,
)

MAX_SECONDS = 120
QUESTIONS = Path(__file__).absolute().parent / "questions"


@dataclass(slots=True)
class Timing:
    """A question's answer, or why there is none, and the seconds of each timed run."""

    answer: list[tuple[Any, ...]]
    error: str | None = None
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    def p(self, percent: int) -> float:
        """Return a percentile of the runs, in milliseconds."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]

    @property
    def cpu_ms(self) -> float:
        """Median CPU time of all threads, in milliseconds."""
        return 1000 * statistics.median(self.cpu_seconds)


def questions(only: Sequence[str] = ()) -> dict[str, str]:
    """Return the questions' SQL by name; `only` holds beginnings of names."""
    return {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted(QUESTIONS.glob("*.sql"))
        if not only or path.stem.startswith(tuple(only))
    }


def ask(
    stores: Mapping[str, tuple[duckdb.DuckDBPyConnection, int]], asked: Mapping[str, str]
) -> dict[str, dict[str, Timing]]:
    """Ask every question of every store in turns, as often as is given with it."""
    by_question: dict[str, dict[str, Timing]] = {}
    for name, sql in asked.items():
        print(name, file=sys.stderr)
        timings = {store: _first(connection, sql) for store, (connection, _) in stores.items()}
        for run in range(max(runs for _, runs in stores.values())):
            for store, (connection, runs) in stores.items():
                if run < runs and timings[store].error is None:
                    _again(connection, sql, timings[store])
        by_question[name] = timings
    return by_question


def _first(connection: duckdb.DuckDBPyConnection, sql: str) -> Timing:
    """Ask once for the answer, which warms up; not timed. Past MAX_SECONDS the question is stopped."""
    clock = threading.Timer(MAX_SECONDS, connection.interrupt)
    clock.start()
    try:
        return Timing(connection.execute(sql).fetchall())
    except duckdb.InterruptException:
        return Timing([], f"stopped after {MAX_SECONDS} s")
    except duckdb.Error as error:
        return Timing([], f"{type(error).__name__}: {str(error).splitlines()[0][:120]}")
    finally:
        clock.cancel()


def _again(connection: duckdb.DuckDBPyConnection, sql: str, timing: Timing) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    connection.execute(sql).fetchall()
    timing.seconds.append(time.perf_counter() - start)
    timing.cpu_seconds.append(time.process_time() - cpu)


def same(one: list[tuple[Any, ...]], other: list[tuple[Any, ...]]) -> bool:
    """Return whether two answers are equal, sums of doubles up to rounding."""
    return len(one) == len(other) and all(
        len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b, strict=True))
        for a, b in zip(one, other, strict=True)
    )


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    return bool(one == other)


def markdown(made: Nights, sizes: Mapping[str, str], timings: Mapping[str, Mapping[str, Timing]]) -> str:
    """Return the report."""
    stores = list(sizes)
    lines = [
        f"## 20 questions on {made.annotations:,} annotations of {made.nights} nights",
        "",
        *(f"- {store}: {size}" for store, size in sizes.items()),
        "",
        "| question | " + " | ".join(f"{s} p50 ms | p95 ms | CPU ms" for s in stores) + " | answers |",
        "|---|" + "--:|--:|--:|" * len(stores) + "---|",
    ]
    for name, by_store in timings.items():
        cells = []
        for store in stores:
            timing = by_store[store]
            cells.append(
                f"fails: `{timing.error}` | | "
                if timing.error
                else f"{timing.p(50):,.0f} | {timing.p(95):,.0f} | {timing.cpu_ms:,.0f}"
            )
        answers = [by_store[s].answer for s in stores[:2] if not by_store[s].error]
        verdict = "same" if len(answers) == 2 and same(*answers) else "DIFFER"
        lines.append(f"| {name} | {' | '.join(cells)} | {verdict} |")
    totals = [
        f"{sum(t.p(50) for f in timings.values() if (t := f[s]).seconds):,.0f} | "
        f"{sum(t.p(95) for f in timings.values() if (t := f[s]).seconds):,.0f} | "
        f"{sum(t.cpu_ms for f in timings.values() if (t := f[s]).seconds):,.0f}"
        for s in stores
    ]
    lines.append(f"| **all** | {' | '.join(totals)} | |")
    ratios = [
        f[stores[1]].p(50) / f[stores[0]].p(50)
        for f in timings.values()
        if f[stores[0]].seconds and f[stores[1]].seconds
    ]
    if ratios:
        lines += ["", f"{stores[1]} takes {statistics.geometric_mean(ratios):.2f} times the time of "]
        lines[-1] += f"{stores[0]} (p50, geometric mean)."
    return "\n".join(lines) + "\n"


def _size(folder: Path) -> str:
    files = list(folder.rglob("*.parquet"))
    return f"{sum(path.stat().st_size for path in files) / 1e6:,.0f} MB in {len(files):,} files"


def main() -> None:
    """Make the warehouse if need be, ask, print Markdown; exit 1 if answers differ."""
    parser = argparse.ArgumentParser(description="Time questions about labels.")
    parser.add_argument("inputs", nargs="*", help="what a night is made of, as repeated_nights takes it")
    parser.add_argument("--annotations", type=int, default=10_000_000, help="at least this many")
    parser.add_argument("--runs", type=int, default=20, help="timed runs of each question")
    parser.add_argument("--json-runs", type=int, default=3, help="timed runs on JSON; 0 leaves it out")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="01 13_near ...")
    parser.add_argument("--memory", default="8GB", help="DuckDB's memory limit")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for inputs and outputs")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    made = nights(options.inputs, options.annotations, options.cache)
    plain = made.warehouse.parent / "plain"
    files = plain_parquet(made.warehouse, plain, options.memory)
    stores = {
        "warehouse": (warehouse_connection(made.warehouse, options.memory), options.runs),
        "plain Parquet": (parquet_connection(files, options.memory), options.runs),
    }
    sizes = {"warehouse": _size(made.warehouse / "data"), "plain Parquet": _size(plain)}
    if options.json_runs:
        stores["JSON"] = (json_connection(made.json_files, options.memory), options.json_runs)
        json_mb = sum(path.stat().st_size for path in made.json_files) / 1e6
        sizes["JSON"] = f"{json_mb:,.0f} MB, {len(made.json_files)} of the {made.nights} nights only"
    timings = ask(stores, questions(options.only))
    print(markdown(made, sizes, timings))
    differ = [
        name
        for name, by_store in timings.items()
        if not same(by_store["warehouse"].answer, by_store["plain Parquet"].answer)
    ]
    sys.exit(f"answers differ: {', '.join(differ)}" if differ else 0)


if __name__ == "__main__":
    main()
