"""The noise that weights stand: of a classifier whose accuracy under noise is known in closed form."""

from math import log2
from statistics import NormalDist

import pytest
import torch
from torch import nn

from rotelab.errors import Refusal
from rotelab.measures.folding import fold
from rotelab.measures.sharpness import HONEST, PUBLIC, Deviation, Trial, scale

IMAGES, LABELS = torch.tensor([[1.0]]).repeat(10, 1), torch.zeros(10, dtype=torch.int64)
RIGHT = torch.ones(10, dtype=torch.bool)


def classifier() -> nn.Sequential:
    """Logits 1 and 0: with noise of deviation s on both weights the first falls below with P(N(0, 2 s^2) < -1)."""
    network = nn.Sequential(nn.Linear(1, 2, bias=False))
    network[0].weight.data = torch.tensor([[1.0], [0.0]])
    return network


EXPECTED = -1 / (2**0.5 * NormalDist().inv_cdf(0.1))


def fall(draws: int, deviation: Deviation, s: float) -> float:
    """The mean fall of the accuracy of the classifier."""
    folded = fold(classifier(), IMAGES[:1])
    return Trial(draws, least=1).fall(folded, IMAGES, LABELS, RIGHT, lambda p: deviation(s, p))


def test_the_closed_form() -> None:
    assert fall(400, HONEST["sigma"], EXPECTED) == pytest.approx(0.1, abs=0.045)  # three standard errors


@pytest.mark.slow
def test_the_closed_form_is_found() -> None:
    assert scale(lambda s: fall(1500, HONEST["sigma"], s)) == pytest.approx(EXPECTED, rel=0.1)


def test_the_public_one_is_the_root() -> None:
    assert 0 < fall(40, PUBLIC["sigma"], 0.9) == fall(40, HONEST["sigma"], 0.81)


def test_magnitudes_have_the_deviation_that_is_said() -> None:
    assert HONEST["mag_sigma"](0.5, torch.tensor(3.0)) == pytest.approx((2.25 + 1e-6) ** 0.5)
    assert PUBLIC["mag_sigma"](0.5, torch.tensor(3.0)) == pytest.approx(2.25 + 1e-6)


@pytest.mark.parametrize("at", [3e-5, 0.004, 0.05, 0.3, 7.0])
def test_the_search_finds_a_scale_from_above_and_below(at: float) -> None:
    assert scale(lambda s: 0.1 * s / at) == pytest.approx(at, rel=0.011)


@pytest.mark.parametrize("at", [0.004, 0.05, 0.3])
def test_a_smooth_fall_takes_few_looks(at: float) -> None:
    """Steps of a factor of 2 and at most four more: a bisection would take seven. None is taken twice."""
    looks: list[float] = []

    def smooth(s: float) -> float:
        looks.append(s)
        return 0.9 / (1 + 8 * (at / s) ** 2)

    assert scale(smooth) == pytest.approx(at, rel=0.011)
    assert len(set(looks)) == len(looks) <= 2 + abs(log2(at / 0.05)) + 4


def test_what_is_never_and_always_reached_is_refused() -> None:
    with pytest.raises(Refusal, match="no noise up to"):
        scale(lambda s: 0.0)
    with pytest.raises(Refusal, match="already"):
        scale(lambda s: 1.0)


def test_draws_look_at_all_images_in_turn() -> None:
    """Of 8 images the last is always wrong under noise: each of four draws sees two, and one of them that one."""
    images = torch.cat([torch.zeros(7, 1), torch.ones(1, 1)])
    layer = nn.Linear(1, 2)
    layer.weight.data, layer.bias.data = torch.zeros(2, 1), torch.tensor([100.0, 0.0])
    network = nn.Sequential(layer)
    right = torch.ones(8, dtype=torch.bool)
    falls = Trial(draws=4, least=1).fall(
        fold(network, images[:1]), images, torch.tensor([0] * 7 + [1]), right, lambda p: 0.0
    )
    assert falls == 1 / 8
