"""What the images of a label row are: their names, keys and sizes, from data units and spaces."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from labelhouse.coco.values import Json
from labelhouse.label_rows.row_parts import RowObject, UnitText

_OF_SPACES = {
    "image": "image",
    "image_sequence": "image",
    "video": "video",
    "medical_file": "dicom",
    "medical_stack": "dicom",
    "pdf": "pdf",
    "point_cloud": "scene",
    "scene_image": "scene",
    "audio": "audio",
    "time_series": "time_series",
    "text": "text",
    "html": "text",
}
"""Media types of spaces."""
_OF_ROWS = {
    "img_group": "image",
    "dicom_study": "dicom",
    "plain_text": "text",
}
"""Media types of rows, where they are not their data_type."""


def media_type_of(row: Mapping[str, Json]) -> str | None:
    """Return the media type of a row's document.

    >>> media_type_of({"data_type": "img_group"}), media_type_of({"data_type": "AUDIO"})
    ('image', 'audio')
    """
    data_type = row.get("data_type")
    if not isinstance(data_type, str):
        return None
    return _OF_ROWS.get(data_type.lower(), data_type.lower())


class ImageName(NamedTuple):
    """How an image is named: its file_name, key, data hash and frame."""

    file_name: str | None
    key: str
    frame: int | None


@dataclass(slots=True)
class DataUnit:
    """A data unit or space: its media type, and whether its labels are those of one image."""

    unit: UnitText
    values: RowObject
    media_type: str
    is_image: bool
    index: int | None
    """The frame of an image group that the unit is."""
    space: str | None

    @classmethod
    def of(cls, unit: UnitText, values: RowObject, row: Mapping[str, Json]) -> "DataUnit":
        """Return what the values of a unit say."""
        if unit.parent == "spaces":
            kind = values.get("space_type")
            kind = kind if isinstance(kind, str) else ""
            return cls(unit, values, _OF_SPACES.get(kind, kind or "other"), kind == "image", None, unit.key)
        mime = values.get("data_type")
        media_type = _of_mime(mime.lower() if isinstance(mime, str) else "", media_type_of(row) or "other")
        sequence = values.get("data_sequence")
        index = int(sequence) if isinstance(sequence, str) and sequence.isdecimal() else sequence
        return cls(
            unit, values, media_type, media_type == "image", index if type(index) is int else None, None
        )

    @property
    def data_hash(self) -> str:
        """data_hash of the unit, or the key of the space."""
        own = self.values.get("data_hash")
        return own if isinstance(own, str) and self.space is None else self.unit.key

    @property
    def title(self) -> str | None:
        """Title of the unit, or name of the space's file."""
        info = self.values.get("child_info")
        title = info.get("file_name") if isinstance(info, dict) else self.values.get("data_title")
        return title if isinstance(title, str) else None

    @property
    def link(self) -> Json:
        """Address of the data."""
        info = self.values.get("child_info")
        return info.get("data_link") if isinstance(info, dict) else self.values.get("data_link")

    @property
    def title_key(self) -> str | None:
        """The key that COCO has the title under: none for DICOM and NIfTI."""
        return {"image": "image_title", "video": "video_title"}.get(self.media_type, _other_title(self))

    def size(self, metadata: Json) -> tuple[Json, Json]:
        """Return width and height of a frame, null where they are not known."""
        if isinstance(metadata, dict) and "width" in metadata and "height" in metadata:
            return metadata["width"], metadata["height"]
        return self.values.get("width") or None, self.values.get("height") or None

    def url(self, metadata: Json) -> Json:
        """Return the address of a frame, as COCO has it."""
        if self.media_type == "dicom" and self.space is None:
            return metadata.get("file_uri") if isinstance(metadata, dict) else ""
        return self.link

    def name(self, frame: str, metadata: Json) -> ImageName:
        """Return the name of a frame of the unit; `frame` is empty for the unit's only image."""
        data_hash = self.data_hash
        number = int(frame) if frame.isascii() and frame.isdecimal() and len(frame) < 19 else None
        if self.space is not None:
            key = data_hash if self.is_image else f"{data_hash}/{frame}"
            return ImageName(None, key, number)
        if self.is_image:
            title = self.title or ""
            return ImageName(f"images/{data_hash}.{title.split('.')[-1]}", data_hash, None)
        if self.media_type == "dicom" and isinstance(metadata, dict) and "dicom_instance_uid" in metadata:
            rest = str(metadata["dicom_instance_uid"])
            within = metadata.get("multiframe_frame_number")
            number = within if type(within) is int else _last_number(rest)
            rest += "" if within is None else f"/{within}"
            return ImageName(f"dicom/{data_hash}/{rest}", f"{data_hash}/{rest}", number)
        if self.media_type == "video":
            return ImageName(f"videos/{data_hash}/{frame}.jpg", f"{data_hash}/{frame}", number)
        folder = {"dicom": "dicom", "nifti": "nifti", "pdf": "pdfs"}.get(self.media_type)
        file_name = f"{folder}/{data_hash}/{frame}" if folder else None
        return ImageName(file_name, f"{data_hash}/{frame}" if frame else data_hash, number)


def _of_mime(mime: str, of_row: str) -> str:
    """Return the media type of a data unit, as the SDK tells it."""
    for part, media_type in (
        ("application/dicom", "dicom"),
        ("application/nifti", "nifti"),
        ("application/pdf", "pdf"),
        ("video", "video"),
        ("image/", "image"),
        ("audio", "audio"),
        ("text/", "text"),
        ("application/json", "text"),
        ("application/xml", "text"),
    ):
        if part in mime:
            return media_type
    return of_row


def _last_number(text: str) -> int | None:
    """Return the frame that a file name's last part says, as for names of COCO."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _other_title(unit: DataUnit) -> str | None:
    return None if unit.media_type in ("dicom", "nifti") and unit.space is None else "image_title"
