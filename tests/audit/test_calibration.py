"""Recall, precision and the share of wrong labels on scores whose truth is known."""

import numpy
import pytest

from rotelab.audit.calibration import Planted, share_of_wrong


def planted(share: float, shift: float, seed: int = 0, count: int = 4000) -> Planted:
    """A set of which a share is wrong already, beside 5 % that are planted: the scores of wrong ones are higher."""
    draw = numpy.random.default_rng(seed)
    wrong = draw.random(count) < 0.05
    hidden = ~wrong & (draw.random(count) < share)
    values = draw.normal(size=count) + shift * (wrong | hidden)
    return Planted("any", (values.argsort().argsort() + 1) / count, wrong)


def test_a_perfect_ranking() -> None:
    wrong = numpy.arange(100) < 5
    found = Planted("any", numpy.arange(100, 0, -1) / 100, wrong)
    assert found.average_precision == found.auc == 1
    assert found.recall(0.05).mean == 1 and found.recall(0.02).mean == pytest.approx(0.4)
    assert found.precision(0.1) == 0.5
    assert found.share_of_wrong().mean == 0


def test_a_ranking_by_chance() -> None:
    found = planted(0.1, 0)
    assert found.auc == pytest.approx(0.5, abs=0.05)
    assert found.recall(0.2).low < 0.2 < found.recall(0.2).high


def test_average_precision_is_that_of_its_definition() -> None:
    wrong = numpy.array([True, False, True, False])
    assert Planted("any", numpy.array([0.9, 0.8, 0.7, 0.1]), wrong).average_precision == pytest.approx((1 + 2 / 3) / 2)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_the_share_of_wrong_labels_is_within_a_factor_of_two(share: float) -> None:
    for seed in range(5):
        found = share_of_wrong([planted(share, 2.5, seed), planted(share, 2.0, seed + 100)])
        assert share / 2 < found.mean < 2 * share
        assert found.low < share < found.high


def test_of_right_labels_none_are_wrong() -> None:
    assert share_of_wrong([planted(0.0, 4.0)]).mean < 0.01


@pytest.mark.parametrize("seed", [1, 2])
def test_the_most_suspicious_few_do_not_decide_the_share(seed: int) -> None:
    """What was planted is easier to tell than the tenth that is wrong: the head of the list has hardly any of that."""
    draw = numpy.random.default_rng(seed)
    wrong = draw.random(4000) < 0.05
    hidden = ~wrong & (draw.random(4000) < 0.1)
    values = draw.normal(size=4000) + 4.5 * wrong + 4 * hidden
    found = Planted("any", (values.argsort().argsort() + 1) / 4000, wrong).share_of_wrong()
    assert 0.04 < found.mean < 0.1
