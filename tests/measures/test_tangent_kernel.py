"""The empirical tangent kernel against neural-tangents' values, and blocks against the whole."""

import numpy
import pytest
import torch
from torch import nn

from rotelab.errors import Refusal
from rotelab.measures.tangent_kernel import tangent_kernel

GENERATOR = numpy.random.default_rng(607)
DRAWN = {
    name: torch.tensor(GENERATOR.standard_normal(shape))
    for name, shape in {"0.weight": (5, 6), "0.bias": 5, "2.weight": (2, 5), "2.bias": 2}.items()
}
POINTS = torch.tensor(numpy.random.default_rng(606).standard_normal((7, 6)))


def network() -> nn.Sequential:
    made = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 2)).double()
    made.load_state_dict({name: (0.1 if "bias" in name else 1) * of for name, of in DRAWN.items()})
    return made


@pytest.mark.parametrize("numbers", [2**26, 3 * 47, 1])
def test_it_is_that_of_neural_tangents_whatever_the_blocks(numbers: int) -> None:
    kernel = tangent_kernel(network(), POINTS, numbers=numbers)
    assert kernel[0, :4].tolist() == pytest.approx([54.20442889, 5.60826183, 6.89202598, -0.79035182], abs=1e-6)
    assert torch.allclose(tangent_kernel(network(), POINTS[:3], POINTS, numbers), kernel[:3])


def test_frozen_weights_are_no_part_of_it_and_nothing_changes() -> None:
    made = network().train()
    for parameter in made[0].parameters():
        parameter.requires_grad_(False)
    hidden = made[:2](POINTS)
    assert tangent_kernel(made, POINTS).numpy() == pytest.approx((hidden @ hidden.T + 1).detach().numpy())
    assert made.training
    assert all(parameter.grad is None for parameter in made.parameters())
    for parameter in made.parameters():
        parameter.requires_grad_(False)
    with pytest.raises(Refusal, match="no parameter"):
        tangent_kernel(made, POINTS)
