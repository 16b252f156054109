"""The command line: one module a command, in commands/."""

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from labelhouse import __version__
from labelhouse.commands.ask import ask
from labelhouse.commands.changes import changes
from labelhouse.commands.check import check
from labelhouse.commands.demo import demo
from labelhouse.commands.export import export
from labelhouse.commands.ingest import ingest
from labelhouse.commands.maintain import maintain
from labelhouse.commands.publish import publish
from labelhouse.commands.query import query
from labelhouse.commands.refresh import refresh
from labelhouse.commands.report import report
from labelhouse.commands.restore import restore
from labelhouse.commands.settings import Settings
from labelhouse.commands.status import status
from labelhouse.commands.texts import with_storable_texts
from labelhouse.commands.verify import verify
from labelhouse.errors import LabelhouseError, QueryError
from labelhouse.output_stream import OutputError, give_up_standard_output, name_standard_output

DEFAULT_WAREHOUSE = "warehouse"
COMMANDS = (
    ingest,
    query,
    ask,
    check,
    changes,
    export,
    status,
    verify,
    restore,
    refresh,
    publish,
    report,
    maintain,
    demo,
)
"""In the order in which --help lists them."""

app = typer.Typer(
    name="labelhouse",
    help="Label exports (COCO JSON) as a warehouse that you query with SQL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"labelhouse {__version__}")
        raise typer.Exit


@app.callback()
def _settings(
    context: typer.Context,
    warehouse: Annotated[
        Path,
        typer.Option(metavar="DIR", envvar="LABELHOUSE_WAREHOUSE", help="Folder of the warehouse."),
    ] = Path(DEFAULT_WAREHOUSE),
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = Settings(warehouse)


for command in COMMANDS:
    app.command()(with_storable_texts(command))


def _fail(message: str, code: int) -> NoReturn:
    print(f"labelhouse: {message}", file=sys.stderr)
    sys.exit(code)


def main() -> None:
    """Run the command line; exit code 0, 1 for a rejected source or failed query, 2 for wrong usage."""
    name_standard_output()
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except OutputError as error:
        give_up_standard_output()
        _fail(f"{error.code}: {error}", 2)
    except LabelhouseError as error:
        _fail(f"{error.code}: {error}", 1 if isinstance(error, QueryError) else 2)
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does.
        give_up_standard_output()
        sys.exit(1)
    except Exception as error:
        if os.environ.get("LABELHOUSE_TRACEBACK"):
            raise
        # A bug of ours: its text may quote a document, so only its kind is shown.
        _fail(f"unexpected {type(error).__name__}; LABELHOUSE_TRACEBACK=1 shows where, please report it", 1)
    except KeyboardInterrupt:
        _fail("interrupted; what had been reported is committed, the rest is not", 130)
