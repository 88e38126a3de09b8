"""The bound of Dziugaite and Roy: its parts against closed forms, and whether it holds."""

from math import exp, log, pi
from pathlib import Path

import pytest
import torch
from runs import recipe, trained
from torch import nn
from torch.distributions import Independent, Normal, kl_divergence

from rotelab.measures.folding import fold
from rotelab.measures.gaussian_posterior import GaussianPosterior, Posterior, bound, largest, optimized, right_side
from rotelab.objectives import Standard


def kl(q: float, p: float) -> float:
    return q * log(q / p) + (1 - q) * log((1 - q) / (1 - p))


@pytest.mark.parametrize("mistakes", [0.01, 0.2, 0.6])
@pytest.mark.parametrize("divergence", [1e-4, 0.1, 0.4])
def test_the_largest_error_has_this_divergence(mistakes: float, divergence: float) -> None:
    found = largest(mistakes, divergence)
    assert found > mistakes and kl(mistakes, found) == pytest.approx(divergence, abs=1e-9)


def test_the_largest_error_of_none_and_of_all() -> None:
    assert largest(0.0, 0.3) == pytest.approx(1 - exp(-0.3))
    assert largest(1.0, 0.3) == largest(0.5, 1e6) == 1
    assert largest(0.3, 0.0) == pytest.approx(0.3)


def test_the_right_side_by_hand() -> None:
    assert right_side(50.0, 10, 1001) == pytest.approx((50 + log(pi**2 * 100 * 1001 / 0.15)) / 1000)


def drawn_posterior() -> Posterior:
    draw = torch.Generator().manual_seed(0)
    shapes = {"a": (3, 2), "b": (4,)}
    made = ({name: torch.randn(shape, generator=draw) for name, shape in shapes.items()} for _ in range(3))
    return Posterior(*made)


def test_the_divergence_is_that_of_two_gaussians() -> None:
    of, variance = drawn_posterior(), 0.07
    expected = 0.0
    for name, mean in of.means.items():
        posterior = Normal(mean, of.log_deviations[name].exp())
        prior = Normal(of.initial[name], variance**0.5)
        expected += kl_divergence(Independent(posterior, mean.ndim), Independent(prior, mean.ndim)).item()
    assert of.divergence(torch.tensor(log(variance))).item() == pytest.approx(expected, rel=1e-5)


def test_what_is_drawn_has_these_moments() -> None:
    of = drawn_posterior()
    drawn = torch.stack([of.draw("here", number)["b"] for number in range(4000)])
    deviation = of.log_deviations["b"].exp()
    assert ((drawn.mean(0) - of.means["b"]).abs() < 5 * deviation / 4000**0.5).all()
    assert torch.allclose(drawn.std(0), deviation, rtol=0.06)
    assert torch.equal(of.draw("here", 3)["b"], drawn[3])


@pytest.fixture(scope="module", params=["true", "random"])
def found(request: pytest.FixtureRequest) -> tuple:
    """Two clouds, labelled by cloud or at random, and a linear network that starts from nothing."""
    draw = torch.Generator().manual_seed(1)
    labels = torch.randint(2, (6000,), generator=draw)
    images = torch.randn(6000, 5, generator=draw) + 3.0 * labels[:, None]
    if request.param == "random":
        labels = torch.randint(2, (6000,), generator=draw)
    layer = nn.Linear(5, 2)
    nn.init.zeros_(layer.weight)
    network = nn.Sequential(layer)
    folded, sets = fold(network, images[:1]), {}
    sets["train"], sets["held_out"] = (images[:1000], labels[:1000]), (images[1000:], labels[1000:])
    state = torch.random.get_rng_state()
    posterior, log_variance = optimized(folded, folded.parameters(), sets["train"], 500, 100, 0.02)
    made = bound(posterior, log_variance, folded, sets, 300)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert not layer.weight.any()
    return request.param, posterior, log_variance, made, folded, sets


def test_the_bound_holds_and_is_not_vacuous(found: tuple) -> None:
    labels, _, _, made, _, _ = found
    assert max(made.mistakes.values()) < made.error
    if labels == "true":
        assert made.mistakes["train"] < 0.03 and made.error < 0.14
    else:
        assert 0.5 < made.error < 0.72 and made.mistakes["held_out"] == pytest.approx(0.5, abs=0.03)


def test_the_priors_variance_is_one_of_the_union(found: tuple) -> None:
    _, posterior, log_variance, made, _, _ = found
    place = 100 * log(0.1 / made.variance)
    assert place == pytest.approx(round(place), abs=1e-6) and place >= 0.99
    assert log(made.variance) == pytest.approx(log_variance, abs=0.021)
    assert made.divergence == pytest.approx(posterior.divergence(torch.tensor(log(made.variance))).item(), rel=1e-4)


def test_descent_makes_it_smaller(found: tuple) -> None:
    _, _, _, made, folded, sets = found
    start = bound(*optimized(folded, folded.parameters(), sets["train"], 0, 100, 0.02), folded, sets, 100)
    assert made.error < start.error


def test_a_run_measures_it(tmp_path: Path) -> None:
    of = recipe(measures=[GaussianPosterior(3, 100, 0.01, 5)], objective=Standard(), max_epochs=2)
    metrics = trained(of, tmp_path).metrics
    assert 0 < metrics["posterior/error_bound"] <= 1 and metrics["posterior/divergence"] > 0
    assert {name for name in metrics if name.startswith("posterior_mistakes/")} == {
        "posterior_mistakes/train",
        "posterior_mistakes/held_out",
    }
