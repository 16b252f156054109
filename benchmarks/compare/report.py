"""Write the results of a comparison as Markdown."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence

from benchmarks.compare.contenders import Contender
from benchmarks.compare.contents import TABLES
from benchmarks.compare.results import Contents, Results, Run

_BASES = ("duckdb-lean", "duckdb-typed", "duckdb-cast")
"""The contender whose throughput the others' is a multiple of: the first that was run and does not fail."""


def markdown(results: Results, contenders: Sequence[Contender]) -> str:
    """Return the report on all inputs that have been measured."""
    lines = ["# Comparison", "", *(f"- {key}: {value}" for key, value in results.about.items())]
    if results.sittings > 1:
        lines.append(f"- resumed {results.sittings - 1} times: not all of it is of one run")
    lines += [
        "",
        "Medians of runs that took turns on one machine: quote the ratios. `peak` is the largest single "
        "process of a contender, `all` what its processes held together, `written` the size of all files "
        "that it left. `rate` is throughput as a multiple of lean DuckDB's on the plain file (of the typed "
        "or the cast one's where that was not run, or fails).",
    ]
    for key, json_mb in results.inputs.items():
        present = [c for c in contenders if results.of(c.name, key)]
        if not present:
            continue
        lines += ["", f"## {key}: {json_mb:,.0f} MB of JSON", ""]
        lines += _figures(results, key, present)
        lines += ["", *_stored(results, key, present)]
    lines += ["", "## What the contenders do", ""]
    lines += [f"- **{c.title}**: {c.does}; {c.remark}." for c in contenders]
    return "\n".join(lines) + "\n"


def _figures(results: Results, key: str, contenders: Sequence[Contender]) -> Iterator[str]:
    yield "| contender | s | rate | MB/s | CPU s | peak MB | all MB | written MB | runs | what it does |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|---|"
    base = _base_seconds(results, key)
    for contender in contenders:
        runs = results.of(contender.name, key)
        failed = next((run for run in runs if run.error), None)
        if failed is not None:
            yield (
                f"| {contender.title} | fails after {failed.seconds:.1f} | | | {failed.cpu_seconds:.1f} "
                f"| {failed.peak_mb:,.0f} | {_number(failed.tree_peak_mb)} | | {len(runs)} "
                f"| fails: {_in_cell(failed.error or '')} |"
            )
            continue
        seconds = _median(runs, "seconds")
        trees = [run.tree_peak_mb for run in runs if run.tree_peak_mb is not None]
        rate = f"{base / seconds:.2f}" if base else ""
        yield (
            f"| {contender.title} | {seconds:.1f} | {rate} | {results.inputs[key] / seconds:.0f} "
            f"| {_median(runs, 'cpu_seconds'):.1f} | {_median(runs, 'peak_mb'):,.0f} "
            f"| {_number(statistics.median(trees) if trees else None)} "
            f"| {_median(runs, 'written_mb'):,.1f} | {len(runs)} | {contender.does} |"
        )


def _base_seconds(results: Results, key: str) -> float | None:
    # DuckDB reads no zip: a zipped input is held against the plain one.
    plain = key.replace("(zip)", "(json)")
    for name in _BASES:
        runs = results.of(name, plain)
        if runs and not any(run.error for run in runs):
            return _median(runs, "seconds")
    return None


def _median(runs: Sequence[Run], name: str) -> float:
    return statistics.median(float(getattr(run, name)) for run in runs)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _in_cell(text: str) -> str:
    return f"`{text[:160].replace('|', '/').replace('`', chr(39))}`"


def _stored(results: Results, key: str, contenders: Sequence[Contender]) -> Iterator[str]:
    contents = [c for c in (results.contents_of(c.name, key) for c in contenders) if c is not None]
    if not contents:
        return
    titles = {c.name: c.title for c in contenders}
    yield f"What was stored, and how it differs from what {titles[contents[0].contender]} stored:"
    yield ""
    yield f"| rows | {' | '.join(TABLES)} | with `extra` |"
    yield "|---|" + "--:|" * (len(TABLES) + 1)
    for stored in contents:
        counts = " | ".join(f"{stored.rows[table]:,}" for table in TABLES)
        yield f"| {titles[stored.contender]} | {counts} | {sum(stored.with_extra.values()):,} |"
    yield ""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for stored in contents[1:]:
        alike[differences(contents[0], stored)].append(titles[stored.contender])
    for difference, others in alike.items():
        yield f"- {'; '.join(others)}: {difference}"


def differences(first: Contents, other: Contents) -> str:
    """Say where what one contender stored differs from what the first one did."""
    differing = [
        *(f"rows of {t}" for t in TABLES if other.rows[t] != first.rows[t]),
        *(
            f"sum of {name}"
            for name, value in first.sums.items()
            if not math.isclose(value, other.sums.get(name, math.nan), rel_tol=1e-9)
        ),
        *(
            f"{first.with_extra[t] - kept:,} rows of {t} lack the `extra` that the first has"
            for t, kept in other.with_extra.items()
            if kept != first.with_extra.get(t)
        ),
    ]
    return "; ".join(differing) or f"{len(first.sums)} sums over columns and all row counts are equal"
