"""A sample comes back from its columns to the last bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotelab.claims import written
from rotelab.claims.samples import Bounded, Exact, Mean, Sample, Unpaired, accuracies
from rotelab.claims.shares import Count, ShareDifference, Shares

FLOATS = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=9).map(tuple)
COUNTS = st.lists(
    st.integers(1, 9).flatmap(lambda of: st.builds(Count, st.integers(0, of), st.just(of))), min_size=1
).map(tuple)
SAMPLES = (
    st.builds(Exact, st.floats(-1e9, 1e9))
    | st.builds(Mean, FLOATS)
    | st.builds(Unpaired, FLOATS, FLOATS)
    | st.lists(st.floats(0, 1), min_size=1).map(accuracies)
    | st.builds(Shares, COUNTS)
    | st.builds(ShareDifference, COUNTS, COUNTS)
)


@given(SAMPLES)
def test_there_and_back(sample: Sample) -> None:
    assert written.read(written.method(sample), *sample.written()) == sample


def test_as_it_stands_in_the_table() -> None:
    ranks = Bounded((1.0, 0.5), -1.0, 1.0, 0.1)
    assert (written.method(ranks), *ranks.written()) == ("logit -1 1 0.10000000000000001", "1.0 0.5", "")
    dead = ShareDifference((Count(5, 6), Count(6, 6)), (Count(0, 6),))
    assert (written.method(dead), *dead.written()) == ("binomial difference", "5/6 6/6", "0/6")


def test_another_name_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no interval is called bootstrap"):
        written.read("bootstrap", "1 2")
