"""Write objects of a store, each whole or not at all; say in one line why the store does not take it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, cast

from labelhouse.errors import InputError, UsageError
from labelhouse.files.output_stream import OutputError, output_error
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.addresses import Address, address_of
from labelhouse.sources.object_store import store_of
from labelhouse.texts.url_secrets import name_without_secrets

if TYPE_CHECKING:
    from obstore import PutResult

POINTER_BYTES = 1 << 20
"""A pointer that publishing wrote is smaller."""


class ReplacedError(OutputError):
    """Another process has written the object since it was read."""


@contextmanager
def output_object(url: str) -> Iterator[IO[bytes]]:
    """Give a stream for an object, which is in the store when the block ends.

    The bytes wait in a temporary file. If the block raises, the store receives nothing. Raises UsageError
    for an address that no output may go to, and OutputError if the store does not take it.
    """
    address = output_address(url)
    if not address.key or address.key.endswith("/"):
        raise _refused(url, "names no object", "write a name at its end")
    with TemporaryFile() as spool:
        yield cast("IO[bytes]", spool)
        put(address, address.key, cast("IO[bytes]", spool))


def output_address(url: str) -> Address:
    """Return the address of an output in a bucket; raises UsageError for any other."""
    shown = name_without_secrets(url)
    if shown != url:
        raise _refused(
            shown,
            "is an address with a query or a password",
            "write it without; credentials come from the environment",
        )
    try:
        address = address_of(url)
    except InputError as error:
        raise _refused(shown, error.what, error.remedy) from None
    if address.is_web:
        raise _refused(
            shown,
            "is on a web server, which takes no outputs",
            "give a path, or an address that begins with s3://, gs:// or az://",
        )
    return address


def put(address: Address, key: str, file: IO[bytes]) -> None:
    """Write a whole file as an object; raises OutputError, and then the object is as it was."""
    import obstore

    where = f"{address.root}/{key}"
    try:
        file.flush()
        size = file.seek(0, 2)
        file.seek(0)
    except OSError as error:
        raise output_error(error, where) from None
    with _writing(where):
        store = store_of(address)
        obstore.put(store, key, file)
        stored = int(obstore.head(store, key)["size"])
    if stored != size:
        raise OutputError(
            ReasonCode.STORE_UNREACHABLE,
            f"the store holds {stored:,} of {size:,} bytes",
            where=where,
            remedy="run it again",
        )


def read_json(address: Address, key: str) -> tuple[object, str | None] | None:
    """Return what a small object holds, None for its content if that is not JSON, and its tag.

    None alone if there is no such object. Raises OutputError.
    """
    import obstore
    from obstore.exceptions import NotFoundError

    with _writing(f"{address.root}/{key}"):
        try:
            result = obstore.get(store_of(address), key)
        except (NotFoundError, FileNotFoundError):
            return None
        tag = result.meta["e_tag"]
        if result.meta["size"] > POINTER_BYTES:
            return None, tag
        try:
            return json.loads(bytes(result.bytes())), tag
        except (ValueError, RecursionError):
            return None, tag


def put_json(address: Address, key: str, value: object, replaced: str | None) -> None:
    """Write a small object if it is still of the tag `replaced`, or still absent if that is None.

    Raises ReplacedError if it is not, OutputError if the store does not take it.
    """
    from obstore.exceptions import AlreadyExistsError, NotSupportedError, PreconditionError

    text = (json.dumps(value, indent=1) + "\n").encode()
    where = f"{address.root}/{key}"
    mode: Any = "create" if replaced is None else {"e_tag": replaced}
    with _writing(where):
        store = store_of(address)
        try:
            _put_text(store, key, text, mode)
        except (AlreadyExistsError, PreconditionError):
            raise ReplacedError(
                ReasonCode.WAREHOUSE_BUSY,
                "another process has published there meanwhile",
                where=where,
                remedy="run it again, and let one process publish to this address",
            ) from None
        except (NotImplementedError, NotSupportedError):
            # The store has no conditional writes.
            _put_text(store, key, text, "overwrite")


def _put_text(store: Any, key: str, text: bytes, mode: Any) -> "PutResult":
    import obstore

    return obstore.put(store, key, text, mode=mode)


def sizes_of(address: Address, keys: Sequence[str]) -> list[int | None]:
    """Return the sizes of objects in bytes, None for those that are absent; raises OutputError."""
    import obstore
    from obstore.exceptions import NotFoundError

    sizes: list[int | None] = []
    for key in keys:
        with _writing(f"{address.root}/{key}"):
            try:
                sizes.append(int(obstore.head(store_of(address), key)["size"]))
            except (NotFoundError, FileNotFoundError):
                sizes.append(None)
    return sizes


def remove(address: Address, keys: Sequence[str]) -> bool:
    """Remove objects; return whether the store did it."""
    import obstore
    from obstore.exceptions import BaseError, NotFoundError

    for key in keys:
        try:
            obstore.delete(store_of(address), key)
        except (NotFoundError, FileNotFoundError):
            continue
        except (BaseError, OSError):
            return False
    return True


@contextmanager
def _writing(where: str) -> Iterator[None]:
    """Raise errors of a store as OutputError, without their texts: these quote addresses and answers."""
    from obstore import exceptions

    try:
        yield
    except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError, PermissionError):
        code, what = ReasonCode.STORE_DENIED, "the store refuses to take the object"
        remedy = "check the credentials, whether they have expired, and what they may write"
    except (exceptions.NotFoundError, FileNotFoundError):
        code, what, remedy = (
            ReasonCode.WRITE_FAILED,
            "there is no such bucket",
            "check its name, or make it",
        )
    except (exceptions.InvalidPathError, exceptions.UnknownConfigurationKeyError, ValueError):
        code, what, remedy = ReasonCode.WRITE_FAILED, "the address cannot be written", "check the address"
    except (exceptions.BaseError, OSError):
        code, what = ReasonCode.STORE_UNREACHABLE, "the store gives no answer that can be used"
        remedy = "check the address, region, endpoint and credentials, or run it again later"
    else:
        return
    raise OutputError(code, what, where=where, remedy=remedy)


def _refused(where: str, what: str, remedy: str) -> UsageError:
    return UsageError(ReasonCode.USAGE, what, where=where, remedy=remedy)
