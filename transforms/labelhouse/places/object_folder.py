"""The data of a shared warehouse in a bucket: upload, list, remove and hash its objects."""

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from labelhouse.errors import LabelhouseError, WarehouseError
from labelhouse.places.place import PlacedFile
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.addresses import Address, address_of
from labelhouse.sources.aws_profile import profile_settings
from labelhouse.sources.object_store import listed, size_of, store_errors, store_of
from labelhouse.stores.output_object import put, remove

_AT_ONCE = 8
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_LOGGER = logging.getLogger(__name__)


class ObjectFolder:
    """The objects below the prefix `data`, named by keys that are relative to it, such as main/images/a."""

    def __init__(self, data: str, where: Path) -> None:
        self._address: Address = address_of(data)
        self._data = data
        self._where = where

    def url(self, key: str) -> str:
        """Return the address of an object, as the engine names it."""
        return f"{self._data}{key}"

    def put(self, files: Sequence[tuple[Path, str]]) -> None:
        """Write files as objects, each whole; raises WarehouseError."""

        def one(pair: tuple[Path, str]) -> None:
            path, key = pair
            with path.open("rb") as file:
                put(self._address, self._address.key + key, file)

        with self._errors(), ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(one, files))

    def put_missing(self, files: Sequence[tuple[Path, str, int]], where: str) -> None:
        """Write files of known bytes as objects, except those that are there; raises WarehouseError.

        Names of files are never used again, so an object with the right name and length is the file. Errors
        of files name `where`.
        """
        for path, key, size in files:
            if not path.is_file() or path.stat().st_size != size:
                raise WarehouseError(
                    ReasonCode.WAREHOUSE_DAMAGED,
                    f"the file {key} is missing or damaged",
                    where=where,
                    remedy="run: labelhouse verify",
                )
        there = {file.key: file.bytes for file in self.files()}
        self.put([(path, key) for path, key, size in files if there.get(key) != size])

    def remove(self, keys: Sequence[str]) -> None:
        """Remove objects; warn of those that stay, which maintenance removes."""
        if keys and not remove(self._address, [self._address.key + key for key in keys]):
            _LOGGER.warning("%s: the store does not remove objects that are not data", self._where)

    def keys(self, prefix: str) -> list[str]:
        """Return the keys of the objects that begin like this; raises WarehouseError."""
        with self._errors():
            # A store lists folders; what begins like a name is found in the folder around it.
            folder = prefix.rpartition("/")[0] + "/"
            objects = listed(self._address, self._address.key + folder)
            keys = [key.removeprefix(self._address.key) for key, _ in objects]
        return [key for key in keys if key.startswith(prefix)]

    def files(self) -> Iterator[PlacedFile]:
        """Yield all objects below the prefix; raises WarehouseError."""
        import obstore

        start = len(self._address.key)
        with self._errors(), store_errors(is_list=True):
            for chunk in obstore.list(store_of(self._address), self._address.key, chunk_size=1_000):
                for meta in chunk:
                    yield PlacedFile(meta["path"][start:], meta["size"], meta["last_modified"])

    def bytes_of(self, keys: Sequence[str]) -> int:
        """Return the bytes of those of some objects that are there; raises WarehouseError."""
        with self._errors(), ThreadPoolExecutor(_AT_ONCE) as pool:
            addresses = [replace(self._address, key=self._address.key + key) for key in keys]
            return sum(size or 0 for size in pool.map(size_of, addresses))

    def fetch(self, key: str, path: Path) -> None:
        """Write an object to a file; raises FileNotFoundError, WarehouseError."""
        import obstore
        from obstore.exceptions import NotFoundError

        with self._errors(), store_errors(), path.open("wb") as file:
            try:
                for data in obstore.get(store_of(self._address), self._address.key + key).stream():
                    file.write(data)
            except (NotFoundError, FileNotFoundError):
                missing = True
            else:
                missing = False
        if missing:
            raise FileNotFoundError(key)

    def checksums(self, keys: Iterable[str]) -> Iterator[tuple[str, int, str] | None]:
        """Yield key, bytes and SHA-256 of each object, None for an absent one; raises WarehouseError."""
        with self._errors(), ThreadPoolExecutor(_AT_ONCE) as pool:
            yield from pool.map(self._checksum, keys)

    def _checksum(self, key: str) -> tuple[str, int, str] | None:
        import obstore
        from obstore.exceptions import NotFoundError

        digest, size = hashlib.sha256(), 0
        with store_errors():
            try:
                for data in obstore.get(store_of(self._address), self._address.key + key).stream():
                    digest.update(data)
                    size += len(data)
            except (NotFoundError, FileNotFoundError):
                return None
        return key, size, digest.hexdigest()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Raise errors of the store as those of the warehouse."""
        try:
            yield
        except WarehouseError:
            raise
        except LabelhouseError as error:
            raise WarehouseError(
                error.code, error.what, where=str(self._where), remedy=error.remedy
            ) from None


def engine_settings(where: Path) -> dict[str, str | int | bool]:
    """Return what the engine needs to reach S3: keys, region and endpoint of environment or profile.

    Raises WarehouseError if there are no keys: the engine knows no roles of machines.
    """
    profile = profile_settings()
    values: dict[str, str | int | bool] = {
        "KEY_ID": os.environ.get("AWS_ACCESS_KEY_ID") or profile.get("access_key_id", ""),
        "SECRET": os.environ.get("AWS_SECRET_ACCESS_KEY") or profile.get("secret_access_key", ""),
        "REGION": _first("AWS_REGION", "AWS_DEFAULT_REGION") or profile.get("region", "us-east-1"),
    }
    if not (values["KEY_ID"] and values["SECRET"]):
        raise WarehouseError(
            ReasonCode.STORE_DENIED,
            "there are no keys for the store of the warehouse",
            where=str(where),
            remedy="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
        )
    token = os.environ.get("AWS_SESSION_TOKEN") or profile.get("session_token")
    if token:
        values["SESSION_TOKEN"] = token
    if endpoint := endpoint_url():
        parts = urlsplit(endpoint)
        values |= {
            "ENDPOINT": parts.netloc + parts.path.rstrip("/"),
            "URL_STYLE": "path",
            "USE_SSL": parts.scheme != "http",
        }
    return values


def endpoint_url() -> str:
    """Return the address of the store where it is not Amazon's; else an empty text."""
    return _first(*_ENDPOINTS) or profile_settings().get("endpoint_url", "")


def store_port() -> int:
    """Return the TCP port of the store."""
    parts = urlsplit(endpoint_url() or "https://")
    return parts.port or (80 if parts.scheme == "http" else 443)


def _first(*names: str) -> str:
    return next(filter(None, map(os.environ.get, names)), "")
