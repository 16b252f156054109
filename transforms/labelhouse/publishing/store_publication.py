"""Publish to an object store: new objects under new names, then a pointer to them, written last.

Readers follow the pointer. Those that have read the one before find its objects for two more publications.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from labelhouse.errors import UsageError
from labelhouse.publishing.published_file import Stamp
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.addresses import Address
from labelhouse.stores.output_object import output_address, put, put_json, read_json, remove, sizes_of
from labelhouse.version import __version__

PublicationFormat = Literal["duckdb", "parquet"]
POINTERS: dict[PublicationFormat, str] = {"duckdb": "labels.json", "parquet": "parquet.json"}
KEPT = 2
"""Publications before the present one whose objects stay, for readers that have read their pointer."""
_STAMP = ("snapshot_id", "ingest_number", "ingest_id", "layout")


@dataclass(frozen=True, slots=True)
class Publication:
    """What is in the store: the address of the pointer, and the bytes of the objects."""

    path: str
    is_unchanged: bool
    bytes: int


class StorePlace:
    """The place of a publication: a prefix of a bucket, with the pointer that is there."""

    def __init__(self, url: str, file_format: PublicationFormat) -> None:
        self._address: Address = output_address(url)
        prefix = self._address.key.strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._format: PublicationFormat = file_format
        self._pointer = self._prefix + POINTERS[file_format]

    @property
    def where(self) -> str:
        """The address of the pointer."""
        return f"{self._address.root}/{self._pointer}"

    def publish(self, shown: Stamp, files: Sequence[Path]) -> Publication:
        """Write files that show a state, then the pointer; nothing if the pointer shows that state already.

        If it fails, or the process dies, the pointer is as it was. Raises OutputError, and UsageError if
        something else has the pointer's name.
        """
        there = read_json(self._address, self._pointer)
        old, tag = (None, None) if there is None else there
        if there is not None and not _is_pointer(old, self._format):
            raise UsageError(
                ReasonCode.USAGE,
                "is there already, and no `labelhouse publish` wrote it",
                where=self.where,
                remedy="choose another --to, or remove it",
            )
        before: dict[str, Any] = old if isinstance(old, dict) else {}
        stamp = {name: getattr(shown, name) for name in _STAMP}
        if all(before.get(name) == value for name, value in stamp.items()) and self._is_whole(before):
            return Publication(self.where, True, sum(file["bytes"] for file in before["files"]))
        folder = f"labels-{shown.snapshot_id:08}-{secrets.token_hex(4)}"
        written = []
        for path in files:
            # A single file is named as its publication, several lie in a folder of that name.
            name = f"{folder}{path.suffix}" if self._format == "duckdb" else f"{folder}/{path.name}"
            with path.open("rb") as file:
                size_and_hash = _hashed(file)
                put(self._address, self._prefix + name, file)
            written.append({"name": name, **size_and_hash})
        previous = [before["files"], *before["previous"]] if before else []
        put_json(
            self._address,
            self._pointer,
            {
                "labelhouse": __version__,
                "format": self._format,
                **({"file": written[0]["name"]} if self._format == "duckdb" else {"folder": folder}),
                "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "labels": shown.label_count,
                **stamp,
                "files": written,
                "previous": previous[:KEPT],
            },
            tag,
        )
        # What cannot be removed costs room only.
        remove(self._address, [self._prefix + file["name"] for one in previous[KEPT:] for file in one])
        return Publication(self.where, False, sum(int(str(file["bytes"])) for file in written))

    def _is_whole(self, pointer: dict[str, Any]) -> bool:
        keys = [self._prefix + file["name"] for file in pointer["files"]]
        return sizes_of(self._address, keys) == [file["bytes"] for file in pointer["files"]]


def _is_pointer(value: object, file_format: PublicationFormat) -> bool:
    """Return whether a value is a pointer of this format: its names are removed later."""
    return (
        isinstance(value, dict)
        and "labelhouse" in value
        and value.get("format") == file_format
        and isinstance(value.get("previous"), list)
        and all(_are_files(files) for files in (value.get("files"), *value["previous"]))
    )


def _are_files(files: object) -> bool:
    return isinstance(files, list) and all(
        isinstance(file, dict)
        and isinstance(file.get("name"), str)
        and file["name"].startswith("labels-")
        and ".." not in file["name"]
        and isinstance(file.get("bytes"), int)
        for file in files
    )


def _hashed(file: Any) -> dict[str, object]:
    digest = hashlib.sha256()
    size = 0
    while data := file.read(1 << 20):
        digest.update(data)
        size += len(data)
    return {"bytes": size, "sha256": digest.hexdigest()}
