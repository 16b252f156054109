"""Make or find the inputs of the comparison: exports of the corpus, generated ones, and files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.inputs.generated_exports import generated, is_generated
from benchmarks.inputs.grow import CACHE, NAMES, grown, source_of, zipped

Form = Literal["json", "zip"]
FORMS: tuple[Form, ...] = ("json", "zip")

STANDARD = (
    "instances",
    "list",
    "encord-154",
    "encord-list-154",
    "encord-617",
    "encord-list-617",
    "several-617",
)
"""What the comparison reads if nothing is named; several-617 is four files of 154 MB."""
_SEVERAL = "several-"
_PARTS = 4


@dataclass(frozen=True, slots=True)
class Input:
    """An export in one form; `json_bytes` is its decoded size."""

    name: str
    form: Form
    sources: tuple[Path, ...]
    json_bytes: int

    @property
    def key(self) -> str:
        """Name and form, which distinguish inputs."""
        return f"{self.name} ({self.form})"


def inputs_of(name: str, forms: Sequence[Form] = FORMS, times: int = 1, cache: Path = CACHE) -> list[Input]:
    """Return one input in the forms that are wanted; makes what is not there.

    Raises FileNotFoundError if a file, or the corpus, is missing.
    """
    if name.startswith(_SEVERAL) and name.removeprefix(_SEVERAL).isdigit():
        part_mb = round(int(name.removeprefix(_SEVERAL)) / _PARTS)
        plain = [generated(f"encord-{part_mb}", cache, part) for part in range(_PARTS)]
        archives = {}
        label = name
    else:
        source = generated(name, cache) if is_generated(name) else source_of(name, cache)
        plain = [source if source.suffix == ".json" and times == 1 else grown(source, times, cache)]
        # An archive of the corpus is read as it came.
        archives = {plain[0]: source} if source.suffix == ".zip" and times == 1 else {}
        label = name if name in NAMES else source.stem
        label = label if times == 1 else f"{label} x {times}"
    json_bytes = sum(path.stat().st_size for path in plain)
    return [
        Input(
            label,
            form,
            tuple(
                (path if form == "json" else archives.get(path) or zipped(path, cache)).absolute()
                for path in plain
            ),
            json_bytes,
        )
        for form in forms
    ]
