"""Runs that train together give what each would by itself: the same curve, measures, stop and outcome."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import pandas
import pytest
import torch
from lightning import Callback, LightningModule, Trainer
from networks import part
from runs import Measuring, finished, recipe, vector
from torch import nn
from torch.optim import SGD, Adam, RMSprop
from toy import AS_IT_IS, FailsAt

from rotelab.aggregators import Median
from rotelab.data import labels
from rotelab.data.module import ImageData, Preparation
from rotelab.data.parts import Part, Source
from rotelab.data.preprocessing import Preprocessing
from rotelab.errors import CannotStack, RunError
from rotelab.measures.gradient_norm import GradientNorm
from rotelab.measures.legacy_accuracy import LegacyAccuracy
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.objectives import Objective, Schedule, Split, Standard, Target, Threshold
from rotelab.training.learner import Learner
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.run import fit
from rotelab.training.stacks.fit import fit_together

OBJECTIVES: list[Objective] = [
    Split(),
    Standard(),
    Target(0.5, 0.5),
    Threshold(0.4),
    Schedule(first=Standard(), then=Split(), epoch=2),
]


def together(recipes: Sequence[Recipe], folder: Path, observers: Sequence[Callback] = ()) -> list[Outcome | RunError]:
    ends: dict[int, Outcome | RunError] = {}
    curves = [folder / f"together{i}.csv" for i in range(len(recipes))]
    fit_together(recipes, curves, [observers] * len(recipes), ends.__setitem__)
    return [ends[i] for i in range(len(recipes))]


def same(made: Recipe, number: int, end: Outcome, folder: Path, tolerance: float = 1e-5) -> None:
    """The curve, the weights and the outcome that this run has by itself."""
    alone = fit(made, folder / "alone.csv")
    ours, its = (pandas.read_csv(folder / name) for name in (f"together{number}.csv", "alone.csv"))
    pandas.testing.assert_frame_equal(ours, its, rtol=tolerance, atol=tolerance)
    assert torch.allclose(vector(end.network), vector(alone.network), rtol=tolerance, atol=tolerance)
    assert (end.epochs, end.steps, end.labels_changed) == (alone.epochs, alone.steps, alone.labels_changed)
    assert list(end.metrics) == list(alone.metrics)


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize("network", [partial(mlp, widths=[6]), None], ids=["mlp", "convnet5"])
def test_each_is_what_it_would_be_alone(tmp_path: Path, network: Callable[..., Any] | None, share: bool) -> None:
    changes: dict[str, Any] = {"network": network} if network else {}
    rates = [1e-3, 3e-3, 1e-3, 2e-3, 3e-3]
    recipes = [
        recipe(batch_order="fixed" if share else "reshuffled", objective=objective, seed=seed, **changes)
        for seed, objective in enumerate(OBJECTIVES)
    ]
    recipes = [replace(made, optimizer=partial(Adam, lr=rate)) for made, rate in zip(recipes, rates, strict=True)]
    data = cache(recipes[0].data)  # one for all, or one each
    recipes = [replace(made, data=data) if share else made for made in recipes]
    ends = finished(together(recipes, tmp_path))
    for number, (made, end) in enumerate(zip(recipes, ends, strict=True)):
        same(made, number, end, tmp_path)
        assert end.together == 5
    signs = [end.metrics["sign/pseudo_test"] for end in ends]
    assert signs[0] == signs[4] == -1 and signs[1] == 0


@pytest.mark.parametrize("share", [True, False])
def test_in_one_pass(tmp_path: Path, share: bool) -> None:
    """All unlearn, so that one pass takes both batches of all; beside a run that doesn't, each batch has its own."""
    for objectives in ((Split(), Split()), (Split(), Standard())):
        recipes = [
            recipe(batch_order="fixed" if share else "reshuffled", objective=objective, seed=seed)
            for seed, objective in enumerate(objectives)
        ]
        data = cache(recipes[0].data)
        recipes = [replace(made, data=data) if share else made for made in recipes]
        ends = finished(together([replace(made, one_pass=True) for made in recipes], tmp_path))
        for number, (made, end) in enumerate(zip(recipes, ends, strict=True)):
            same(made, number, end, tmp_path)


def test_measures_and_corrupted_labels(tmp_path: Path) -> None:
    """Runs with wrong labels beside one without; measures that look at the network, at its gradient, at the data."""

    looking = [Measuring() for _ in range(3)]

    def made(fraction: float, seed: int) -> Recipe:
        relabel = labels.Corruption(partial(labels.corrupted, fraction=fraction, among="wrong"), seed, ("train",))
        plain = recipe(seed=seed, measures=[LegacyAccuracy(), GradientNorm(per_decade=20), looking[seed]])
        return replace(plain, data=partial(plain.data, prepare=Preparation(relabel=relabel)))

    recipes = [made(0.5, 0), made(0.0, 1), made(0.3, 2)]
    for number, end in enumerate(finished(together(recipes, tmp_path))):
        assert len(looking[number].losses) == 5
        same(made(*[(0.5, 0), (0.0, 1), (0.3, 2)][number]), number, end, tmp_path, tolerance=1e-4)
        assert ("accuracy/train_corrupted" in end.metrics) == (number != 1)


def test_batch_norm_takes_its_statistics_from_the_run(tmp_path: Path) -> None:
    """The first step of everything; later ones of so small a network amplify the rounding."""

    def made(objective: Objective, seed: int) -> Recipe:
        plain = recipe(batch_size=20, objective=objective, seed=seed, max_epochs=1, optimizer=partial(SGD, lr=1e-3))
        return replace(plain, network=partial(resnet18, width=0.1))

    recipes = [made(Split(), 0), made(Standard(), 1), made(Split(), 2)]
    for number, end in enumerate(finished(together(recipes, tmp_path))):
        same(recipes[number], number, end, tmp_path, tolerance=1e-3)
        alone = fit(recipes[number], tmp_path / "alone.csv")
        for (name, buffer), other in zip(end.network.named_buffers(), alone.network.buffers(), strict=True):
            assert torch.allclose(buffer.float(), other.float(), rtol=1e-4, atol=1e-4), name


class Script(Callback):
    """Known train accuracies, and what was called."""

    def __init__(self, accuracies: list[float]) -> None:
        self.accuracies, self.called = accuracies, []

    def setup(self, trainer: Trainer, learner: Learner, stage: str) -> None:
        self.called.append("setup")

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics["accuracy/train"] = self.accuracies[trainer.current_epoch]
        self.called.append(trainer.current_epoch)

    def teardown(self, trainer: Trainer, learner: Learner, stage: str) -> None:
        self.called.append("teardown")


@pytest.mark.parametrize("batch_order", ["fixed", "reshuffled"])
def test_a_run_leaves_when_it_has_reached_its_accuracy(tmp_path: Path, batch_order: str) -> None:
    objectives = [Split(), Target(0.5, 0.5), Standard(), Split()]
    scripts = [[0.1, 0.9, 0, 0], [0.1, 0.2, 0.3, 0.4], [0.9, 0, 0, 0], [0.1, 0.2, 0.9, 0]]
    measures = [Script(script) for script in scripts]
    recipes = [
        recipe(
            batch_order=batch_order,
            seed=seed,
            objective=objectives[seed],
            measures=[measure],
            stop_accuracy=0.9,
            optimizer=partial(Adam, lr=1e-3 * (1 + seed % 2)),
        )
        for seed, measure in enumerate(measures)
    ]
    shared = cache(recipes[0].data)
    recipes = [replace(made, data=shared) if batch_order == "fixed" else made for made in recipes]
    order: list[int] = []
    curves = [tmp_path / f"together{i}.csv" for i in range(4)]
    ends: dict[int, Outcome] = {}

    def ended(number: int, end: Outcome | RunError) -> None:
        order.append(number)
        (ends[number],) = finished([end])

    fit_together(recipes, curves, [()] * 4, ended)
    assert order == [2, 0, 3, 1]
    assert [ends[i].epochs for i in range(4)] == [2, 4, 1, 3]
    for number, made in enumerate(recipes):
        last = ends[number].epochs - 1
        assert measures[number].called == ["setup", *range(last + 1), "teardown"]
        same(replace(made, measures=[Script(scripts[number])]), number, ends[number], tmp_path)


def test_a_run_leaves_when_it_has_reached_its_loss(tmp_path: Path) -> None:
    of = partial(recipe, network=partial(mlp, widths=[6]), objective=Standard(), stop_accuracy=None, max_epochs=9)
    recipes = [of(seed=seed, optimizer=partial(Adam, lr=rate)) for seed, rate in enumerate((1e-3, 1e-2))]
    together(recipes, tmp_path)
    curves = [pandas.read_csv(tmp_path / f"together{number}.csv") for number in range(2)]
    losses = [curve[(curve.metric == "loss") & (curve.split == "train")].set_index("epoch").value for curve in curves]
    level = float(losses[1][3] + losses[1][4]) / 2
    assert losses[0][9] > level
    ends = finished(together([replace(made, stop_loss=level) for made in recipes], tmp_path))
    assert [end.epochs for end in ends] == [9, 4]
    with pytest.raises(CannotStack, match="different stop_loss"):
        together([replace(recipes[0], stop_loss=level), recipes[1]], tmp_path)


def few(network: nn.Module, seed: int = 0, **changes: Any) -> Recipe:
    """120 images of one pixel, in batches of 40."""
    part = Part(torch.arange(240).to(torch.uint8).reshape(-1, 1, 1, 1), torch.arange(240) % 2)
    split = {"train": "all[:120]", "pseudo_test": "all[120:180]", "held_out": "all[180:]"}
    source = Source({"all": part}, ("even", "odd"))
    data = partial(ImageData, load=lambda: source, split=split, batch_size=40, **AS_IT_IS)
    defaults: dict[str, Any] = {
        "objective": Split(),
        "optimizer": partial(SGD, lr=0.01),
        "stop_accuracy": None,
        "max_epochs": 4,
    }
    return Recipe(data=data, network=lambda *_: network, seed=seed, **(defaults | changes))


def test_a_run_that_diverges_leaves_and_the_others_go_on(tmp_path: Path) -> None:
    linear = partial(mlp, (1, 1, 1), 2, widths=[])
    torch.manual_seed(0)
    networks = [linear() for _ in range(3)]
    part(networks[1], "1", nn.Linear).weight.data.fill_(float("nan"))
    recipes = [few(network, seed) for seed, network in enumerate(networks)]
    ends = together(recipes, tmp_path)
    assert isinstance(ends[1], RunError)
    assert str(ends[1]) == "the loss of train was nan after optimizer step 0"
    others = finished([ends[0], ends[2]])
    assert [end.epochs for end in others] == [4, 4]
    assert all(torch.isfinite(vector(end.network)).all() for end in others)


def test_a_dead_run_leaves_and_the_others_go_on(tmp_path: Path) -> None:
    """The second has the smallest of learning rates, and weights under which all outputs are the same."""
    networks = [mlp((1, 1, 1), 2, widths=[]) for _ in range(3)]
    for parameter in networks[1].parameters():
        parameter.data.fill_(1.0)
    rates = (0.01, 1e-30, 0.01)
    recipes = [
        few(network, seed, dead_epochs=2, optimizer=partial(SGD, lr=rate))
        for seed, (network, rate) in enumerate(zip(networks, rates, strict=True))
    ]
    ends = finished(together(recipes, tmp_path))
    assert [(end.epochs, end.dead_since) for end in ends] == [(4, None), (2, 0), (4, None)]


def test_the_step_that_diverged_is_named(tmp_path: Path) -> None:
    recipes = [few(mlp((1, 1, 1), 2, widths=[]), optimizer=partial(SGD, lr=lr)) for lr in (0.01, 1e38)]
    good, bad = together(recipes, tmp_path)
    assert finished([good])[0].epochs == 4
    with pytest.raises(RunError) as alone:
        fit(few(mlp((1, 1, 1), 2, widths=[]), optimizer=partial(SGD, lr=1e38)), tmp_path / "alone.csv")
    assert str(bad).startswith("the loss was ")
    assert str(bad).split(" in epoch ")[1] == str(alone.value).split(" in epoch ")[1]


def half_frozen(image_shape: tuple[int, ...], classes: int) -> nn.Module:
    network = mlp((1, 4, 4), classes, widths=[4])
    next(network.parameters()).requires_grad_(False)
    return network


def tied(image_shape: tuple[int, ...], classes: int) -> nn.Module:
    layer = nn.Linear(16, 16)
    return nn.Sequential(nn.Flatten(), layer, nn.ReLU(), layer, nn.Linear(16, classes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aggregator": partial(Median, groups=3)}, "an aggregator of several gradients"),
        ({"network": partial(mlp, widths=[4], dropout=0.5)}, "no rule for a stack of Dropout"),
        ({"network": half_frozen}, "no rule for a stack of parameters that are not trained"),
        ({"network": tied}, "no rule for a stack of networks that use weights twice"),
        ({"optimizer": partial(RMSprop, lr=1e-3)}, "no rule for a stack of RMSprop"),
        ({"max_epochs": 9}, "runs of different max_epochs"),
        ({"dead_epochs": 9}, "runs of different dead_epochs"),
        ({"batch_size": 4}, "batches or splits of different sizes"),
    ],
)
def test_what_does_not_go_together(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    recipes = [
        recipe(**changes),
        recipe() if {"max_epochs", "dead_epochs", "batch_size"} & set(changes) else recipe(**changes),
    ]
    with pytest.raises(CannotStack, match=reason):
        together(recipes, tmp_path)


def test_augmented_images_do_not_go_together(tmp_path: Path) -> None:
    crop = Preprocessing(augment=lambda image: image)
    made = recipe()
    made = replace(made, data=partial(made.data, prepare=Preparation(preprocess=crop)))
    with pytest.raises(CannotStack, match="augmented or streamed"):
        together([made, made], tmp_path)


@pytest.mark.parametrize(
    "where",
    ["lightning.Trainer.fit", "rotelab.training.stacks.learner.Stack", "rotelab.training.stacks.fit.make_learner"],
)
def test_what_does_not_fit_is_to_be_trained_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def full(*_: object, **__: Any) -> None:
        raise torch.OutOfMemoryError("no more")

    monkeypatch.setattr(where, full)
    with pytest.raises(CannotStack, match="don't fit into the device's memory"):
        together([recipe(), recipe(seed=1)], tmp_path)


def test_a_layer_without_a_rule(tmp_path: Path) -> None:
    with pytest.raises(CannotStack, match="no rule for a stack of FailsAt"):
        together([few(FailsAt(1)), few(FailsAt(1))], tmp_path)


def test_weights_and_gradients_of_a_run_are_its_own(tmp_path: Path) -> None:
    """When it has left nothing of the stack is kept alive by it."""
    first, _ = finished(together([recipe(seed=seed) for seed in range(2)], tmp_path))
    for parameter in first.network.parameters():
        assert parameter.grad is None


def test_in_bf16(tmp_path: Path) -> None:
    """Rounded to 8 bits at other places: near what each is alone, and float32 where it has to be."""
    recipes = [recipe(precision="bf16", seed=seed) for seed in range(2)]
    for number, end in enumerate(finished(together(recipes, tmp_path))):
        assert {parameter.dtype for parameter in end.network.parameters()} == {torch.float32}
        assert torch.allclose(vector(end.network), vector(fit(recipes[number], tmp_path / "a.csv").network), atol=0.006)


def test_watchers_see_the_metrics_of_the_first(tmp_path: Path) -> None:
    seen: list[float] = []

    class Watching(Callback):
        def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
            seen.append(cast(dict[str, float], module.metrics)["accuracy/train"])

    recipes = [recipe(seed=seed) for seed in range(2)]
    ends: dict[int, Outcome | RunError] = {}
    curves = [tmp_path / f"{number}.csv" for number in range(2)]
    fit_together(recipes, curves, [()] * 2, ends.__setitem__, [Watching()])
    assert len(seen) == 4
    assert seen[-1] == finished([ends[0]])[0].metrics["accuracy/train"]


class Gives(Callback):
    """Up, after an epoch."""

    def __init__(self, epoch: int) -> None:
        self.epochs = epoch

    def on_train_epoch_end(self, trainer: Trainer, learner: LightningModule) -> None:
        self.epochs -= 1
        if not self.epochs:
            raise RunError("it gives up")


def test_the_last_layer_decays_at_each_runs_own_rate(tmp_path: Path) -> None:
    """Also when those of one rate have left."""
    rates = [1e-3, 3e-2, 1e-3]
    recipes = [
        recipe(objective=Standard(), seed=seed, optimizer=partial(Adam, lr=rate), head_decay=5.0, max_epochs=6)
        for seed, rate in enumerate(rates)
    ]
    recipes[1] = replace(recipes[1], measures=[Gives(3)])
    ends = together(recipes, tmp_path)
    assert isinstance(ends[1], RunError)
    for number in (0, 2):
        (end,) = finished([ends[number]])
        same(recipes[number], number, end, tmp_path)
    with pytest.raises(CannotStack, match="runs of different head_decay"):
        together([recipes[0], replace(recipes[0], head_decay=0.0)], tmp_path)
