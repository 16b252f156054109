"""The tracks of a document in plain Python, from its JSON alone: what the view `tracks` has to show."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

Record = dict[str, Any]

ENCORD = re.compile(
    r"images/[^/]+\.[^/.]*|videos/([^/]+)/([^/]+)\.jpg|(?:dicom|nifti|pdfs)/([^/]+)/(?:.+/)?([^/]+)"
)
WHOLE = re.compile(r"-?[0-9]+(\.0+)?")
END_OF_STEM = re.compile(r"([0-9]+)(?:\.[^./\\]*)?$")
FRAME_KEYS = ("frame_index", "frame_id", "frame_number", "frame")


class Track(NamedTuple):
    """One track: its name, video and class, and what is said of its frames."""

    track: str
    video: str | None
    category_name: str | None
    categories: tuple[str | None, ...]
    first_frame: int
    last_frame: int
    labels: int
    labelled_frames: int
    gap_frames: int
    class_switches: int


def tracks_of(document: Record) -> list[Track]:
    """Return the tracks of a document, in no order."""
    images: dict[Any, Record] = {}
    for image in document["images"]:
        images.setdefault(image["id"], image)
    labels = document.get("annotations") or []
    has_objects = any(_attributes(label).get("encord_track_uuid") for label in labels)
    frames = _frames(images, labels, has_objects=has_objects)
    of_tracks = defaultdict(list)
    for label in labels:
        name = _attributes(label).get("encord_track_uuid") if has_objects else _number(label)
        if name is not None and label["image_id"] in frames:
            video, frame = frames[label["image_id"]]
            of_tracks[video, name].append((frame, label))
    names: dict[Any, str] = {}
    for category in document.get("categories") or []:
        names.setdefault(category["id"], str(category["name"]))
    return [
        _track(name, video, sorted(of, key=lambda pair: pair[0]), names, frames)
        for (video, name), of in of_tracks.items()
    ]


def _track(
    name: str,
    video: str | None,
    of: Sequence[tuple[int, Record]],
    names: dict[Any, str],
    frames: dict[Any, tuple[str | None, int]],
) -> Track:
    numbers = {frame for frame, _ in of}
    present = {f for v, f in frames.values() if v == video and min(numbers) <= f <= max(numbers)}
    classes = [label["category_id"] for _, label in of]
    named = [names[one] for one in classes if one in names]
    every = {names.get(one) for one in classes}
    return Track(
        name,
        video,
        named[0] if named else None,
        tuple(sorted(every, key=lambda one: (one is not None, one or ""))),
        min(numbers),
        max(numbers),
        len(of),
        len(numbers),
        len(present - numbers),
        sum(one != other for one, other in pairwise(classes)),
    )


def _attributes(label: Record) -> Record:
    attributes = label.get("attributes")
    return attributes if isinstance(attributes, dict) else {}


def name_of(label: Record) -> str | None:
    """Return the object or the track that a label names by any key."""
    return _attributes(label).get("encord_track_uuid") or _number(label)


def _number(label: Record) -> str | None:
    values = [_attributes(label).get("track_id"), label.get("track_id")]
    values += [label.get("instance_id"), _attributes(label).get("instance_id")]
    named = [value for value in values if value not in (None, "") and isinstance(value, int | str)]
    if not named or (isinstance(named[0], int) and named[0] < 0):
        return None
    return f"#{named[0]}"


def _frames(
    images: dict[Any, Record], labels: Iterable[Record], *, has_objects: bool
) -> dict[Any, tuple[str | None, int]]:
    """Return the video and the frame of each image that has one, by the image's id."""
    matches = {key: ENCORD.fullmatch(image.get("file_name") or "") for key, image in images.items()}
    of_encord = {
        key: (match[1] or match[3], int(match[2] or match[4]))
        for key, match in matches.items()
        if match and (match[2] or match[4] or "").isdigit()
    }
    if of_encord or (has_objects and any(matches.values())):
        is_one = len({unit for unit, _ in of_encord.values()}) == 1
        return {key: (None if is_one else unit, frame) for key, (unit, frame) in of_encord.items()}
    videos = {key: _first(image, ("video_id",)) for key, image in images.items()}
    for label in labels:
        if label.get("image_id") in videos and videos[label["image_id"]] is None:
            videos[label["image_id"]] = _first(label, ("video_id",))
    videos = {key: video or _first(images[key], ("vid_id", "video")) for key, video in videos.items()}
    named = {video for video in videos.values() if video is not None}
    if len(named) == 1:
        videos = dict.fromkeys(images, *named)
    if not named:
        whole = _numbers(images.values(), is_strict=False)
        folders = {
            key: re.split(r"[/\\][^/\\]*$", "/" + (image.get("file_name") or ""))[0]
            for key, image in images.items()
        }
        seen = defaultdict(set)
        for (key, _), frame in zip(images.items(), whole or [], strict=bool(whole)):
            seen[frame].add(folders[key])
        if any(len(of) > 1 for of in seen.values()):
            videos = {key: folder.removeprefix("/") for key, folder in folders.items()}
    frames: dict[Any, tuple[str | None, int]] = {}
    for video in set(videos.values()):
        keys = [key for key in images if videos[key] == video]
        numbers = _numbers([images[key] for key in keys], is_strict=True) or range(len(keys))
        frames |= {key: (video, number) for key, number in zip(keys, numbers, strict=True)}
    return frames


def _first(record: Record, keys: Iterable[str]) -> str | None:
    return next((str(record[key]) for key in keys if record.get(key) is not None), None)


def _numbers(images: Iterable[Record], *, is_strict: bool) -> list[int] | None:
    """Return a number for each image by the first rule that has one for all; None by none."""
    images = list(images)
    for key in FRAME_KEYS:
        texts = [json_text(image.get(key)) for image in images]
        if all(WHOLE.fullmatch(text) for text in texts):
            return [int(float(text)) if "." in text else int(text) for text in texts]
    names = [image.get("file_name") or "" for image in images]
    ends = [END_OF_STEM.search(name) for name in names]
    if not all(ends):
        return None
    numbers = [int(end[1]) for end in ends if end]
    if max(numbers) >= 2**63:
        return None
    if is_strict and len(set(numbers)) < len(set(names)):
        return None
    return numbers


def json_text(value: Any) -> str:
    """Return a number or a text as text, and nothing for others."""
    return "" if isinstance(value, bool) or not isinstance(value, int | float | str) else str(value)
