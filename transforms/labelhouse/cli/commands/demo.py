"""labelhouse demo."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    folder: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Folder for the sample exports and their warehouse.")
    ] = Path("demo"),
) -> None:
    """Load three nights of sample exports; show what changed and what is likely wrong."""
    from labelhouse.cli.demo import run_demo

    run_demo(folder, print)
