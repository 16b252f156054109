"""Open object stores and web addresses, list what they hold, and say in one line why they do not answer."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from labelhouse.errors import InputError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.addresses import ALLOW_HTTP, Address, is_this_machine
from labelhouse.sources.aws_profile import profile_settings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

TRIES = 4
"""An answer that is cut off is asked for as often."""
_NOT_FOUND = "Server returned non-2xx status code: 404"
"""How obstore says that there is no bucket to list: its other errors have classes."""
_CLIENT: "ClientConfig" = {"connect_timeout": "10s", "timeout": "120s"}
_RETRIES: "RetryConfig" = {
    # What passes, such as 503 and a lost connection, passes within half a minute or so.
    "max_retries": 8,
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=8),
        "base": 2,
    },
    "retry_timeout": timedelta(seconds=90),
}


def store_of(address: Address) -> "ObjectStore":
    """Return the store of an address; credentials come from where the store's own tools look for them.

    Raises InputError for an address that is not read.
    """
    if address.scheme == "http" and not (is_this_machine(address.root) or os.environ.get(ALLOW_HTTP)):
        raise InputError(
            ReasonCode.SOURCE_UNREADABLE,
            "http:// is read from this machine only",
            remedy=f"use https://, or set {ALLOW_HTTP}=1 in a network that you trust",
        )
    settings = tuple(sorted(_settings(address).items()))
    with store_errors():
        return _opened(address.root, settings, _allows_http(address, dict(settings)), _environment())


def listed(address: Address, prefix: str) -> Iterator[tuple[str, int]]:
    """Yield the key and the size in bytes of each object below a prefix, in the store's order.

    A list that is cut off goes on after its last object. Raises InputError if the store does not answer or
    refuses.
    """
    import obstore

    last: str | None = None
    for number in range(TRIES):
        try:
            with store_errors(is_list=True):
                store = store_of(address)
                for chunk in obstore.list(store, prefix or None, offset=last, chunk_size=1_000):
                    for meta in chunk:
                        yield meta["path"], meta["size"]
                        last = meta["path"]
        except InputError as error:
            if error.code is not ReasonCode.STORE_UNREACHABLE or number == TRIES - 1:
                raise
            time.sleep(0.2 * 4**number)
        else:
            return


def size_of(address: Address) -> int | None:
    """Return the size of an object in bytes; None if there is none, or the store does not say."""
    import obstore
    from obstore.exceptions import BaseError

    try:
        return int(obstore.head(store_of(address), address.key)["size"])
    except (BaseError, OSError, InputError):
        return None


@contextmanager
def store_errors(*, is_list: bool = False) -> Iterator[None]:
    """Raise errors of a store as InputError, without their texts: these quote addresses and answers."""
    from obstore import exceptions

    try:
        yield
    except (exceptions.NotFoundError, FileNotFoundError):
        raise InputError(
            ReasonCode.SOURCE_NOT_FOUND, "no such object", remedy="check bucket and key, or the address"
        ) from None
    except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError, PermissionError):
        what = "the store refuses to list the bucket" if is_list else "the store refuses to give the object"
        raise InputError(
            ReasonCode.STORE_DENIED,
            what,
            remedy="check the credentials, whether they have expired, and what they may read",
        ) from None
    except (exceptions.PreconditionError, exceptions.NotModifiedError):
        raise changed() from None
    except (exceptions.InvalidPathError, exceptions.UnknownConfigurationKeyError, ValueError):
        raise InputError(
            ReasonCode.SOURCE_UNREADABLE, "the address cannot be read", remedy="check the address"
        ) from None
    except (exceptions.BaseError, OSError) as error:
        if _NOT_FOUND in str(error):
            raise InputError(
                ReasonCode.SOURCE_NOT_FOUND, "no such bucket", remedy="check its name, and the endpoint"
            ) from None
        raise InputError(
            ReasonCode.STORE_UNREACHABLE,
            "the store gives no answer that can be used",
            remedy="check the address, region, endpoint and credentials, or load it again later",
        ) from None


def changed() -> InputError:
    """Return the error for an object that was replaced while it was read."""
    return InputError(
        ReasonCode.SOURCE_CHANGED,
        "the object changed while it was read",
        remedy="load it when its export is complete",
    )


def _settings(address: Address) -> Mapping[str, str]:
    return profile_settings() if address.scheme == "s3" else {}


def _allows_http(address: Address, settings: Mapping[str, str]) -> bool:
    if address.scheme in ("http", "https"):
        return address.scheme == "http"
    endpoints = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT")
    endpoint = next(filter(None, map(os.environ.get, endpoints)), settings.get("endpoint_url", ""))
    return is_this_machine(endpoint) or bool(os.environ.get(ALLOW_HTTP))


def _environment() -> int:
    """Return a number that changes with the credentials of the environment: a process may renew them."""
    names = ("AWS_", "AZURE_", "GOOGLE_")
    return hash(frozenset(pair for pair in os.environ.items() if pair[0].startswith(names)))


@lru_cache(maxsize=64)
def _opened(
    root: str, settings: tuple[tuple[str, str], ...], allows_http: bool, _environment: int
) -> "ObjectStore":
    from obstore.store import from_url

    options: Any = {**_CLIENT, "allow_http": allows_http}
    config: Any = dict(settings) or None
    store: ObjectStore = from_url(root, client_options=options, retry_config=_RETRIES, config=config)
    return store
