"""What the reader stored of the layout of a label row and its frames; values stay texts of JSON.

label_rows/rebuilding/layout.py says what each part is.
"""

import msgspec


class FrameContent(msgspec.Struct, frozen=True):
    """What a frame has beside its objects; a classification is the text of its hash, or of a list."""

    frame: str | None = None
    absent: tuple[str, ...] = ()
    classifications: tuple[msgspec.Raw, ...] = ()
    other: dict[str, msgspec.Raw] = {}


USUAL_FRAME = FrameContent()


class StoredUnit(msgspec.Struct, frozen=True, array_like=True):
    """A data unit or space."""

    key: str
    form: str | None
    images: int
    content: FrameContent = USUAL_FRAME


class StoredLayout(msgspec.Struct, frozen=True):
    """The layout of a row."""

    sections: tuple[str, ...]
    object_answers: tuple[str, ...]
    object_actions: tuple[str, ...]
    classification_answers: int
    data_units: tuple[StoredUnit, ...] = ()
    spaces: tuple[StoredUnit, ...] = ()
    aliases: dict[str, str | None] = {}


frame_content = msgspec.json.Decoder(FrameContent).decode
stored_layout = msgspec.json.Decoder(StoredLayout).decode
