"""Recognise the JSON of labelling and training tools that is not COCO, by the keys of its objects."""

from collections.abc import Mapping, Set
from typing import Final, NamedTuple

from labelhouse.coco.values import Json

_EXPORT = "export as COCO JSON"
_SOURCE = "load the COCO file that it was made of"


class OtherFormat(NamedTuple):
    """What a document is, and what to do instead."""

    name: str
    remedy: str


_WITH_ANNOTATIONS: Final = (
    ({"id", "data"}, OtherFormat("Label Studio's own JSON", _EXPORT)),
    ({"item"}, OtherFormat("V7's Darwin JSON", _EXPORT)),
    ({"file_name", "height", "width"}, OtherFormat("dataset dicts of Detectron2", _SOURCE)),
    ({"image"}, OtherFormat("CreateML JSON", _EXPORT)),
)
"""Keys beside `annotations`, which these formats have too."""
_BY_KEYS: Final = (
    ({"shapes", "imagePath"}, OtherFormat("a file of LabelMe", "convert the files to one COCO file")),
    ({"_via_img_metadata"}, OtherFormat("a project of VGG's VIA", _EXPORT)),
    ({"data_row", "projects"}, OtherFormat("Labelbox's own JSON", "convert it to COCO JSON")),
    ({"ID", "Label"}, OtherFormat("Labelbox's own JSON", "convert it to COCO JSON")),
    ({"metadata", "instances"}, OtherFormat("SuperAnnotate's own JSON", "convert it to COCO JSON")),
    ({"size", "objects"}, OtherFormat("Supervisely's own JSON", _EXPORT)),
    ({"name", "labels"}, OtherFormat("Scalabel JSON", "convert it to COCO JSON")),
    ({"metainfo", "data_list"}, OtherFormat("an annotation file of OpenMMLab", _SOURCE)),
    ({"filename", "ann"}, OtherFormat("an annotation file of MMDetection", _SOURCE)),
    ({"imgs", "anns"}, OtherFormat("an index of pycocotools", "write the dataset that it was made of")),
    ({"type", "features"}, OtherFormat("GeoJSON", _EXPORT)),
)


def other_format(values: Mapping[str, Json], *, has_annotations: bool) -> OtherFormat | None:
    """Return which other format an object without images is in, None if none is known.

    `values` are its top-level values other than sections.

    >>> other_format({"version": "5.4", "shapes": [], "imagePath": "a.jpg"}, has_annotations=False)
    OtherFormat(name='a file of LabelMe', remedy='convert the files to one COCO file')
    """
    keys: Set[str] = values.keys()
    tables = (*_WITH_ANNOTATIONS, *_BY_KEYS) if has_annotations else _BY_KEYS
    for wanted, described in tables:
        if wanted <= keys:
            return described
    if values and all(isinstance(value, dict) and "regions" in value for value in values.values()):
        return OtherFormat("VIA's own JSON", _EXPORT)
    return None
