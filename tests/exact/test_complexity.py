"""What training fits of random signs: everything, nothing but the sign of their sum, or what is by hand."""

from functools import partial

import pytest
import torch
from torch import nn

from rotelab import randomness
from rotelab.exact.complexity import fit, rademacher, random_signs
from rotelab.models.mlp import mlp

LINEAR = partial(mlp, widths=[])


class Constant(nn.Module):
    """The same number for every image, which can be learned."""

    def __init__(self, image_shape: tuple[int, int, int], outputs: int) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.randn(outputs))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.value.expand(len(images), -1)


def points(count: int, dimensions: int) -> torch.Tensor:
    generator = randomness.stream("test", count, dimensions)
    return torch.randn(count, 1, 1, dimensions, generator=generator, dtype=torch.float64)


def signs(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def test_a_network_that_can_fit_everything_has_complexity_one() -> None:
    found = rademacher(partial(mlp, widths=[32]), points(12, 6), randomness.stream("draws"), 5)
    assert found == (1, 1, 1, (1, 1, 1, 1, 1))


def test_a_constant_has_the_complexity_of_a_random_walk() -> None:
    """The best constant correlates with |sum of signs| / n, some sqrt(2 / (pi n)): 0.04 for 400 signs."""
    found = rademacher(Constant, points(400, 1), randomness.stream("draws"), 20)
    drawn = random_signs(20, 400, randomness.stream("draws"))
    assert found.draws == pytest.approx(drawn.mean(1).abs().tolist())
    assert 0 < found.mean < 0.1
    assert found.low < found.mean < found.high
    half = 2.093 * torch.tensor(found.draws).std() / 20**0.5  # Student's t of 19 degrees of freedom
    assert found.high - found.mean == pytest.approx(float(half), rel=1e-3)


def test_a_linear_model_is_between() -> None:
    few, many = (rademacher(LINEAR, points(n, 5), randomness.stream("draws"), 5).mean for n in (6, 200))
    assert few == 1
    assert 0.1 < many < 0.4


def test_three_signs_on_a_line_by_hand() -> None:
    """A threshold on a line gets two of + - + right, and all of + + -."""
    line = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64).reshape(3, 1, 1, 1)
    assert fit(LINEAR, line, signs(1, -1, 1), randomness.stream("a")) == pytest.approx(1 / 3)
    assert fit(LINEAR, line, signs(1, 1, -1), randomness.stream("a")) == 1


def test_an_output_of_zero_counts_as_minus_one() -> None:
    class Zero(Constant):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return super().forward(images) * 0

    assert fit(Zero, points(4, 1), signs(1, -1, -1, -1), randomness.stream("a")) == 0.5


def test_more_starts_find_what_one_did_not() -> None:
    """Networks of two ReLUs, many of which start dead."""
    images, sigma = points(8, 2), random_signs(1, 8, randomness.stream("sigma"))[0]
    narrow = partial(mlp, widths=[2])
    one, six = (
        [fit(narrow, images, sigma, randomness.stream("a", seed), starts) for seed in range(6)] for starts in (1, 6)
    )
    assert all(many >= few for few, many in zip(one, six, strict=True))
    assert sum(six) > sum(one)


def test_nothing_but_the_generator_matters_and_nothing_outside_changes() -> None:
    images = points(40, 3)
    torch.manual_seed(1)
    state = torch.random.get_rng_state()
    one = rademacher(LINEAR, images, randomness.stream("a"), 3)
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(2)
    assert rademacher(LINEAR, images, randomness.stream("a"), 3) == one
    assert rademacher(LINEAR, images, randomness.stream("b"), 3) != one


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"not 0\.5"):
        fit(LINEAR, points(2, 1), signs(1, 0.5), randomness.stream("a"))
    with pytest.raises(ValueError, match="not 0"):
        fit(LINEAR, points(2, 1), signs(1, -1), randomness.stream("a"), 0)
    with pytest.raises(ValueError, match="not 1"):
        rademacher(LINEAR, points(2, 1), randomness.stream("a"), 1)
