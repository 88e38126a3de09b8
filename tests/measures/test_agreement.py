"""Whose gradients agree with the others': explicit cosines, and whether those are learned next."""

from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas
import pytest
import torch
from lightning import Callback, Trainer
from runs import recipe, trained
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, cross_entropy
from torch.optim import Adam

from rotelab.data import labels
from rotelab.data.module import Preparation
from rotelab.measures.agreement import Agreement, agreement, told_apart
from rotelab.measures.per_example import Gradients
from rotelab.models.mlp import mlp
from rotelab.objectives import Standard
from rotelab.randomness import stream
from rotelab.spacing import due
from rotelab.training.learner import Learner
from rotelab.training.recipe import Recipe
from rotelab.training.run import assemble


class Copies(Callback):
    """Keeps the network as it is before training and after every epoch."""

    def __init__(self) -> None:
        self.networks: list[nn.Module] = []

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        self.networks.append(deepcopy(learner.network))

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self.networks.append(deepcopy(learner.network))


def of(vectors: Tensor) -> Tensor:
    """The agreement of the rows, of which the first weight is a layer and the others another."""
    parts = {"a": vectors[:, :1], "b": vectors[:, 1:]}
    found = Gradients(
        {name: part.sum(dim=0) for name, part in parts.items()},
        {name: part.square().sum(dim=1) for name, part in parts.items()},
    )
    return agreement(found, vectors @ vectors.sum(dim=0))


def by_hand(vectors: Tensor) -> Tensor:
    rows = range(len(vectors))
    others = torch.stack([vectors[[n for n in rows if n != row]].sum(dim=0) for row in rows])
    return cosine_similarity(vectors.double(), others.double(), dim=1)


def vectors(network: nn.Module, images: Tensor, targets: Tensor) -> Tensor:
    """The gradient of every example."""
    losses, weights = cross_entropy(network(images), targets, reduction="none"), list(network.parameters())
    parts = [torch.autograd.grad(loss, weights, retain_graph=True) for loss in losses]
    return torch.stack([torch.cat([part.flatten() for part in of]) for of in parts])


def drawn(examples: int, weights: int, common: float = 0.0) -> Tensor:
    draw = stream("tests", examples, weights)
    return torch.randn(examples, weights, generator=draw, dtype=torch.float64) + common


def learning(**changes: Any) -> Recipe:
    """Some of the images are learned, in some of the epochs."""
    defaults: dict[str, Any] = {
        "network": partial(mlp, widths=[64]),
        "objective": Standard(),
        "optimizer": partial(Adam, lr=3e-3),
        "max_epochs": 12,
    }
    return recipe(**(defaults | changes))


def measured(folder: Path, made: Recipe) -> dict[int, dict[str, float]]:
    """By epoch, what the measure wrote."""
    trained(made, folder)
    table = pandas.read_csv(folder / "curve.csv")
    table = table[table.metric.str.startswith("agreement")]
    names = table.metric + "/" + table.split
    return {epoch: dict(zip(names[part.index], part.value, strict=True)) for epoch, part in table.groupby("epoch")}


@pytest.mark.parametrize("common", [0.0, 1.0])
@pytest.mark.parametrize(("examples", "weights"), [(2, 2), (5, 3), (20, 100)])
def test_is_the_cosine_with_the_others(examples: int, weights: int, common: float) -> None:
    vectors = drawn(examples, weights, common)
    torch.testing.assert_close(of(vectors), by_hand(vectors), rtol=1e-9, atol=1e-12)


def test_a_large_gradient_does_not_agree_with_itself() -> None:
    vectors = torch.tensor([[1000.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    assert of(vectors).tolist() == pytest.approx([0.0, 2 / (1000**2 + 2**2) ** 0.5, 1 / (1000**2 + 1) ** 0.5])


def test_is_1_for_equal_ones_and_minus_1_for_opposite_ones() -> None:
    assert of(torch.tensor([[0.3, 0.4]]).repeat(4, 1)).tolist() == pytest.approx([1.0] * 4)
    assert of(torch.tensor([[0.3, 0.4], [-0.3, -0.4]])).tolist() == pytest.approx([-1.0] * 2)


def test_a_zero_gradient_agrees_with_nothing() -> None:
    vectors = drawn(4, 3)
    vectors[2] = 0
    found = of(vectors)
    assert found[2] == 0
    torch.testing.assert_close(found, by_hand(vectors), rtol=1e-9, atol=1e-12)


def test_nothing_agrees_with_zero() -> None:
    assert of(torch.zeros(3, 2)).tolist() == [0.0] * 3
    assert of(torch.tensor([[1.0, 2.0], [0.0, 0.0]])).tolist() == [0.0] * 2, "the only one that is left"
    assert of(torch.tensor([[1.0, 2.0], [2.0, 1.0], [-2.0, -1.0]]))[0] == 0, "the others cancel"


def test_is_in_range_and_does_not_depend_on_the_scale() -> None:
    vectors = drawn(10, 3)
    assert of(vectors).abs().max() <= 1
    torch.testing.assert_close(of(1e-3 * vectors), of(vectors))


@pytest.mark.parametrize(
    ("scores", "which", "expected"),
    [
        ([3.0, 2.0, 1.0, 0.0], [True, True, False, False], 1.0),
        ([3.0, 2.0, 1.0, 0.0], [False, False, True, True], 0.0),
        ([1.0, 1.0, 1.0], [True, False, False], 0.5),
        ([0.0, 0.0], [True, False], 0.5),
        ([-0.9, 0.5, 0.5, 0.1], [False, True, False, False], (2 + 0.5) / 3),
        ([-5.0, 7.0, -2.0, 0.3], [True, True, False, False], 0.5),
    ],
)
def test_told_apart(scores: list[float], which: list[bool], expected: float) -> None:
    assert told_apart(torch.tensor(scores), torch.tensor(which)) == pytest.approx(expected)


def test_told_apart_is_a_share_of_pairs() -> None:
    scores = drawn(30, 1).flatten().round(decimals=1)
    which = drawn(30, 2)[:, 0] > 0
    differences = scores[which][:, None] - scores[~which][None]
    expected = ((differences > 0).double() + (differences == 0) / 2).mean().item()
    assert told_apart(scores, which) == pytest.approx(expected, abs=1e-6)
    assert told_apart(-scores, which) == pytest.approx(1 - expected, abs=1e-6)


def test_what_a_run_writes_down(tmp_path: Path) -> None:
    copies = Copies()
    made = learning(measures=[Agreement(images=14, per_decade=5), copies])
    found = measured(tmp_path, made)
    _, _, data = assemble(made, (), 1)
    images, targets = (part[:14] for part in data.splits["train"].evaluated)
    seen, before = set(), None
    assert list(found) == [epoch for epoch in range(13) if due(epoch, 5)]
    for epoch, metrics in found.items():
        network = copies.networks[epoch].eval()
        now = by_hand(vectors(network, images, targets))
        right = network(images).argmax(dim=1) == targets
        expected = {"agreement/train": now.mean().item()}
        if before is not None:
            scores, was_right = before
            for name, chosen in (("learned", right & ~was_right), ("not_learned", ~right & ~was_right)):
                if chosen.any():
                    expected[f"agreement/{name}"] = scores[chosen].mean().item()
            learned = right[~was_right]
            if learned.any() and not learned.all():
                expected["agreement_told_apart/learned"] = told_apart(scores[~was_right], learned)
        assert metrics == pytest.approx(expected, rel=1e-3, abs=1e-5)
        seen |= set(metrics)
        before = now, right
    assert seen == {"agreement/train", "agreement/learned", "agreement/not_learned", "agreement_told_apart/learned"}


def test_where_nothing_is_learned(tmp_path: Path) -> None:
    found = measured(tmp_path, learning(measures=[Agreement(20, 20)], optimizer=partial(Adam, lr=1e-30), max_epochs=2))
    assert [set(metrics) for metrics in found.values()] == [
        {"agreement/train"},
        *[{"agreement/train", "agreement/not_learned"}] * 2,
    ]
    assert found[1] == found[2]
    assert found[0]["agreement/train"] == found[2]["agreement/train"]


def test_of_corrupted_labels(tmp_path: Path) -> None:
    made = learning(measures=[Agreement(12, 20)], max_epochs=1)
    relabel = labels.Corruption(partial(labels.corrupted, fraction=0.5, among="wrong"), 0, ["train"])
    made = replace(made, data=partial(made.data, prepare=Preparation(relabel=relabel)))
    start = measured(tmp_path, made)[0]
    assert set(start) == {"agreement/train", "agreement/train_clean", "agreement/train_corrupted"}
    _, _, data = assemble(made, (), 1)
    share = data.splits["train"].changed[:12].double().mean().item()
    mean = (1 - share) * start["agreement/train_clean"] + share * start["agreement/train_corrupted"]
    assert 0 < share < 1 and start["agreement/train"] == pytest.approx(mean)


def test_is_measured_at_due_epochs_only(tmp_path: Path) -> None:
    assert list(measured(tmp_path, learning(measures=[Agreement(8, 3)], max_epochs=4))) == [0, 1, 3]


def test_a_second_training_does_not_remember_the_first(tmp_path: Path) -> None:
    made = learning(measures=[Agreement(20, 20)], max_epochs=2)
    assert measured(tmp_path, made) == measured(tmp_path, made)
