"""Probits of accuracies."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from rotelab.claims.probit import probit


def test_it_is_the_inverse_of_the_normal_distribution() -> None:
    assert probit(numpy.array([0.5, 0.9])).tolist() == pytest.approx([0, 1.2815516])
    assert probit(numpy.array([0.0, 1.0])).tolist() == pytest.approx([-3.2905267, 3.2905267])


@given(st.floats(0.001, 0.999))
def test_and_back(accuracy: float) -> None:
    assert norm.cdf(probit(numpy.array([accuracy])))[0] == pytest.approx(accuracy)


def test_what_is_no_accuracy_is_refused() -> None:
    for value in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match=r"\[0, 1\]"):
            probit(numpy.array([value]))
