"""labelhouse demo."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    folder: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Folder for the sample export and its warehouse.")
    ] = Path("demo"),
) -> None:
    """Make a small sample export, load it, ask three questions and write the report."""
    from labelhouse.cli.demo import run_demo

    run_demo(folder, print)
