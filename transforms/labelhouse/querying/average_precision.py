"""AP and AR of predictions against labels, as pycocotools computes them.

It reads labels and predictions by class and image. It holds the numbers of one image, and of one class 26
bytes a prediction, where pycocotools holds everything as Python objects.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import itemgetter

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint64]

_THRESHOLDS = np.linspace(0.5, 0.95, 10)
_RECALLS = np.linspace(0.0, 1.0, 101)
_MEDIUM, _LARGE = 32.0**2, 96.0**2
BATCH_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Number:
    """One number that pycocotools prints: of what sizes, threshold and how many predictions an image."""

    is_precision: bool
    area: int = 0
    most: int = 100
    threshold: int | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How one kind of predictions is evaluated: the ranges of areas, and the numbers in their order."""

    areas: Floats
    numbers: Mapping[str, Number]
    most: int
    """Predictions of an image and class that count, those of the highest scores."""

    @property
    def bits(self) -> Bits:
        """One bit for each area and threshold."""
        shape = (len(self.areas), len(_THRESHOLDS))
        return (np.uint64(1) << np.arange(shape[0] * shape[1], dtype=np.uint64)).reshape(shape)


DETECTION = Evaluation(
    np.array([[0, 1e10], [0, _MEDIUM], [_MEDIUM, _LARGE], [_LARGE, 1e10]], dtype=np.float64),
    {
        "AP": Number(True),
        "AP50": Number(True, threshold=0),
        "AP75": Number(True, threshold=5),
        "AP_small": Number(True, area=1),
        "AP_medium": Number(True, area=2),
        "AP_large": Number(True, area=3),
        "AR_1": Number(False, most=1),
        "AR_10": Number(False, most=10),
        "AR_100": Number(False),
        "AR_small": Number(False, area=1),
        "AR_medium": Number(False, area=2),
        "AR_large": Number(False, area=3),
    },
    most=100,
)
"""For boxes and masks."""
KEYPOINTS = Evaluation(
    np.array([[0, 1e10], [_MEDIUM, _LARGE], [_LARGE, 1e10]], dtype=np.float64),
    {
        "AP": Number(True),
        "AP50": Number(True, threshold=0),
        "AP75": Number(True, threshold=5),
        "AP_medium": Number(True, area=1),
        "AP_large": Number(True, area=2),
        "AR": Number(False),
        "AR50": Number(False, threshold=0),
        "AR75": Number(False, threshold=5),
        "AR_medium": Number(False, area=1),
        "AR_large": Number(False, area=2),
    },
    most=20,
)
"""For keypoints."""


@dataclass(frozen=True, slots=True)
class AveragePrecision:
    """AP and AR over all classes, and by class; null where there are no labels of the kind."""

    kind: str
    """bbox, segm or keypoints."""
    total: Mapping[str, float | None]
    classes: Mapping[str, Mapping[str, float | None]]


@dataclass(slots=True)
class ImageClass:
    """The labels and predictions of one image and class, in the order in which they are matched."""

    overlaps: Floats
    """The overlap of each prediction with each label."""
    areas: Floats
    is_ignored: Flags
    is_crowd: Flags
    has_no_number: Flags
    prediction_areas: Floats
    scores: Floats


@dataclass(slots=True)
class _ClassResults:
    """What has been matched in the images of one class; flags are bits, one an area and threshold."""

    counted_labels: npt.NDArray[np.int64]
    scores: list[Floats] = field(default_factory=list)
    ranks: list[npt.NDArray[np.uint8]] = field(default_factory=list)
    right: list[Bits] = field(default_factory=list)
    ignored: list[Bits] = field(default_factory=list)


def average_precision(
    kind: str,
    evaluation: Evaluation,
    reader: pa.RecordBatchReader,
    measure: Callable[[pa.Table], ImageClass],
) -> AveragePrecision:
    """Return AP and AR; `reader` yields rows by class and image, which `measure` turns into overlaps."""
    names = list(evaluation.numbers)
    by_class: dict[str, Floats] = {}
    for category, images in groupby(_groups(reader), key=itemgetter(0)):
        results = _ClassResults(np.zeros(len(evaluation.areas), np.int64))
        for _, rows in images:
            _add_image(evaluation, results, measure(rows))
        by_class[category] = _numbers(evaluation, results)
    every = np.array([np.full(len(names), np.nan), *by_class.values()])
    is_there = ~np.isnan(every)
    counts = is_there.sum(axis=0)
    sums = np.where(is_there, every, 0).sum(axis=0)
    total = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return AveragePrecision(
        kind,
        _named(names, total),
        {category: _named(names, values) for category, values in by_class.items()},
    )


def _groups(reader: pa.RecordBatchReader) -> Iterator[tuple[str, pa.Table]]:
    """Yield the rows of each class and image, which may begin in one batch and end in a later one."""
    waiting: pa.Table | None = None
    for batch in reader:
        table = pa.Table.from_batches([batch])
        if not table.num_rows:
            continue
        if waiting is not None:
            table = pa.concat_tables([waiting, table])
        images = table["image"].to_numpy()
        categories = table["category"].combine_chunks().dictionary_encode()
        codes = categories.indices.to_numpy()
        starts = np.flatnonzero((np.diff(images) != 0) | (np.diff(codes) != 0)) + 1
        bounds = [0, *starts.tolist()]
        names = categories.dictionary.to_pylist()
        for start, end in pairwise(bounds):
            yield names[codes[start]], table.slice(start, end - start)
        waiting = table.slice(bounds[-1]).combine_chunks()
    if waiting is not None:
        yield waiting["category"][0].as_py(), waiting


def _add_image(evaluation: Evaluation, results: _ClassResults, image: ImageClass) -> None:
    """Match the predictions of an image, the highest score first, at all areas and thresholds at once."""
    low, high = evaluation.areas[:, :1], evaluation.areas[:, 1:]
    is_ignored = image.is_ignored | (image.areas < low) | (image.areas > high)
    results.counted_labels += (~is_ignored).sum(axis=1)
    count = len(image.scores)
    if not count:
        return
    right, ignored = _matched(evaluation, image, is_ignored)
    results.scores.append(image.scores)
    results.ranks.append(np.arange(count, dtype=np.uint8))
    results.right.append(right)
    results.ignored.append(ignored)


def _matched(evaluation: Evaluation, image: ImageClass, is_ignored: Flags) -> tuple[Bits, Bits]:
    """Return the areas and thresholds, as bits, where each prediction is right, and where it is ignored."""
    bits = evaluation.bits
    least = np.minimum(_THRESHOLDS, 1 - 1e-10)
    labels = len(image.areas)
    is_free = np.ones((*bits.shape, labels), bool)
    kept, left = ~is_ignored[:, None, :], is_ignored[:, None, :]
    indices = np.indices(bits.shape)
    areas: npt.NDArray[np.int_] = np.asarray(indices[0])
    thresholds: npt.NDArray[np.int_] = np.asarray(indices[1])
    is_outside = (image.prediction_areas[:, None] < evaluation.areas[:, 0]) | (
        image.prediction_areas[:, None] > evaluation.areas[:, 1]
    )
    rights = np.zeros(len(image.scores), np.uint64)
    ignoreds = np.zeros(len(image.scores), np.uint64)
    for row, overlaps in enumerate(image.overlaps):
        outside = np.broadcast_to(is_outside[row][:, None], bits.shape)
        if not labels or overlaps.max() < least[0]:
            ignoreds[row] = bits[outside].sum()
            continue
        over = overlaps >= least[:, None]
        # Labels that count come before those that are ignored; of equal ones, the last is taken.
        first, has_first = _best(over & is_free & kept, overlaps)
        second, has_second = _best(over & (is_free | image.is_crowd) & left, overlaps)
        label: npt.NDArray[np.intp] = np.where(has_first, first, second)
        is_matched = has_first | has_second
        is_free[areas[is_matched], thresholds[is_matched], label[is_matched]] = False
        # pycocotools takes the number 0 of a matched label for no match.
        is_right = is_matched & ~image.has_no_number[label]
        rights[row] = bits[is_right].sum()
        ignoreds[row] = bits[(is_matched & is_ignored[areas, label]) | (~is_right & outside)].sum()
    return rights, ignoreds


def _best(is_candidate: Flags, overlaps: Floats) -> tuple[npt.NDArray[np.intp], Flags]:
    """Return the best label for each area and threshold (of equal ones the last), and if there is one."""
    values: Floats = np.where(is_candidate, overlaps, -1.0)[..., ::-1]
    last: npt.NDArray[np.intp] = np.asarray(values.argmax(axis=-1))
    return overlaps.size - 1 - last, np.asarray(is_candidate.any(axis=-1))


def _numbers(evaluation: Evaluation, results: _ClassResults) -> Floats:
    """Return the numbers of a class; NaN where it has no labels of the kind."""
    scores = np.concatenate([np.zeros(0), *results.scores])
    order = np.argsort(-scores, kind="stable")
    ranks = np.concatenate([np.zeros(0, np.uint8), *results.ranks])[order]
    right = np.concatenate([np.zeros(0, np.uint64), *results.right])[order]
    ignored = np.concatenate([np.zeros(0, np.uint64), *results.ignored])[order]
    curves: dict[tuple[int, int], tuple[Floats, Floats]] = {}
    for number in evaluation.numbers.values():
        key = number.area, number.most
        labels = int(results.counted_labels[number.area])
        if labels and key not in curves:
            chosen = ranks < number.most
            bits = evaluation.bits[number.area]
            pairs = [_curve((right[chosen] & b) > 0, (ignored[chosen] & b) > 0, labels) for b in bits]
            precisions, recalls = zip(*pairs, strict=True)
            curves[key] = np.array(precisions), np.array(recalls)
    return np.array([_number(number, curves) for number in evaluation.numbers.values()])


def _number(number: Number, curves: Mapping[tuple[int, int], tuple[Floats, Floats]]) -> float:
    if (number.area, number.most) not in curves:
        return np.nan
    precisions, recalls = curves[number.area, number.most]
    values = precisions if number.is_precision else recalls
    return float(values.mean() if number.threshold is None else values[number.threshold])


def _curve(is_right: Flags, is_ignored: Flags, labels: int) -> tuple[float, float]:
    """Return the mean precision over 101 recalls, and the recall of all predictions."""
    right = np.cumsum(is_right & ~is_ignored).astype(np.float64)
    wrong = np.cumsum(~is_right & ~is_ignored).astype(np.float64)
    if not right.size:
        return 0.0, 0.0
    recall = right / labels
    precision = right / (wrong + right + np.spacing(1))
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(recall, _RECALLS, side="left")
    at_recalls = np.concatenate([precision, [0.0]])[np.minimum(places, precision.size)]
    return float(at_recalls.mean()), float(recall[-1])


def _named(names: Sequence[str], numbers: Floats) -> dict[str, float | None]:
    return {
        name: None if np.isnan(number) else float(number)
        for name, number in zip(names, numbers.tolist(), strict=True)
    }
