"""The only module with SQL text of its own: LOAD, ATTACH, CALL and settings, which take no parameters."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from importlib import import_module, resources
from pathlib import Path
from types import MappingProxyType

import duckdb

from labelhouse.errors import UsageError, WarehouseError
from labelhouse.failures import is_interrupt
from labelhouse.lake.warehouse_failures import warehouse_failure
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_quoting import quote_identifier, quote_literal
from labelhouse.stores.service_failures import service_failure
from labelhouse.warehouse_layout import CATALOG, DATA, LAKE, PUBLISHED

PUBLISHED_STORAGE = "v1.0.0"
"""DuckDB 1.0.0 (June 2024), every later version, and drivers built on them read it."""
BUSY_TIMEOUT_MS = 10_000
_EXTENSIONS = ("ducklake", "sqlite_scanner")
POSTGRES, OBJECTS = "postgres_scanner", "httpfs"
"""Extensions that a shared warehouse needs besides; the extra `team` installs them."""


def connect_engine(
    config: Mapping[str, str] = MappingProxyType({}), extensions: Sequence[str] = ()
) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB with DuckLake, whose extensions come from Python packages.

    The installer of these packages compares hashes. DuckDB would do so again at each start, for 70 MB.
    Raises UsageError if one of the further `extensions` is not installed.
    """
    connection = duckdb.connect(
        config={
            **config,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_unsigned_extensions": "true",
        }
    )
    for name in (*_EXTENSIONS, *extensions):
        connection.execute(f"LOAD {quote_literal(str(extension_file(name)))}")
    if OBJECTS in extensions:
        # It has read the environment into settings, which anyone could ask for; a secret hides them.
        for name in ("s3_access_key_id", "s3_secret_access_key", "s3_session_token"):
            connection.execute(f"SET GLOBAL {name} = ''")
    # No other unsigned extension can be loaded after this, and no statement can turn it on again.
    connection.execute("SET allow_unsigned_extensions = false")
    connection.execute("SET TimeZone = 'UTC'")
    # Binding would search Python's variables for a table's name, and drop an interrupt that comes then.
    connection.execute("SET python_enable_replacements = false")
    # A progress bar would mix with the output of a command.
    connection.execute("SET enable_progress_bar = false")
    return connection


def connect_alone(extensions: Sequence[str] = ()) -> duckdb.DuckDBPyConnection:
    """Open an engine that has started no thread; the caller calls `start_threads` from its thread."""
    return connect_engine({"threads": "1"}, extensions)


def open_to_owner(connection: duckdb.DuckDBPyConnection) -> None:
    """Let SQL name Python's variables, such as data frames; all cursors have the settings."""
    connection.execute("SET GLOBAL python_enable_replacements = true")
    connection.execute("SET python_enable_replacements = true")
    connection.execute("SET GLOBAL TimeZone = 'UTC'")


def start_threads(connection: duckdb.DuckDBPyConnection, count: int) -> None:
    """Let the engine run on `count` threads, which inherit the rights of the calling thread."""
    connection.execute(f"SET threads = {count}")


@contextmanager
def one_thread(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let DuckDB write with one thread: each one holds a row group, which is some 50 MB of labels."""
    [[threads]] = connection.execute("SELECT current_setting('threads')").fetchall()
    connection.execute("SET threads TO 1")
    try:
        yield
    finally:
        # Where a transaction has failed, nothing can be set, and nothing is written any more.
        with suppress(duckdb.TransactionException):
            connection.execute(f"SET threads TO {threads}")


def attach(connection: duckdb.DuckDBPyConnection, folder: Path, catalog: str = CATALOG) -> None:
    """Attach the warehouse of a folder for changes, and make it current; make the catalog if there is none.

    Raises WarehouseError if the catalog cannot be read.
    """
    options = [
        "DATA_INLINING_ROW_LIMIT 0",
        "META_JOURNAL_MODE 'WAL'",
        f"META_BUSY_TIMEOUT {BUSY_TIMEOUT_MS}",
    ]
    _attach(connection, folder, data_of(folder), f"ducklake:sqlite:{folder / catalog}", options)


def attach_postgres(connection: duckdb.DuckDBPyConnection, address: Path, data: str, secret: str) -> None:
    """Attach a warehouse for changes whose catalog is in a PostgreSQL database, and make it current.

    `secret` is the name of one that `create_secret` made; errors name the `address`.
    """
    # Our own retry does the whole change again. DuckLake's keeps what was computed from an older state.
    connection.execute("SET ducklake_max_retry_count = 0")
    options = ["DATA_INLINING_ROW_LIMIT 0", f"META_SECRET {quote_literal(secret)}"]
    _attach(connection, address, data, "ducklake:postgres:", options)


def create_secret(
    connection: duckdb.DuckDBPyConnection, name: str, kind: str, values: Mapping[str, str | int | bool]
) -> None:
    """Give the engine what it needs to reach a database or a store; it never shows passwords and keys."""
    pairs = (
        f"{key} {str(value).lower() if isinstance(value, bool | int) else quote_literal(value)}"
        for key, value in values.items()
    )
    connection.execute(
        f"CREATE OR REPLACE SECRET {quote_identifier(name)} ({', '.join([f'TYPE {kind}', *pairs])})"
    )


def attach_copy(
    connection: duckdb.DuckDBPyConnection,
    address: Path,
    data: str,
    catalog: Path,
    snapshot: int | None = None,
) -> None:
    """Attach a warehouse read-only by a copy of its catalog, and make it current.

    `data` is where its files lie. It shows the state of the copy, or that of an earlier snapshot. Raises
    WarehouseError, which names the `address`, if the copy cannot be read or has no such snapshot.
    """
    options = ["READ_ONLY"] if snapshot is None else ["READ_ONLY", f"SNAPSHOT_VERSION {snapshot}"]
    _attach(connection, address, data, f"ducklake:sqlite:{catalog}", options, snapshot)


def data_of(folder: Path) -> str:
    """Return where the files of a warehouse folder lie, as the engine names it."""
    return f"{folder / DATA}/"


def _attach(
    connection: duckdb.DuckDBPyConnection,
    address: Path,
    data: str,
    uri: str,
    options: Sequence[str],
    snapshot: int | None = None,
) -> None:
    # The catalog knows its files by paths relative to the data folder: a warehouse that has been moved
    # or copied is read where it lies now.
    place = [f"DATA_PATH {quote_literal(data)}", "OVERRIDE_DATA_PATH true"]
    try:
        connection.execute(f"ATTACH {quote_literal(uri)} AS {LAKE} ({', '.join([*place, *options])})")
        connection.execute(f"USE {LAKE}")
    except duckdb.Error as error:
        raise engine_error(error, address, snapshot) from None


def attach_published(connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool = False) -> None:
    """Attach a published file as `published`; a new one is made in the format that old drivers read."""
    options = "READ_ONLY" if read_only else f"STORAGE_VERSION {quote_literal(PUBLISHED_STORAGE)}"
    connection.execute(f"ATTACH {quote_literal(str(path))} AS {PUBLISHED} ({options})")


def detach_published(connection: duckdb.DuckDBPyConnection) -> None:
    """Write everything into the published file, leave no log beside it, and close it."""
    connection.execute(f"CHECKPOINT {PUBLISHED}")
    connection.execute(f"DETACH {PUBLISHED}")


def use(connection: duckdb.DuckDBPyConnection, database: str) -> None:
    """Make bare names refer to the warehouse, or to the published file."""
    connection.execute(f"USE {database}")


def use_first(connection: duckdb.DuckDBPyConnection, first: str, second: str) -> None:
    """Make bare names refer to the first of two databases that has them."""
    connection.execute(f"SET search_path = '{first},{second}'")


def copy_to_parquet(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Write a table, named by its identifier, as a Parquet file."""
    connection.execute(f"COPY {table} TO {quote_literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")


def detach(connection: duckdb.DuckDBPyConnection) -> None:
    """Detach the warehouse."""
    connection.execute("USE memory")
    connection.execute(f"DETACH {LAKE}")


def engine_error(error: duckdb.Error, folder: Path, snapshot: int | None = None) -> WarehouseError:
    """Return the error for DuckDB's error on a warehouse; raises KeyboardInterrupt for an interrupt."""
    if is_interrupt(error):
        raise KeyboardInterrupt
    text = str(error)
    if (unreached := service_failure(error, folder)) is not None:
        return unreached
    known_failure = warehouse_failure(error, folder)
    if isinstance(known_failure, WarehouseError):
        return known_failure
    if snapshot is not None and "snapshot" in text.lower():
        return WarehouseError(
            ReasonCode.USAGE,
            f"snapshot {snapshot} is not there, or not any more",
            where=str(folder),
            remedy='list them with: labelhouse query "from lake.snapshots()"',
        )
    return WarehouseError(
        ReasonCode.ENGINE_FAILED,
        f"the warehouse cannot be read or written ({type(error).__name__})",
        where=str(folder),
        remedy="run: labelhouse verify; if it finds nothing, please report it",
    )


def add_data_files(connection: duckdb.DuckDBPyConnection, table: str, paths: Sequence[Path | str]) -> None:
    """Register Parquet files as rows of a table; a path or address is added exactly once, ever."""
    literals = ", ".join(quote_literal(escape_glob(str(path))) for path in paths)
    # A folder above them may be named `a=b`, which is not a column.
    connection.execute(
        f"CALL ducklake_add_data_files('{LAKE}', {quote_literal(table)}, [{literals}], "
        "hive_partitioning => false)"
    )


def view_files(connection: duckdb.DuckDBPyConnection, name: str, paths: Sequence[Path]) -> None:
    """Make a temporary view of the rows of Parquet files; views take no parameters."""
    literals = ", ".join(quote_literal(escape_glob(str(path))) for path in paths)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {quote_identifier(name)} AS "
        f"FROM read_parquet([{literals}], hive_partitioning => false)"
    )


def set_commit_message(
    connection: duckdb.DuckDBPyConnection, message: str, extra: dict[str, object]
) -> None:
    """Describe the snapshot that the open transaction will make."""
    connection.execute(
        f"CALL {LAKE}.set_commit_message('labelhouse', {quote_literal(message)}, "
        f"extra_info => {quote_literal(json.dumps(extra))})"
    )


def forget_order(connection: duckdb.DuckDBPyConnection) -> None:
    """Let results without ORDER BY come in any order: else DuckDB holds rows until their turn."""
    connection.execute("SET preserve_insertion_order = false")


def bound_spill(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Let DuckDB spill at most half of the space that is free now; its own limit is nine tenths."""
    free_bytes = shutil.disk_usage(folder).free // 2
    connection.execute(f"SET max_temp_directory_size = '{free_bytes}B'")


def release_early(connection: duckdb.DuckDBPyConnection) -> None:
    """Make DuckDB return freed memory at once: it holds a fifth less, for some tenths of a second."""
    connection.execute("SET allocator_bulk_deallocation_flush_threshold = '1MB'")


def set_option(connection: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    """Set an option of DuckLake for the whole warehouse, in its catalog."""
    connection.execute(f"CALL {LAKE}.set_option({quote_literal(name)}, {quote_literal(value)})")


def sort_table(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> None:
    """Make DuckLake sort the rows that it writes to a table by these columns."""
    order = ", ".join(f"{quote_identifier(column)} ASC" for column in columns)
    connection.execute(f"ALTER TABLE {LAKE}.{quote_identifier(table)} SET SORTED BY ({order})")


def expire_snapshots(connection: duckdb.DuckDBPyConnection, snapshots: Sequence[int]) -> None:
    """Forget snapshots, given by number: DuckLake 1.5.5 compares times in SQLite by their day only."""
    numbers = ", ".join(str(int(snapshot)) for snapshot in snapshots)
    connection.execute(f"CALL ducklake_expire_snapshots('{LAKE}', versions => [{numbers}])")


def remove_old_files(
    connection: duckdb.DuckDBPyConnection, older_than: datetime | None, *, dry_run: bool
) -> list[str]:
    """Remove files that no snapshot needs; return their paths or addresses.

    With `older_than` files that were needed on that day or later stay, at any hour of it; see
    `expire_snapshots`. A file that no longer exists is not an error.
    """
    which = (
        f"older_than => TIMESTAMPTZ {quote_literal(older_than.isoformat())}"
        if older_than
        else "cleanup_all => true"
    )
    removed = connection.execute(
        f"CALL ducklake_cleanup_old_files('{LAKE}', dry_run => {str(dry_run).lower()}, {which})"
    )
    return [str(path) for (path,) in removed.fetchall()]


def restrict_to(connection: duckdb.DuckDBPyConnection, data: str) -> None:
    """Close the connection's way to all but the data, as far as DuckDB can; settings are locked."""
    connection.execute(f"SET allowed_directories = [{quote_literal(data)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def escape_glob(path: str) -> str:
    """Escape a path so that DuckDB reads the file that it names: `a[1]` would read `a1`."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


def extension_file(name: str) -> Path:
    """Return the file of an extension that is installed as a Python package."""
    try:
        package = resources.files(import_module(f"duckdb_extension_{name}"))
    except ModuleNotFoundError:
        raise missing_extra() from None
    return Path(str(package)) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"


def missing_extra() -> UsageError:
    """Return the error for a shared warehouse without the packages that it needs."""
    return UsageError(
        ReasonCode.USAGE,
        "a shared warehouse needs packages that are not installed",
        remedy="pip install 'labelhouse[team]'",
    )
