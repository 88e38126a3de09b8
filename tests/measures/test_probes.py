"""Probes of layers: what a layer is given, two classifiers against their definitions, and when a run is probed."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy
import pandas
import pytest
import torch
from runs import recipe, trained
from torch import Tensor, nn

from rotelab.errors import Refusal
from rotelab.measures import probes
from rotelab.measures.probes import PENALTIES, Probes, features, pooled, ridge, subspace
from rotelab.models.mlp import mlp
from rotelab.randomness import stream


def test_a_layer_is_probed_by_what_it_is_given() -> None:
    images = torch.rand(5, 1, 2, 2, generator=stream("tests"))
    network = nn.Sequential(mlp((1, 2, 2), 3, [6], dropout=0.5), nn.Softmax(dim=1))
    network.train()
    pixels, hidden, logits = features(network, images, 100)
    (first, last) = (layer for layer in network.modules() if isinstance(layer, nn.Linear))
    with torch.no_grad():
        assert torch.equal(pixels, images.flatten(1))
        torch.testing.assert_close(hidden, first(pixels).relu())
        torch.testing.assert_close(logits, last(hidden))
    assert network.training and not first._forward_hooks and not first._forward_pre_hooks


def test_images_that_come_in_pieces_are_all_there(monkeypatch: pytest.MonkeyPatch) -> None:
    images, network = torch.rand(5, 1, 2, 2, generator=stream("tests")), mlp((1, 2, 2), 3, [6])
    whole = features(network, images, 100)
    monkeypatch.setattr(probes, "AT_ONCE", 2)
    for one, other in zip(features(network, images, 100), whole, strict=True):
        torch.testing.assert_close(one, other)


def test_a_layer_that_is_called_twice_counts_once() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 3)

        def forward(self, images: Tensor) -> Tensor:
            return self.layer(self.layer(images))

    points, network = torch.rand(4, 3, generator=stream("tests")), Twice()
    given, put_out = features(network, points, 100)
    assert torch.equal(given, points)
    assert torch.equal(put_out, network(points).detach())


def test_a_network_without_a_layer_is_refused() -> None:
    with pytest.raises(Refusal, match="no linear or convolutional layer"):
        features(nn.Flatten(), torch.rand(2, 1, 2, 2), 100)


def test_large_maps_are_averaged_over_places() -> None:
    maps = torch.arange(32.0).reshape(1, 2, 4, 4)
    assert pooled(maps, 32).tolist() == [maps.flatten().tolist()]
    assert pooled(maps, 8).tolist() == [[2.5, 4.5, 10.5, 12.5, 18.5, 20.5, 26.5, 28.5]]
    assert pooled(maps, 1).tolist() == [[7.5, 23.5]]


def _leave_one_out(known: numpy.ndarray, targets: numpy.ndarray, penalty: float) -> float:
    """The mean squared error on each example by a ridge with an intercept on all others."""
    errors = []
    for i in range(len(known)):
        x, y = numpy.delete(known, i, 0), numpy.delete(targets, i, 0)
        weights, mean, shift = _fitted(x, y, penalty)
        errors.append((targets[i] - shift - (known[i] - mean) @ weights) ** 2)
    return float(numpy.mean(errors))


def _fitted(x: numpy.ndarray, y: numpy.ndarray, penalty: float) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    mean, shift = x.mean(0), y.mean(0)
    gram = (x - mean).T @ (x - mean) + penalty * numpy.eye(x.shape[1])
    return numpy.linalg.solve(gram, (x - mean).T @ (y - shift)), mean, shift


def test_the_ridge_is_the_one_that_leaving_one_out_chooses() -> None:
    generator = stream("tests")
    labels = torch.arange(24) % 3
    known, tested = torch.randn(24, 4, generator=generator), torch.randn(200, 4, generator=generator)
    known[:, 0] += labels
    x = known.double().numpy()
    mean, deviation = x.mean(0), x.std(0)
    x, new = (x - mean) / deviation, (tested.double().numpy() - mean) / deviation
    targets = 2.0 * numpy.eye(3)[labels.numpy()] - 1
    errors = [_leave_one_out(x, targets, penalty) for penalty in PENALTIES]
    weights, middle, shift = _fitted(x, targets, PENALTIES[int(numpy.argmin(errors))])
    wanted = (shift + (new - middle) @ weights).argmax(1)
    assert 0 < int(numpy.argmin(errors)) < len(PENALTIES) - 1
    assert ridge(known, labels, tested).tolist() == wanted.tolist()


def test_the_subspace_of_the_least_angle() -> None:
    """Classes along two axes and in a plane, from the origin: neither length nor sign counts."""
    known = torch.tensor([[1.0, 0, 0, 0], [-2, 0, 0, 0], [0, 1, 0, 0], [0, 3, 0, 0], [0, 0, 1, 1], [0, 0, 1, -1]])
    labels = torch.tensor([4, 4, 7, 7, 9, 9])
    tested = torch.tensor([[-5.0, 1, 0, 0], [0.1, 0.2, 0, 0], [1, 1, 1, 1], [1, 0, 0.9, 0], [0.8, 0, 0.6, 0.6]])
    assert subspace(known, labels, tested).tolist() == [4, 7, 9, 4, 9]


@pytest.mark.parametrize(("second", "count"), [(0.5, 1), (2.0, 2)])
def test_a_subspace_has_few_directions(second: float, count: int) -> None:
    """100 of 100.25 squares are held by one, 100 of 104 are too few."""
    assert probes._directions(torch.tensor([[10.0, 0, 0], [0, second, 0]]).double()).shape == (3, count)


def test_a_run_is_probed_when_it_is_due_and_keeps_its_weights(tmp_path: Path) -> None:
    (tmp_path / "unmeasured").mkdir()
    made = recipe(network=partial(mlp, widths=[8]), measures=[Probes([0, 2], fitted=6, tested=4, features=64)])
    outcome, other = trained(made, tmp_path), trained(replace(made, measures=[]), tmp_path / "unmeasured")
    for one, same in zip(outcome.network.parameters(), other.network.parameters(), strict=True):
        assert torch.equal(one, same)
    curve = pandas.read_csv(tmp_path / "curve.csv")
    of = curve[curve.metric.str.contains("ridge|subspace") | (curve.split == "probed")]
    assert set(of.epoch) == {0, 2, 4}
    names = {
        f"{probe}_{fit}/layer_{i}" for probe in ("ridge", "subspace") for fit in ("fresh", "train") for i in (0, 1, 2)
    }
    assert set(of.metric + "/" + of.split) == {*names, "accuracy/probed"}
    pixels = of[(of.split == "layer_0")].groupby("metric").value
    assert (pixels.nunique() == 1).all(), "training does not change the images"
    assert {round(4 * value, 6) % 1 for value in of.value} == {0}, "four images are tested"


def test_without_an_image_left_to_test_it_refuses(tmp_path: Path) -> None:
    made = recipe(network=partial(mlp, widths=[8]), measures=[Probes([], fitted=12, tested=4, features=64)])
    with pytest.raises(Refusal, match="12 held-out images: probes are fitted on 12"):
        trained(made, tmp_path)
