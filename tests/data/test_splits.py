"""Slices are read, compared with one another, and applied to data."""

import pytest

from rotelab.data.splits import NAMES, Slice, check_names, cuts, parse, too_large
from rotelab.errors import InputError

SIZES = {"train": 100, "test": 50}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("train", Slice("train", 0, None)),
        ("train[:]", Slice("train", 0, None)),
        ("train[:60]", Slice("train", 0, 60)),
        ("train[60:]", Slice("train", 60, None)),
        ("train[20:60]", Slice("train", 20, 60)),
        (" train [ 20 : 60 ] ", Slice("train", 20, 60)),
    ],
)
def test_forms(text: str, expected: Slice) -> None:
    assert Slice.parse(text) == expected
    assert Slice.parse(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "[:5]", "train[-5:]", "train[:-5]", "train[::2]", "train[5]", "train[]", "train[:5", "train[a:]", "a b[:"],
)
def test_what_is_no_slice(text: str) -> None:
    with pytest.raises(InputError, match="is not a slice"):
        Slice.parse(text)


@pytest.mark.parametrize("text", ["train[:0]", "train[5:5]", "train[6:5]"])
def test_empty(text: str) -> None:
    with pytest.raises(InputError, match=r"train\[\d:\d\] is empty"):
        Slice.parse(text)


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ("train[:10]", "train[10:20]", False),
        ("train[:11]", "train[10:20]", True),
        ("train[:10]", "train[10:]", False),
        ("train[:10]", "train[9:]", True),
        ("train", "train[90:]", True),
        ("train", "test", False),
        ("train[:10]", "test[:10]", False),
        ("train[5:6]", "train[:100]", True),
    ],
)
def test_overlap(first: str, second: str, overlap: bool) -> None:
    a, b = Slice.parse(first), Slice.parse(second)
    assert a.overlaps(b) == b.overlaps(a) == overlap
    if overlap:
        with pytest.raises(InputError, match=r"held_out = .* and train = .* overlap"):
            parse({"held_out": first, "pseudo_test": "other", "train": second})
    else:
        assert parse({"held_out": first, "train": second}) == {"held_out": a, "train": b}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("train", slice(0, 100)),
        ("test", slice(0, 50)),
        ("test[:50]", slice(0, 50)),
        ("train[99:]", slice(99, 100)),
        ("train[20:60]", slice(20, 60)),
    ],
)
def test_of_a_size(text: str, expected: slice) -> None:
    assert Slice.parse(text).of(SIZES) == expected


@pytest.mark.parametrize("text", ["test[:51]", "test[50:]", "test[60:]", "test[49:51]"])
def test_beyond_the_data(text: str) -> None:
    with pytest.raises(InputError, match="beyond the data: 'test' holds 50 images"):
        Slice.parse(text).of(SIZES)


@pytest.mark.parametrize(
    ("split", "size", "fitting"),
    [
        ({"train": "train[:{n}]", "pseudo_test": "test[:{n}]"}, 900, 50),
        ({"train": "train[:{n}]", "pseudo_test": "train[{n}:{m}]"}, 51, 50),
        ({"train": "train[:{n}]", "held_out": "train[{n}:]"}, 100, 99),
        ({"train": "train[:{n}]", "pseudo_test": "test[:50]"}, 101, 100),
        ({"train": "train[500:1500]", "pseudo_test": "test"}, 640, None),
        ({"train": "train[:{n}]", "pseudo_test": "test[:51]"}, 640, None),
        ({"train": "all[:{n}]"}, 640, None),
    ],
)
def test_the_largest_size_that_fits_is_said(split: dict[str, str], size: int, fitting: int | None) -> None:
    def of_size(n: int) -> dict[str, str]:
        return {name: text.format(n=n, m=2 * n) for name, text in split.items()}

    expected = f"data.size = {size} is too large: at most {fitting} fit" if fitting else ""
    assert too_large(size, of_size, lambda slices: cuts(slices, SIZES)) == expected


def test_a_part_that_is_not_there() -> None:
    with pytest.raises(InputError, match="no part 'all'; there are 'train', 'test'"):
        Slice.parse("all[:5]").of(SIZES)


@pytest.mark.parametrize("split", [None, {}, dict.fromkeys(NAMES[:2], "all"), dict.fromkeys([*NAMES, "other"], "all")])
def test_a_split_names_all_three_and_nothing_else(split: object) -> None:
    with pytest.raises(InputError, match="has to name train, pseudo_test, held_out"):
        check_names(split)
    check_names(dict.fromkeys(NAMES, "all"))
