"""Planted errors of nearly every kind are found, and clean documents stay clean."""

from pathlib import Path

from tests.reference.planting import KINDS, measure
from tests.support.sets import slow

#: The data alone does not show these.
UNSEEN = {"left_and_right_swapped", "two_classes_swapped"}


@slow
def test_nine_of_ten_planted_errors_of_each_kind_are_found(tmp_path: Path) -> None:
    outcomes, clean = measure(tmp_path, seed=5)
    missed = {f"{one.base}: {one.kind}": (one.hits, one.planted) for one in outcomes if not one.is_found}
    assert {name.partition(": ")[2] for name in missed} <= UNSEEN, missed
    assert len(KINDS) - len(UNSEEN) >= 54
    # What is left in COCO's own part is true, and said: crowds, and two labels of one object.
    noted = {
        base: [name for name, row in rows if row.get("severity") != "info"] for base, rows in clean.items()
    }
    assert {base: len(names) for base, names in noted.items() if base != "coco"} == dict.fromkeys(
        noted.keys() - {"coco"}, 0
    )
    assert len(noted["coco"]) <= 1
