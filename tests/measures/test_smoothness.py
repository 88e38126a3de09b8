"""Slopes and Lipschitz bounds: exact of a linear map, in the right order of any network."""

from dataclasses import replace
from functools import partial
from math import prod
from pathlib import Path

import pandas
import pytest
import torch
from curved import curved
from runs import recipe, trained
from torch import nn

from rotelab.data import labels
from rotelab.data.module import Preparation
from rotelab.errors import Notice, Refusal
from rotelab.measures.smoothness import Smoothness, jacobian_norms, line_variation, lipschitz_lower, lipschitz_upper
from rotelab.models.mlp import mlp
from rotelab.randomness import stream


def images(count: int = 6) -> torch.Tensor:
    return torch.rand(count, 1, 4, 4, generator=stream("tests"), dtype=torch.float64)


def network(widths: list[int]) -> nn.Sequential:
    torch.manual_seed(0)
    return mlp((1, 4, 4), 3, widths).double()


def test_of_a_linear_map_everything_is_its_norm() -> None:
    linear = network([])
    (weight, _), x = linear.parameters(), images()
    norm = torch.linalg.matrix_norm(weight.detach(), 2).item()
    assert jacobian_norms(linear, x).tolist() == pytest.approx([norm] * 6, rel=1e-12)
    assert lipschitz_lower(linear, x, 5) == pytest.approx(norm, rel=1e-9)
    assert lipschitz_upper(linear, x) == pytest.approx(norm, rel=1e-6)
    a, b = x[:3], x[3:]
    apart = (a - b).flatten(1)
    along = (apart @ weight.detach().T).norm(dim=1) / apart.norm(dim=1)
    torch.testing.assert_close(line_variation(linear, a, b, 7), along)


def test_the_norm_is_that_of_torchs_jacobian() -> None:
    of = curved()
    of.network.train()
    slopes = [torch.autograd.functional.jacobian(of.network, image) for image in of.images]
    wanted = torch.stack([torch.linalg.matrix_norm(slope.reshape(slope.shape[0], -1), 2) for slope in slopes])
    torch.testing.assert_close(jacobian_norms(of.network, of.images).float(), wanted.float())
    assert of.network.training and not of.images.requires_grad
    assert all(value.grad is None for value in of.network.parameters())


def test_bounds_are_in_order_and_ascent_finds_more() -> None:
    relu, x = network([8]), images()
    slopes, lower, upper = jacobian_norms(relu, x).max(), lipschitz_lower(relu, x, 60), lipschitz_upper(relu, x)
    assert slopes * 1.001 < lower <= upper * (1 + 1e-9)
    assert (line_variation(relu, x[:-1], x[1:], 50) <= upper).all()


def test_more_points_see_more_of_the_way() -> None:
    relu, x = network([32]), 10 * images()
    few, many = (line_variation(relu, x[:3], x[3:], points) for points in (2, 65))
    assert (many >= few * (1 - 1e-12)).all() and (many > few * 1.001).any()


def test_a_network_that_does_not_move_is_smooth() -> None:
    flat = network([8])
    for parameter in flat.parameters():
        nn.init.zeros_(parameter)
    assert lipschitz_lower(flat, images(), 3) == 0
    assert line_variation(flat, images()[:3], images()[3:], 4).tolist() == [0, 0, 0]


def test_inputs_without_a_slope_are_refused() -> None:
    with pytest.raises(Refusal, match="int64"):
        jacobian_norms(network([]), torch.ones(2, 1, 4, 4, dtype=torch.int64))


def test_a_run_measures_at_its_end(tmp_path: Path) -> None:
    """Wrong labels apart, of the first images; it changes no weight."""
    (tmp_path / "unmeasured").mkdir()
    wrong = labels.Corruption(partial(labels.corrupted, fraction=0.5, among="wrong"), 0, ["train"])
    made = recipe(network=partial(mlp, widths=[8]), measures=[Smoothness(12, 5, 2)])
    made = replace(made, data=partial(made.data, prepare=Preparation(relabel=wrong)))
    outcome, other = trained(made, tmp_path), trained(replace(made, measures=[]), tmp_path / "unmeasured")
    assert all(
        torch.equal(*pair) for pair in zip(outcome.network.parameters(), other.network.parameters(), strict=True)
    )
    split = outcome.metrics
    of_kinds = [split[f"jacobian_norm/train_{kind}"] for kind in ("clean", "corrupted")]
    assert min(of_kinds) < split["jacobian_norm/train"] < max(of_kinds)
    assert split["greatest_jacobian_norm/train"] <= split["lipschitz_lower/train"] <= split["lipschitz_upper/train"]
    assert split["line_variation/held_out"] < split["lipschitz_upper/train"]
    assert split["law_of_robustness/train"] == pytest.approx((20 * 16 / (16 * 8 + 8 + 8 * 2 + 2)) ** 0.5)
    curve = pandas.read_csv(tmp_path / "curve.csv")
    assert set(curve[curve.metric == "jacobian_norm"].epoch) == {outcome.epochs}


def norm_first(image_shape: tuple[int, int, int], classes: int) -> nn.Sequential:
    return nn.Sequential(nn.BatchNorm2d(image_shape[0]), nn.Flatten(), nn.Linear(prod(image_shape), classes))


def test_what_cannot_be_folded_has_no_upper_bound(tmp_path: Path) -> None:
    made = recipe(network=norm_first, measures=[Smoothness(4, 3, 1)])
    with pytest.warns(Notice, match="lipschitz_upper is left out"):
        outcome = trained(made, tmp_path)
    assert "lipschitz_upper/train" not in outcome.metrics and "lipschitz_lower/train" in outcome.metrics
