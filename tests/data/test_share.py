"""What a process computes of a batch that several share: all parts together are the batch."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rotelab.data.batches import Batches, Passes, whole
from rotelab.data.share import ALONE, Share, part
from rotelab.data.streaming import Lazy, Streamed


@given(st.integers(0, 60), st.integers(1, 9))
def test_parts_follow_one_another_and_differ_by_one_at_most(images: int, count: int) -> None:
    parts = [Share(rank, count).of(images) for rank in range(count)]
    assert [place for part in parts for place in range(images)[part]] == list(range(images))
    sizes = [part.stop - part.start for part in parts]
    assert max(sizes) - min(sizes) <= 1 and ALONE.sizes(images) == [images]
    assert all(Share(rank, count).sizes(images) == sizes for rank in range(count))


@given(st.integers(0, 50), st.integers(1, 30), st.integers(1, 12))
def test_a_batch_begins_anew_where_the_split_ends(t: int, images: int, batch_size: int) -> None:
    cut = torch.arange(images).split(batch_size)
    assert range(images)[whole(t, images, batch_size)] == range(*cut[t % len(cut)][[0, -1]].add(torch.tensor([0, 1])))


@pytest.mark.parametrize("seed", [None, (3,)])
@pytest.mark.parametrize("streamed", [False, True])
def test_shares_of_a_batch_are_the_batch(seed: tuple[int, ...] | None, streamed: bool) -> None:
    images, labels = torch.arange(23.0).reshape(23, 1, 1, 1), torch.arange(23)
    kept = Lazy(lambda number: images[number], 23) if streamed else images

    def passes(share: Share) -> Passes:
        return Passes((kept, labels), 5, seed, share)

    shares, alone = [passes(Share(rank, 3)) for rank in range(3)], passes(ALONE)
    for t in range(12):
        found = [torch.cat(both) for both in zip(*(own.batch(t) for own in shares), strict=True)]
        assert all(torch.equal(one, other) for one, other in zip(found, alone.batch(t), strict=True))


def test_pairs_are_shared_as_they_stand() -> None:
    """Image i of the pseudo-test batch beside image i of the train batch, where both are of one size."""
    both = torch.arange(14.0), torch.arange(14)
    share = Share(1, 2)
    pairs = Batches(Passes(both, 6, None, share), Passes(both, 6, None, share), lambda: 0)
    assert [train[1].tolist() for train, _ in pairs] == [[3, 4, 5], [9, 10, 11], [13]]
    assert all(torch.equal(train[1], other[1]) for train, other in pairs)


@pytest.mark.parametrize("places", [slice(0, 4), slice(3, 11), slice(10, 11)])
def test_a_part_of_what_is_read_is_read(places: slice) -> None:
    read = []

    def image(number: int) -> torch.Tensor:
        read.append(number)
        return torch.full((1, 2, 2), float(number))

    streamed = Streamed(Lazy(image, 11), lambda images: 2 * images, torch.device("cpu"), 0)
    read.clear()
    found = torch.cat([*part(streamed, places).split(3)])
    assert found[:, 0, 0, 0].tolist() == [2.0 * number for number in range(11)[places]]
    assert set(read) == set(range(11)[places])
    assert part(torch.arange(11), places)[:].tolist() == [*range(11)[places]]
