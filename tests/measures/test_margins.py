"""Which of the margins stands for all, by hand."""

import numpy
import pytest
import torch

from rotelab.errors import Refusal
from rotelab.measures.margins import fifth_percentile, tenth


def test_the_tenth_part_from_below() -> None:
    assert tenth(torch.arange(40, 0, -1).double()) == 4
    assert tenth(torch.arange(1, 20).double()) == 1
    with pytest.raises(Refusal, match="9 images"):
        tenth(torch.ones(9))


@pytest.mark.parametrize("count", [1, 2, 21, 100])
def test_a_percentile_is_interpolated(count: int) -> None:
    values = torch.linspace(1, 3, count).double() ** 2
    assert fifth_percentile(values) == pytest.approx(float(numpy.percentile(values.numpy(), 5)))


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan")])
def test_one_that_is_not_positive_is_said(value: float) -> None:
    for which in (tenth, fifth_percentile):
        with pytest.raises(Refusal, match="has to be positive"):
            which(torch.full((20,), value))
