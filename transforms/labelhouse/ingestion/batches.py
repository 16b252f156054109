"""Decide which sources of a call share a commit: small ones that follow each other."""

from collections.abc import Iterator, Sequence

from labelhouse.sources.addresses import is_url
from labelhouse.sources.finding import Source

MOST_SOURCES = 250
SMALL_BYTES = 1 << 20
"""A larger source has a commit of its own, which then costs little beside the rest."""
BATCH_BYTES = 4 << 20
"""The sources of a batch take no more than this together, so that a kill costs little work."""
_PACKED = (".zip", ".gz")
_PACKED_RATIO = 6


def batch_sizes(sources: Sequence[Source], *, is_off: bool = False) -> Iterator[int]:
    """Yield how many of the sources that are left are committed together, batch after batch.

    It depends only on the sizes of the files. With `is_off` every source is alone.
    """
    count = total = 0
    for source in sources:
        size = _size(source)
        if count and (is_off or count == MOST_SOURCES or total + size > BATCH_BYTES or size > SMALL_BYTES):
            yield count
            count = total = 0
        count += 1
        total += size if size <= SMALL_BYTES else BATCH_BYTES
    if count:
        yield count


def _size(source: Source) -> int:
    """Return about how many bytes a source decodes to; 0 if it cannot be read: parsing reports it."""
    size = source.bytes
    if not size and is_url(source.path):
        # The server says only later how large it is.
        return SMALL_BYTES + 1
    return size * _PACKED_RATIO if source.name.lower().endswith(_PACKED) else size
