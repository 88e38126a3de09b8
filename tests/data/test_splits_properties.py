"""Slices are sets of numbers: what is said of any of them agrees with the sets."""

from itertools import combinations, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rotelab.data.splits import NAMES, Slice, cuts, parse, too_large
from rotelab.errors import InputError

SIZE = 40
"""Of a part; slices end at most here, so that a set of numbers tells two of them apart."""


@st.composite
def slices(draw: st.DrawFn, parts: tuple[str, ...] = ("train", "test")) -> Slice:
    start = draw(st.integers(0, SIZE - 1))
    stop = draw(st.none() | st.integers(start + 1, SIZE))
    return Slice(draw(st.sampled_from(parts)), start, stop)


def images(piece: Slice, size: int = SIZE) -> set[tuple[str, int]]:
    """What a slice holds of parts of that size, by counting."""
    return {(piece.part, number) for number in range(size)[piece.of({"train": size, "test": size})]}


@given(slices(parts=("train", "test", "all_2")), st.sampled_from(["{}", " {} ", "{:>30}"]))
def test_what_is_printed_is_read_again(piece: Slice, written: str) -> None:
    assert Slice.parse(written.format(str(piece))) == piece


@given(slices(), st.integers(SIZE, 2 * SIZE))
def test_a_slice_is_as_long_as_it_says(piece: Slice, size: int) -> None:
    stop = size if piece.stop is None else piece.stop
    assert len(images(piece, size)) == stop - piece.start > 0


@given(slices(), st.integers(1, SIZE))
def test_a_slice_fits_or_is_refused(piece: Slice, size: int) -> None:
    fits = piece.start < size and (piece.stop is None or piece.stop <= size)
    if fits:
        assert max(images(piece, size))[1] < size
    else:
        with pytest.raises(InputError, match="beyond the data"):
            piece.of({"train": size, "test": size})


@given(slices(), slices())
def test_two_overlap_where_they_share_an_image(a: Slice, b: Slice) -> None:
    assert a.overlaps(b) == b.overlaps(a) == bool(images(a) & images(b))


@given(st.tuples(slices(), slices(), slices()))
def test_a_split_is_read_where_no_two_share_an_image(pieces: tuple[Slice, ...]) -> None:
    texts = dict(zip(NAMES, map(str, pieces), strict=True))
    if any(images(a) & images(b) for a, b in combinations(pieces, 2)):
        with pytest.raises(InputError, match="overlap"):
            parse(texts)
    else:
        assert tuple(parse(texts).values()) == pieces


@given(st.lists(st.integers(1, SIZE - 1), min_size=1, max_size=5, unique=True))
def test_cuts_leave_nothing_out_and_take_nothing_twice(cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), None]
    pieces = parse({str(a): str(Slice("train", a or 0, b)) for a, b in pairwise(bounds)})
    held = [number for piece in pieces.values() for _, number in sorted(images(piece))]
    assert held == list(range(SIZE))


@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, SIZE))
def test_the_size_that_is_said_to_fit_is_the_largest(first: int, second: int, available: int) -> None:
    """Slices of ``first n`` and ``second n`` images that follow one another."""

    def of_size(n: int) -> dict[str, str]:
        return {"train": f"train[:{first * n}]", "pseudo_test": f"train[{first * n}:{(first + second) * n}]"}

    largest = available // (first + second)
    assume(largest)
    for size in (largest + 1, 10 * largest):
        said = too_large(size, of_size, lambda slices: cuts(slices, {"train": available}))
        assert said.endswith(f"at most {largest} fit")
