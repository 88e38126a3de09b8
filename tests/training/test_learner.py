"""The training step against closed forms, and the accuracy that decides an epoch's sign."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas
import pytest
import torch
from lightning import Callback, Trainer
from networks import gradient as slope
from runs import recipe, weights
from torch import nn
from torch.optim import SGD, Adam, AdamW
from toy import AS_IT_IS, Toy, batch, derivative, loss

from rotelab.aggregators import Median
from rotelab.data.batches import Labelled
from rotelab.data.module import ImageData
from rotelab.data.parts import Part, Source
from rotelab.errors import NetworkError
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.objectives import Objective, Split, Standard, Target
from rotelab.randomness import stream
from rotelab.training.learner import Learner
from rotelab.training.recipe import Recipe
from rotelab.training.run import fit

TRAIN = [(0.5, 0), (-1.0, 1), (2.0, 0)]
PSEUDO_TEST = [(1.5, 1), (0.3, 0)]
OF_SIGN = {-1: Split(), 0: Standard(), 1: Target(1.0, 1.0)}


class Scripted(Callback):
    """Puts known pseudo-test accuracies, from epoch 0 on, in the place of those that were measured."""

    def __init__(self, accuracies: list[float]) -> None:
        self.accuracies = iter(accuracies)

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics["accuracy/pseudo_test"] = next(self.accuracies)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics["accuracy/pseudo_test"] = next(self.accuracies)


def learner(network: nn.Module, objective: Objective, accuracy: float = 0.5) -> Learner:
    made = Learner(network, objective, partial(SGD, lr=0.1), classes=2)
    made.metrics["accuracy/pseudo_test"] = accuracy
    made.on_train_epoch_start()
    return made


def gradient(network: nn.Module, objective: Objective, pair: tuple[Labelled, Labelled]) -> tuple[torch.Tensor, ...]:
    return torch.autograd.grad(learner(network, objective).training_step(pair, 0), list(network.parameters()))


def random_batch(name: str, images: int) -> Labelled:
    draw = stream("tests", name)
    return (
        torch.rand(images, 1, 4, 4, generator=draw, dtype=torch.float64),
        torch.randint(3, (images,), generator=draw),
    )


@pytest.mark.parametrize("sign", [-1, 0, 1])
def test_loss_and_gradient_have_the_closed_form(sign: int) -> None:
    def objective(of: Callable[..., Any]) -> float:
        train, pseudo_test = ([of(0.7, *example) for example in split] for split in (TRAIN, PSEUDO_TEST))
        return sum(train) / len(train) + sign * sum(pseudo_test) / len(pseudo_test)

    toy = Toy(0.7)
    value = learner(toy, OF_SIGN[sign]).training_step((batch(*TRAIN), batch(*PSEUDO_TEST)), 0)
    value.backward()
    assert value.item() == pytest.approx(objective(loss), abs=1e-6)
    assert slope(toy.w).item() == pytest.approx(objective(derivative), abs=1e-6)


def test_gradient_of_split_is_the_difference_of_two() -> None:
    network = mlp((1, 4, 4), 3, [8]).double()
    train, pseudo_test = random_batch("train", 7), random_batch("pseudo_test", 5)
    split = gradient(network, Split(), (train, pseudo_test))
    learned, unlearned = (gradient(network, Standard(), (of, of)) for of in (train, pseudo_test))
    for both, one, other in zip(split, learned, unlearned, strict=True):
        torch.testing.assert_close(both, one - other, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("sign", "forwards"), [(-1, 2), (0, 1), (1, 2)])
def test_pseudo_test_batch_is_evaluated_only_for_a_sign(sign: int, forwards: int) -> None:
    toy, seen = Toy(0.7), []
    toy.register_forward_hook(lambda _, images, __: seen.append(len(images[0])))
    learner(toy, OF_SIGN[sign]).training_step((batch(*TRAIN), batch(*PSEUDO_TEST)), 0)
    assert seen == [len(TRAIN), len(PSEUDO_TEST)][:forwards]


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("sign", [-1, 0, 1])
def test_one_pass_is_two_to_rounding(sign: int, groups: int) -> None:
    """Batches of other sizes, also where both are cut into groups: the same losses and gradient, by half the passes."""
    found = {}
    for one_pass in (False, True):
        network, seen = mlp((1, 4, 4), 3, [8]).double(), []
        made = Learner(network, OF_SIGN[sign], partial(SGD, lr=0.1), 3, aggregator=Median(groups), one_pass=one_pass)
        made.metrics["accuracy/pseudo_test"] = 0.5
        made.on_train_epoch_start()
        for weight in network.parameters():
            nn.init.normal_(weight, generator=stream("tests", "weights"))
        network.register_forward_hook(lambda _, images, __, seen=seen: seen.append(len(images[0])))
        loss_ = made.training_step((random_batch("train", 7), random_batch("pseudo_test", 5)), 0)
        found[one_pass] = [loss_, *torch.autograd.grad(loss_, list(network.parameters()))]
        assert len(seen) == groups * (1 if one_pass or not sign else 2)
        assert sum(seen) == (12 if sign else 7)
    for one, two in zip(found[True], found[False], strict=True):
        torch.testing.assert_close(one, two, rtol=1e-12, atol=1e-15)


def test_one_pass_trains_alike(tmp_path: Path) -> None:
    """Of the house's network a whole run in float32; one with batch norm is refused."""
    two, one = (weights(replace(recipe(), one_pass=one_pass), tmp_path) for one_pass in (False, True))
    torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-5)
    with pytest.raises(NetworkError, match=r"trainer.one_pass=true: .* needs a pass for each"):
        fit(replace(recipe(), network=partial(resnet18, width=0.1), one_pass=True), tmp_path / "refused.csv")


@pytest.mark.parametrize(("accuracy", "sign"), [(0.1, 1), (0.3, 0), (0.5, -1)])
def test_sign_is_read_from_the_metrics_when_an_epoch_starts(accuracy: float, sign: int) -> None:
    made = learner(Toy(0.7), Target(0.2, 0.4), accuracy)
    assert made.sign == sign
    made.metrics["accuracy/pseudo_test"] = 0.3
    assert made.sign == sign, "within an epoch the sign stays"


def test_the_optimizer_gets_every_weight() -> None:
    network = mlp((1, 4, 4), 3, [8])
    (optimizer,), _ = learner(network, Standard()).configure_optimizers()
    (group,) = optimizer.param_groups
    assert list(map(id, group["params"])) == list(map(id, network.parameters()))


@pytest.mark.parametrize("decay", [1.0, 0.5])
def test_the_learning_rate_decays_from_epoch_to_epoch(tmp_path: Path, decay: float) -> None:
    rates: list[float] = []

    class Rates(Callback):
        def on_train_batch_start(self, trainer: Trainer, learner: Learner, batch: object, batch_idx: int) -> None:
            rates.append(trainer.optimizers[0].param_groups[0]["lr"])

    made = recipe(lr_decay=decay, max_epochs=3)
    fit(made, tmp_path / "curve.csv", [Rates()])
    steps = len(rates) // 3
    assert rates == [1e-3] * steps + [decay * 1e-3] * steps + [decay**2 * 1e-3] * steps


def test_sign_of_an_epoch_comes_from_the_accuracy_before_it(tmp_path: Path) -> None:
    part = Part(torch.arange(24, dtype=torch.uint8).reshape(-1, 1, 1, 1), torch.arange(24) % 2)
    data = partial(
        ImageData,
        load=lambda: Source({"all": part}, ("even", "odd")),
        split={"train": "all[:8]", "pseudo_test": "all[8:16]", "held_out": "all[16:]"},
        batch_size=4,
        **AS_IT_IS,
    )
    toy, batches = Toy(0.7), []
    toy.register_forward_hook(lambda module, *_: batches.append(1) if module.training else None)
    accuracies = Scripted([0.1, 0.5, 0.3, 0.1, 0.9])
    objective = Target(0.2, 0.4)
    recipe = Recipe(data, lambda *_: toy, objective, partial(SGD, lr=0.1), 1.1, 4, measures=[accuracies])
    fit(recipe, tmp_path / "curve.csv")
    signs = pandas.read_csv(tmp_path / "curve.csv").query("metric == 'sign'")
    assert signs.epoch.tolist() == [1, 2, 3, 4]
    assert signs.value.tolist() == [1, -1, 0, 1]
    assert len(batches) == 2 * (2 + 2 + 1 + 2), "two steps an epoch, of two batches or of one"


@pytest.mark.parametrize("amsgrad", [False, True])
def test_decay_of_the_last_layer_is_that_of_adamw(amsgrad: bool, tmp_path: Path) -> None:
    """With a parameter group of its own there, to the last bit, as the learning rate falls."""

    class Grouped(AdamW):
        def __init__(self, parameters: Iterable[nn.Parameter], lr: float) -> None:
            *body, weight, bias = parameters
            groups = [{"params": body, "weight_decay": 0.0}, {"params": [weight, bias], "weight_decay": 3.0}]
            super().__init__(groups, lr=lr, amsgrad=amsgrad)

    changes: dict[str, Any] = {"lr_decay": 0.7, "network": partial(mlp, widths=[6])}
    ours = recipe(optimizer=partial(Adam, lr=1e-2, amsgrad=amsgrad), head_decay=3.0, **changes)
    theirs, none = recipe(optimizer=partial(Grouped, lr=1e-2), **changes), replace(ours, head_decay=0.0)
    ours, theirs, none = (weights(made, tmp_path) for made in (ours, theirs, none))
    assert torch.equal(ours, theirs) and not torch.allclose(ours, none, rtol=1e-2)
