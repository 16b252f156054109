"""Draw the README's picture of a terminal: what `labelhouse demo` prints of its third night.

python docs/draw_terminal.py writes docs/pictures/demo.svg; with --check it fails if the file differs.
"""

import io
import re
import sys
import tempfile
from pathlib import Path

from labelhouse.cli.demo import WIDTH, run_demo
from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).parent / "pictures" / "demo.svg"
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_ITS_DAY = "2026-11-29"
"""The picture shows one day, so that it is the same on each day that draws it."""
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def lines_of_demo() -> list[str]:
    """Run the demo and return what it prints, as if it had been called in its own folder."""
    with tempfile.TemporaryDirectory() as folder:
        lines: list[str] = []
        run_demo(Path(folder) / "demo", lines.append)
    return "\n".join(lines).split("\n")


def drawn(lines: list[str]) -> str:
    """Return the picture of what the demo printed, as SVG that loads nothing."""
    first = next(place for place, line in enumerate(lines) if line.startswith("NIGHT 3"))
    last = next(place for place, line in enumerate(lines) if line.startswith("By hand"))
    console = Console(record=True, width=WIDTH, file=io.StringIO(), highlight=False)
    for line in ("$ labelhouse demo", "...", *lines[first : last - 1]):
        is_bold = line.startswith(("$", "NIGHT"))
        console.print(Text(_DAY.sub(_ITS_DAY, line), style="bold" if is_bold else ""), soft_wrap=True)
    svg = console.export_svg(title="three nights of two projects", unique_id="demo")
    # Its font would come from another host.
    return _FONTS.sub("", svg)


if __name__ == "__main__":
    picture = drawn(lines_of_demo())
    if "--check" not in sys.argv:
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(picture, encoding="utf-8")
    elif not PICTURE.exists() or PICTURE.read_text(encoding="utf-8") != picture:
        sys.exit(f"{PICTURE.name} is not what the demo prints: make pictures")
