"""Read the data hash and the frame from the file names of an Encord export."""

import re
from typing import NamedTuple

_MEDIA_TYPES = {
    "images": "image",
    "videos": "video",
    "dicom": "dicom",
    "nifti": "nifti",
    "pdfs": "pdf",
}
_SPLIT = re.compile(r"(images|videos|dicom|nifti|pdfs)/([^/]+)(?:/(.+))?")


_VIDEO_FRAME = re.compile(r"([^/]+)\.jpg")
_QUERY = re.compile(r"\?[\w.~\-]+=")
_HOST = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//[^/]*/*")


class FileName(NamedTuple):
    """What a file name says: media type, data hash, frame (slice, page) and the stable image key."""

    media_type: str
    data_hash: str | None
    frame: int | None
    image_key: str


def parse_file_name(file_name: str) -> FileName:
    """Parse an image's `file_name`; a name that is not Encord's is its own key.

    The forms are `images/<hash>.<ext>`, `videos/<hash>/<frame>.jpg`, `dicom/<hash>/<uid>[/<frame>]`,
    `nifti/<hash>/<frame>` and `pdfs/<hash>/<page>`.

    >>> parse_file_name("videos/5f3a/12.jpg")
    FileName(media_type='video', data_hash='5f3a', frame=12, image_key='5f3a/12')
    """
    query = _QUERY.search(file_name) if "?" in file_name else None
    # A query says how Encord's file was asked for; in other names it may say which file it is.
    match = _SPLIT.fullmatch(file_name, 0, query.start() if query else len(file_name))
    if match is None:
        return FileName("image", None, None, file_name)
    folder, unit, rest = match.groups()
    if folder == "images":
        stem, dot, _ = unit.rpartition(".")
        if rest is not None or not dot or not stem:
            return FileName("image", None, None, file_name)
        return FileName("image", stem, None, stem)
    if rest is None:
        return FileName("image", None, None, file_name)
    if folder == "videos":
        frame_name = _VIDEO_FRAME.fullmatch(rest)
        if frame_name is None:
            return FileName("image", None, None, file_name)
        rest = frame_name[1]
    last = rest.rpartition("/")[2]
    frame = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else None
    return FileName(_MEDIA_TYPES[folder], unit, frame, f"{unit}/{rest}")


def key_of_url(url: str) -> str:
    """Return the key of an image that has a URL and no `file_name`: the path, which no other image has.

    The last segment alone may occur in several folders, and the host may change.

    >>> key_of_url("http://images.cocodataset.org/train2017/000000000001.jpg")
    'train2017/000000000001.jpg'
    """
    return _HOST.sub("", url, count=1) if _HOST.match(url) else url
