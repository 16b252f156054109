"""The command line: one module a command, in commands/."""

import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from labelhouse.cli.commands.ask import ask
from labelhouse.cli.commands.changes import changes
from labelhouse.cli.commands.check import check
from labelhouse.cli.commands.demo import demo
from labelhouse.cli.commands.export import export
from labelhouse.cli.commands.ingest import ingest
from labelhouse.cli.commands.publish import attach, publish
from labelhouse.cli.commands.query import query
from labelhouse.cli.commands.refresh import refresh
from labelhouse.cli.commands.report import report
from labelhouse.cli.commands.status import status
from labelhouse.cli.compare import compare
from labelhouse.cli.nightly.night import night
from labelhouse.cli.nightly.pull import pull
from labelhouse.cli.options import Settings, with_warehouse
from labelhouse.cli.plain_values import take_plain_values
from labelhouse.cli.saying import say, say_lines
from labelhouse.cli.text_parameters import with_storable_texts
from labelhouse.cli.upkeep.forget import forget
from labelhouse.cli.upkeep.maintain import maintain
from labelhouse.cli.upkeep.migrate import migrate
from labelhouse.cli.upkeep.restore import restore
from labelhouse.cli.upkeep.share import share
from labelhouse.cli.upkeep.verify import verify
from labelhouse.errors import LabelhouseError, QueryError
from labelhouse.files.output_stream import OutputError, give_up_standard_output, name_standard_output
from labelhouse.printable import printable
from labelhouse.reason_codes import ReasonCode
from labelhouse.version import __version__

_INTERRUPTED = 130
"""The exit code after SIGINT, as in shells."""
DEFAULT_WAREHOUSE = "warehouse"
COMMANDS = (
    ingest,
    query,
    ask,
    check,
    changes,
    compare,
    export,
    status,
    verify,
    restore,
    refresh,
    publish,
    attach,
    report,
    maintain,
    forget,
    migrate,
    share,
    night,
    pull,
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
        say(f"labelhouse {__version__}")
        raise typer.Exit


@app.callback()
def _settings(
    context: typer.Context,
    warehouse: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            envvar="LABELHOUSE_WAREHOUSE",
            help="Folder of the warehouse, or the TOML file of a shared one.",
        ),
    ] = Path(DEFAULT_WAREHOUSE),
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    settings = context.ensure_object(Settings)
    settings.warehouse = warehouse
    source = context.get_parameter_source("warehouse")
    settings.is_warehouse_given = source is not None and source.name == "COMMANDLINE"


for command in COMMANDS:
    # Typer would cut the sentence to what fits beside the name.
    app.command(short_help=(command.__doc__ or "").partition("\n")[0])(
        with_warehouse(with_storable_texts(command))
    )


def _fail(message: str, code: int, place: Sequence[str] = ()) -> NoReturn:
    say(f"labelhouse: {message}", error=True)
    for line in place:
        # Whole, because the second line points into the first one.
        sys.stderr.write(f"{printable(line)}\n")
    sys.exit(code)


def main() -> None:
    """Run the command line.

    The exit code is 0; 1 for a rejected source or a failed query; 2 for wrong usage or a failure; 130 after
    an interrupt.
    """
    try:
        _run()
    except SystemExit as end:
        # Only confined readers have threads that can be stuck.
        if confined := sys.modules.get("labelhouse.processes.confined_thread"):
            confined.leave_if_stuck(end.code)
        raise


def _run() -> NoReturn:
    settings = Settings(Path(DEFAULT_WAREHOUSE))
    name_standard_output()
    _prepare()
    try:
        try:
            command = typer.main.get_command(app)
            take_plain_values(command)
            code = command(obj=settings, standalone_mode=False, prog_name="labelhouse")
        finally:
            sys.stdout.flush()
        if code == _INTERRUPTED:
            # Typer would catch the interrupt itself.
            _interrupted()
        sys.exit(code or 0)
    except BrokenPipeError:
        # The reader of our output has ended, as `head` does.
        give_up_standard_output()
        sys.exit(1)
    except OutputError as error:
        give_up_standard_output()
        _fail_with(error)
    except LabelhouseError as error:
        _fail_with(error)
    except (KeyboardInterrupt, typer.Abort):
        _interrupted()
    except Exception as error:
        if hasattr(error, "exit_code") and hasattr(error, "show"):
            # Wrong usage, in Typer's words.
            error.show(file=(usage := io.StringIO()))
            say_lines(usage.getvalue(), error=True)
            sys.exit(error.exit_code)
        from labelhouse.failures import is_interrupt
        from labelhouse.lake.warehouse_failures import warehouse_failure

        if is_interrupt(error):
            _interrupted()
        if os.environ.get("LABELHOUSE_TRACEBACK"):
            raise
        if (known_failure := warehouse_failure(error, settings.warehouse)) is not None:
            _fail_with(known_failure)
        # A bug of ours: its text may quote a document, so only its type is shown.
        _fail(f"unexpected {type(error).__name__}; LABELHOUSE_TRACEBACK=1 shows where, please report it", 1)


def _prepare() -> None:
    """Set up the output: one line each, in characters that the terminal has."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    logger = logging.getLogger("labelhouse")
    if not logger.handlers:
        logger.addHandler(_Said())
    # Arrow loads a library of linear algebra, which starts threads that nothing here uses.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class _Said(logging.Handler):
    """Print warnings like all other output."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            say(f"labelhouse: {record.getMessage()}", error=True)


def _fail_with(error: LabelhouseError) -> NoReturn:
    place = error.place if isinstance(error, QueryError) else ()
    _fail(f"{error.code}: {error}", 1 if isinstance(error, QueryError) else 2, place)


def _interrupted() -> NoReturn:
    _fail(
        f"{ReasonCode.INTERRUPTED}: interrupted; what had been reported is done, the rest is not",
        _INTERRUPTED,
    )
