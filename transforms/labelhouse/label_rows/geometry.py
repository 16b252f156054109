"""Turn the relative coordinates of a label into pixels, to the last bit as Encord's SDK does for COCO."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from labelhouse.coco.rle import column_major
from labelhouse.coco.values import Json

PixelRing = list[float]


@dataclass(slots=True)
class Shape:
    """What COCO's columns hold of a label; `rest` is the geometry that no column holds, as exported."""

    bbox: list[float] | None = None
    area: float | None = None
    iscrowd: int = 0
    segmentation: Json = None
    keypoints: list[float] | None = None
    rotation: float | None = None
    polygon_rings: list[int] | None = None
    point_names: list[str | None] = field(default_factory=list)
    point_hashes: list[str | None] = field(default_factory=list)
    rest: Json = None


class GeometryError(Exception):
    """A label's geometry is not of its shape's form; the message says what is wrong."""


GEOMETRY_KEYS: Mapping[str, str] = {
    "bounding_box": "boundingBox",
    "rotatable_bounding_box": "rotatableBoundingBox",
    "polygon": "polygon",
    "polyline": "polyline",
    "point": "point",
    "skeleton": "skeleton",
    "bitmask": "bitmask",
    "cuboid": "cuboid",
    "cuboid_2d": "cuboid_2d",
    "circle": "circle",
    "ellipse": "ellipse",
    "segmentation": "segmentation",
}
"""The key that holds the geometry of each shape."""


def shape_of(label: Mapping[str, Json], width: float, height: float) -> Shape:
    """Return the shape of a label on an image of a size in pixels.

    Raises GeometryError for a geometry of another form.
    """
    kind = label.get("shape")
    convert = _CONVERT.get(kind) if isinstance(kind, str) else None
    key = GEOMETRY_KEYS.get(kind) if isinstance(kind, str) else None
    if key is None:
        return Shape()
    value = label.get(key)
    if value is None and not (kind == "polygon" and label.get("polygons")):
        raise GeometryError(f"a {kind} without {key}")
    if convert is None:
        return Shape(rest=value)
    try:
        return convert(label, width, height)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        raise GeometryError(f"{key} is not of the form of a {kind}") from None


def unsized_shape_of(label: Mapping[str, Json]) -> Shape:
    """Return the shape of a label on an image whose size in pixels is not known."""
    kind = label.get("shape")
    key = GEOMETRY_KEYS.get(kind) if isinstance(kind, str) else None
    if key is None:
        return Shape()
    value = label.get(key, label.get("polygons"))
    if value is None:
        raise GeometryError(f"a {kind} without {key}")
    return Shape(rest=value)


def _number(value: Json) -> float:
    if value.__class__ is float or value.__class__ is int:
        return value
    raise TypeError


def _object(value: Json) -> dict[str, Json]:
    if isinstance(value, dict):
        return value
    raise TypeError


def _list(value: Json) -> list[Json]:
    if isinstance(value, list):
        return value
    raise TypeError


def _box(key: str) -> Callable[[Mapping[str, Json], float, float], Shape]:
    def convert(label: Mapping[str, Json], width: float, height: float) -> Shape:
        box = _object(label[key])
        x, y = _number(box["x"]) * width, _number(box["y"]) * height
        w, h = _number(box["w"]) * width, _number(box["h"]) * height
        shape = Shape([x, y, w, h], w * h, 0, [[x, y, x + w, y, x + w, y + h, x, y + h]])
        if "theta" in box:
            shape.rotation = _number(box["theta"])
        return shape

    return convert


def _points(value: Json, width: float, height: float) -> PixelRing:
    """Return the points of a list, or of an object keyed by numbers, in a flat list of pixels."""
    if isinstance(value, dict):
        value = [value[str(index)] for index in range(len(value))]
    flat: PixelRing = []
    for point in map(_object, _list(value)):
        flat.append(_number(point["x"]) * width)
        flat.append(_number(point["y"]) * height)
    return flat


def _is_3d(value: Json) -> bool:
    points = list(value.values()) if isinstance(value, dict) else value
    return isinstance(points, list) and any(isinstance(point, dict) and "z" in point for point in points)


def _polygon(label: Mapping[str, Json], width: float, height: float) -> Shape:
    polygons = label.get("polygons")
    if isinstance(polygons, list) and polygons and (len(polygons) > 1 or len(_list(polygons[0])) > 1):
        return _polygons(polygons, width, height)
    if label.get("polygon") is None:
        ring = _flat_ring(_list(_list(polygons)[0])[0], width, height)
    else:
        ring = _points(label["polygon"], width, height)
    if not ring:
        raise ValueError
    return Shape(bounds(ring), ring_area(ring), 0, [ring])  # type: ignore[list-item]


def _flat_ring(numbers: Json, width: float, height: float) -> PixelRing:
    numbers = _list(numbers)
    if len(numbers) % 2:
        raise ValueError
    sizes = (width, height)
    return [_number(number) * sizes[place % 2] for place, number in enumerate(numbers)]


def _polygons(polygons: list[Json], width: float, height: float) -> Shape:
    rings: list[PixelRing] = []
    of_polygon: list[int] = []
    area = 0.0
    for index, polygon in enumerate(polygons):
        for place, numbers in enumerate(_list(polygon)):
            ring = _flat_ring(numbers, width, height)
            if not ring:
                raise ValueError
            rings.append(ring)
            of_polygon.append(index)
            area += -ring_area(ring) if place else ring_area(ring)
    every = [number for ring in rings for number in ring]
    if not every:
        raise ValueError
    return Shape(bounds(every), max(area, 0.0), 1, rings, polygon_rings=of_polygon)  # type: ignore[arg-type]


def _polyline(label: Mapping[str, Json], width: float, height: float) -> Shape:
    if _is_3d(label["polyline"]):
        return Shape(rest=label["polyline"])
    line = _points(label["polyline"], width, height)
    if not line:
        raise ValueError
    back = [number for at in range(len(line) - 2, -1, -2) for number in line[at : at + 2]]
    return Shape(bounds(line), 0.0, 0, [line + back])  # type: ignore[list-item]


def _point(label: Mapping[str, Json], width: float, height: float) -> Shape:
    point = _object(label["point"])
    if _is_3d(point):
        return Shape(rest=point)
    first = _object(point["0"])
    x, y = _number(first["x"]) * width, _number(first["y"]) * height
    return Shape([x, y, 0.0, 0.0], 0.0, 0, [[x, y]], [x, y, 2.0], point_names=[None], point_hashes=[None])


def _skeleton(label: Mapping[str, Json], width: float, height: float) -> Shape:
    points = _object(label["skeleton"])
    keypoints: list[float] = []
    shape = Shape(None, 0.0, 0, [], keypoints)
    for point in map(_object, points.values()):
        x, y = _number(point["x"]) * width, _number(point["y"]) * height
        keypoints += [x, y, _visibility(point)]
        name, feature_hash = point.get("name"), point.get("featureHash")
        shape.point_names.append(name if isinstance(name, str) else None)
        shape.point_hashes.append(feature_hash if isinstance(feature_hash, str) else None)
    xs, ys = keypoints[::3], keypoints[1::3]
    x, y = min(xs), min(ys)
    shape.bbox = [x, y, max(xs) - x, max(ys) - y]
    return shape


def _visibility(point: Mapping[str, Json]) -> float:
    visibility = point.get("visibility")
    if point.get("invisible") is True or visibility == "invisible":
        return 0.0
    hidden = point.get("occluded") is True or point.get("selfOccluded") is True
    return 1.0 if hidden or visibility in ("occluded", "selfOccluded", "self_occluded") else 2.0


def _bitmask(label: Mapping[str, Json], width: float, height: float) -> Shape:
    mask = _object(label["bitmask"])
    text, mask_width, mask_height = mask["rleString"], mask["width"], mask["height"]
    if not (isinstance(text, str) and type(mask_width) is int and type(mask_height) is int):
        raise TypeError
    if mask_width * mask_height > _MOST_PIXELS:
        raise ValueError
    converted = column_major(text, mask_height, mask_width)
    if converted is None:
        raise ValueError
    counts, area, box = converted
    return Shape(list(box), float(area), 1, {"size": [mask_height, mask_width], "counts": counts})


_MOST_PIXELS = 1 << 30

_CONVERT: Mapping[str, Callable[[Mapping[str, Json], float, float], Shape]] = {
    "bounding_box": _box("boundingBox"),
    "rotatable_bounding_box": _box("rotatableBoundingBox"),
    "polygon": _polygon,
    "polyline": _polyline,
    "point": _point,
    "skeleton": _skeleton,
    "bitmask": _bitmask,
}


def bounds(numbers: Sequence[float]) -> list[float]:
    """Return the box around points: left, top, width, height."""
    xs, ys = numbers[::2], numbers[1::2]
    x, y = min(xs), min(ys)
    return [x, y, max(xs) - x, max(ys) - y]


def ring_area(ring: Sequence[float]) -> float:
    """Return the area of a ring, summed in the order of GEOS, which the SDK asks.

    >>> ring_area([0, 0, 2, 0, 2, 3])
    3.0
    """
    xs, ys = list(ring[::2]), list(ring[1::2])
    if xs[0] != xs[-1] or ys[0] != ys[-1]:
        xs.append(xs[0])
        ys.append(ys[0])
    if len(xs) < 3:
        return 0.0
    first = xs[0]
    total = 0.0
    for at in range(1, len(xs) - 1):
        total += (xs[at] - first) * (ys[at - 1] - ys[at + 1])
    return math.fabs(total / 2.0)
