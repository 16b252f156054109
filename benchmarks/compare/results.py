"""Keep what a comparison has measured in a JSON file, run by run, so that it can be resumed."""

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.inputs.forms import Input


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one contender on one input; `error` says how it failed or was stopped."""

    contender: str
    input: str
    number: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    tree_peak_mb: float | None
    written_mb: float
    error: str | None


@dataclass(frozen=True, slots=True)
class Contents:
    """What a contender stored of an input: rows by table, rows with `extra`, sums by column."""

    contender: str
    input: str
    rows: dict[str, int]
    with_extra: dict[str, int]
    sums: dict[str, float]


@dataclass(slots=True)
class Results:
    """All that has been measured, and of what; `inputs` has MB of JSON by name and form."""

    about: dict[str, str]
    inputs: dict[str, float] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    contents: list[Contents] = field(default_factory=list)
    sittings: int = 1

    def of(self, contender: str, input_key: str) -> list[Run]:
        """Return the runs of one contender on one input."""
        return [run for run in self.runs if (run.contender, run.input) == (contender, input_key)]

    def contents_of(self, contender: str, input_key: str) -> Contents | None:
        """Return what a contender stored of an input, if that has been compared."""
        matches = [c for c in self.contents if (c.contender, c.input) == (contender, input_key)]
        return matches[0] if matches else None

    def add_input(self, export: Input) -> None:
        """Take note of an input."""
        self.inputs[export.key] = export.json_bytes / 1e6

    def save(self, path: Path) -> None:
        """Write everything to a file, whole or not at all."""
        partial = path.with_name(path.name + ".tmp")
        partial.write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n", encoding="utf-8")
        os.replace(partial, path)


def results_from(path: Path, about: Mapping[str, str]) -> Results:
    """Return what a file holds, to be added to, or nothing yet.

    Raises ValueError if it was measured with other code, versions, or on another machine.
    """
    if not path.is_file():
        return Results(dict(about))
    saved = json.loads(path.read_text(encoding="utf-8"))
    for key, value in about.items():
        if saved["about"].get(key) != value:
            raise ValueError(f"{path.name} was measured with another {key}; begin again with --fresh")
    return Results(
        about=saved["about"],
        inputs=saved["inputs"],
        runs=[Run(**run) for run in saved["runs"]],
        contents=[Contents(**contents) for contents in saved["contents"]],
        sittings=saved["sittings"] + 1,
    )
