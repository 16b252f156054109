"""Recognise what is given instead of JSON, by its first bytes, and say what to do with it."""

from labelhouse.errors import InputError
from labelhouse.reason_codes import ReasonCode

HEAD_BYTES = 512
"""Bytes of a text's beginning that show what it is: a tar archive says so behind its first name."""

_UNPACK = "unpack it, and load what was in it: zip, gzip and plain JSON are read"
_PACK_OTHERWISE = "unpack it, or pack it as gzip or zip"
_NO_LABELS = "export the labels as COCO JSON"

_CONTAINERS = (
    (0, b"BZh", "a bzip2 file", _PACK_OTHERWISE),
    (0, b"\xfd7zXZ\0", "an xz file", _PACK_OTHERWISE),
    (0, b"\x28\xb5\x2f\xfd", "a zstd file", _PACK_OTHERWISE),
    (0, b"\x04\x22\x4d\x18", "an LZ4 file", _PACK_OTHERWISE),
    (0, b"LZIP", "an lzip file", _PACK_OTHERWISE),
    (0, b"\x1f\x9d", "a file of the program compress", _PACK_OTHERWISE),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (0, b"Rar!", "a RAR archive", _UNPACK),
    (257, b"ustar", "a tar archive", _UNPACK),
    (0, b"MSCF", "a cabinet archive", _UNPACK),
    (0, b"PAR1", "a Parquet file", _NO_LABELS),
    (0, b"ARROW1", "an Arrow file", _NO_LABELS),
    (0, b"FEA1", "a Feather file", _NO_LABELS),
    (0, b"Obj\x01", "an Avro file", _NO_LABELS),
    (0, b"SQLite format 3\0", "an SQLite database", _NO_LABELS),
    (0, b"\x89HDF\r\n", "an HDF5 file", _NO_LABELS),
    (0, b"\x93NUMPY", "a NumPy array", _NO_LABELS),
    (0, b"%PDF-", "a PDF", _NO_LABELS),
    (0, b"\xff\xd8\xff", "a JPEG image", _NO_LABELS),
    (0, b"\x89PNG\r\n", "a PNG image", _NO_LABELS),
    (0, b"II*\0", "a TIFF image", _NO_LABELS),
    (0, b"MM\0*", "a TIFF image", _NO_LABELS),
    (0, b"\xd0\xcf\x11\xe0", "a document of an office program", _NO_LABELS),
)


def refuse_other_containers(head: bytes) -> None:
    """Raise InputError if the first bytes of a file or text are those of a container that is not read."""
    for at, magic, name, remedy in _CONTAINERS:
        if head.startswith(magic, at):
            raise InputError(ReasonCode.UNSUPPORTED_FORMAT, name, remedy=remedy)
    if _is_old_tar(head):
        raise InputError(ReasonCode.UNSUPPORTED_FORMAT, "a tar archive", remedy=_UNPACK)


def _is_old_tar(head: bytes) -> bool:
    """Return whether the first block has the checksum of a tar archive, which older ones have alone."""
    digits = head[148:156].strip(b"\0 ")
    if len(head) < HEAD_BYTES or not digits or not set(digits) <= set(b"01234567"):
        return False
    return sum(head[:148]) + 8 * ord(" ") + sum(head[156:HEAD_BYTES]) == int(digits, 8)
