"""The task of a parsing process and its result, as plain values."""

from dataclasses import dataclass, field

from labelhouse.limits import BLOCK_BYTES, DEFAULT_LIMITS, Limits
from labelhouse.texts.people import KEEP, Authors, People

NATIVE = "native"
"""The bulk reader with the compiled library."""
BULK_READERS = ("bulk", NATIVE)
"""Readers that take many records, and many documents, at a time."""
DEFAULT_READER = "bulk"
"""The reader of a task that names none."""

MAX_BAD_SHARE = 0.01
"""A source is rejected if a section has a larger share of bad records, and more than 100 of them."""

LATER = "later"
"""The argument of a parsing process that is to load its parsers only when it needs them."""

SHARE_BYTES = 24 << 20
"""From this size on, a file is worth more processes: each takes half a second to start."""


@dataclass(frozen=True, slots=True)
class ParseTask:
    """One source to stage: everything a parsing process needs, all of it plain values."""

    path: str
    source: str
    name: str
    project: str
    ingest_id: str
    ingest_number: int
    folder: str
    max_bad: float = MAX_BAD_SHARE
    reader: str = DEFAULT_READER
    block_bytes: int = BLOCK_BYTES
    limits: Limits = DEFAULT_LIMITS
    known: str | None = None
    parsed: str | None = None
    """Folder of what is known of bytes and texts parsed before; None to read all as if it were new."""
    decoders: int = 0
    share_bytes: int = SHARE_BYTES
    documents: list[str] = field(default_factory=list)
    ontology: str | None = None
    """File with the ontology of label rows; None: one beside the source, or a member of it, is taken."""
    is_results: bool = False
    """Whether the source holds results lists, to be staged as predictions."""
    listed_bytes: int = 0
    """Size of an object that a store has listed; 0 if it is not known."""
    authors: Authors = KEEP
    salt: str = field(default="", repr=False)
    forgotten: list[str] = field(default_factory=list, repr=False)
    """Tokens of people who are left out whatever `authors` says."""

    @property
    def is_bulk(self) -> bool:
        """Whether the reader takes many records at a time."""
        return self.reader in BULK_READERS

    @property
    def reader_kind(self) -> str:
        """What is known of a text that was read: the same for readers that report the same."""
        return "bulk" if self.is_bulk else self.reader

    @property
    def is_compiled(self) -> bool:
        """Whether the compiled library may read labels; it takes no people out of them."""
        return self.reader == NATIVE and self.people.are_kept

    @property
    def people(self) -> People:
        """What becomes of people in the source."""
        return People(self.authors, self.salt, frozenset(self.forgotten))


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A complete Parquet file of one table."""

    table: str
    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged source: its Parquet files, which are not committed yet, and facts about it."""

    sha256: str
    bytes: int
    rows: dict[str, int]
    files: list[StagedFile]
    notes: list[str] = field(default_factory=list)
    authors: str | None = None
    """What became of people, for the ledger; None if they were kept."""
