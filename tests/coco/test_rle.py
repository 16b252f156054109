import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelhouse.coco.rle import mask_pixels


def compressed(runs: list[int]) -> str:
    """rleToString of pycocotools, one to one."""
    text = ""
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        more = True
        while more:
            group = value & 0x1F
            value >>= 5
            more = value != -1 if group & 0x10 else value != 0
            text += chr((group | 0x20 if more else group) + 48)
    return text


@given(st.lists(st.lists(st.integers(0, 2**31), max_size=40), max_size=6))
def test_the_sums_are_those_of_the_runs(masks: list[list[int]]) -> None:
    assert mask_pixels([compressed(runs) for runs in masks]) == [sum(runs) for runs in masks]


@pytest.mark.parametrize("portion", [1, 7, 8, 9, 1000])
def test_the_sums_are_the_same_in_portions_of_any_size(
    portion: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    masks = [[n, 100 * n, 3, 2, 1] for n in range(50)]
    monkeypatch.setattr("labelhouse.coco.rle.PORTION_BYTES", portion)
    texts = [*map(compressed, masks), "", "~", *map(compressed, masks)]
    sums = list(map(sum, masks))
    assert mask_pixels(texts) == [*sums, 0, None, *sums]


@pytest.mark.parametrize(
    ("counts", "pixels"),
    [("", 0), ("S66Z100000000000000000mZ2", 48 * 64), ("o", None), ("~", None), ("é", None), (" ", None)],
)
def test_known_texts(counts: str, pixels: int | None) -> None:
    assert mask_pixels([counts]) == [pixels]
    assert mask_pixels(["1", counts, "S66Z100000000000000000mZ2"]) == [1, pixels, 3072]
