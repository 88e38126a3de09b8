"""A stack that is killed and goes on is the stack that was left alone, to the last bit, also when some of its runs had
left before; and each part of what is kept is needed for it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Callback, LightningModule, Trainer
from runs import recipe
from torch.optim import SGD, Adam

from rotelab.errors import RunError
from rotelab.measures.agreement import Agreement
from rotelab.models.mlp import mlp
from rotelab.models.small_inception import small_inception
from rotelab.objectives import Objective, Split, Standard, Target, Threshold
from rotelab.results.files import CHECKPOINT, CURVE
from rotelab.system.signals import Waiting
from rotelab.training.checkpoint import Checkpoints, found
from rotelab.training.learner import Learner
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.stacks.checkpoint import OF_A_STACK
from rotelab.training.stacks.fit import fit_together

OBJECTIVES: list[Objective] = [Split(), Standard(), Target(0.4, 0.5), Threshold(0.4)]
Make = Callable[[], list[Recipe]]


class Killed(Exception):
    pass


class Kill(Callback):
    """In the middle of the epoch after so many."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_train_batch_end(
        self, trainer: Trainer, module: LightningModule, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        if (trainer.current_epoch, batch_idx) == (self.epoch, 1):
            raise Killed


class Leaves(Callback):
    """Has reached its accuracy at the end of an epoch; its pseudo-test accuracy is 0 at the start, and 1 later."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics["accuracy/pseudo_test"] = 0.0

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics["accuracy/train"] = float(trainer.current_epoch + 1 >= self.epoch)
        learner.metrics["accuracy/pseudo_test"] = 1.0


def sitting(
    recipes: list[Recipe], folder: Path, kill: int | None = None, knows_who_left: bool = True
) -> dict[str, Any]:
    """The ends of all, and the curves; in a folder that may hold a checkpoint."""
    names = [f"run{number}" for number in range(len(recipes))]
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)
    path, curves = folder / names[0] / CHECKPOINT, [folder / name / CURVE for name in names]
    kept = found(path, names)
    ends: dict[str, Any] = dict(kept.about["ended"]) if kept and knows_who_left else {}
    left = [number for number, name in enumerate(names) if name not in ends]
    networks: dict[str, torch.Tensor] = {}

    def ended(number: int, end: Outcome | RunError) -> None:
        assert isinstance(end, Outcome), end
        name = names[left[number]]
        ends[name] = {"epochs": end.epochs, "metrics": end.metrics, "dead": end.dead_since, "together": end.together}
        for key, value in end.network.state_dict().items():
            networks[f"{name} {key}"] = value.clone()

    minutes = 1e-9 if kill is not None or kept else 0
    keeping = Checkpoints(path, curves, minutes, Waiting(""), kept, OF_A_STACK, lambda: ends)
    fit_together(
        [recipes[number] for number in left],
        [curves[number] for number in left],
        [()] * len(left),
        ended,
        [] if kill is None else [Kill(kill)],
        keeping,
        len(recipes),
    )
    return {"ends": ends, "curves": [curve.read_bytes() for curve in curves], "networks": networks}


def same(one: dict[str, Any], alone: dict[str, Any]) -> bool:
    """Of the networks those that ended in this sitting; the others are in their results."""
    equal = all(torch.equal(value, alone["networks"][name]) for name, value in one["networks"].items())
    return equal and (one["ends"], one["curves"]) == (alone["ends"], alone["curves"])


def killed(make: Make, folder: Path, *kills: int) -> None:
    for kill in kills:
        with pytest.raises(Killed):
            sitting(make(), folder, kill)


def stack(**changes: Any) -> list[Recipe]:
    """Two groups of different learning rates, each run with an order of its own."""
    options: dict[str, Any] = {"network": partial(mlp, widths=[6]), "batch_order": "reshuffled"} | changes
    made = [recipe(objective=objective, seed=seed, **options) for seed, objective in enumerate(OBJECTIVES)]
    if "optimizer" in changes:
        return made
    return [replace(of, optimizer=partial(Adam, lr=1e-3 * (1 + seed % 2))) for seed, of in enumerate(made)]


def leaving(*epochs: int) -> list[Recipe]:
    made = stack(stop_accuracy=0.9, max_epochs=6)
    return [replace(of, measures=[Leaves(epoch)]) for of, epoch in zip(made, epochs, strict=True)]


def dying() -> list[Recipe]:
    """In the second epoch, in which the learning rate comes to nothing: a bias decides what is predicted."""

    def network(image_shape: tuple[int, ...], classes: int) -> torch.nn.Module:
        made = mlp((1, 4, 4), classes, widths=[])
        [*made.parameters()][-1].data[0] = 100.0
        return made

    return stack(network=network, lr_decay=1e-30, dead_epochs=3, max_epochs=9)


STACKS: dict[str, Make] = {
    "mlp": stack,
    "one order for all": lambda: stack(batch_order="fixed"),
    "convnet5": lambda: stack(network=recipe().network),
    "batch norm": lambda: stack(network=partial(small_inception, width=0.05), batch_size=10),
    "momentum": lambda: stack(optimizer=partial(SGD, lr=0.05, momentum=0.9), lr_decay=0.7),
    "bf16": lambda: stack(precision="bf16"),
    "some have left": lambda: leaving(2, 6, 1, 6),
    "a group has left": lambda: leaving(1, 6, 1, 6),
    "one leaves later": lambda: leaving(1, 4, 6, 6),
    "dead": dying,
    "metrics that rule a sign": lambda: [replace(of, objective=Threshold(0.5)) for of in leaving(6, 6, 6, 6)],
    "a measure that remembers": lambda: [replace(of, measures=[Agreement(16, per_decade=20)]) for of in stack()],
}


FAST = {"mlp", "batch norm", "a group has left", "dead", "metrics that rule a sign", "a measure that remembers"}
"""One of a kind; the others are slow."""


@pytest.mark.parametrize(
    "make",
    [pytest.param(made, id=name, marks=() if name in FAST else pytest.mark.slow) for name, made in STACKS.items()],
)
def test_killed_twice_is_left_alone(make: Make, tmp_path: Path) -> None:
    alone = sitting(make(), tmp_path / "alone")
    killed(make, tmp_path / "stack", 1, 3)
    found_ = sitting(make(), tmp_path / "stack")
    assert same(found_, alone)
    assert {end["together"] for end in found_["ends"].values()} == {4}


CONTROLS: dict[str, Make] = {
    "parameters": stack,
    "buffers": STACKS["batch norm"],
    "optimizer": STACKS["momentum"],
    "epoch": stack,
    "step": stack,
    "images": stack,
    "metrics": STACKS["metrics that rule a sign"],
    "vitals": STACKS["dead"],
    "callbacks": STACKS["a measure that remembers"],
}
"""Part of what is kept -> a stack, of those above, in which it is seen that it was left out."""


@pytest.mark.parametrize("part", OF_A_STACK)
def test_without_a_part_of_it_another_stack_comes_out(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = CONTROLS[part]
    alone = sitting(make(), tmp_path / "alone")
    killed(make, tmp_path / "stack", 2)
    monkeypatch.setitem(OF_A_STACK, part, replace(OF_A_STACK[part], put=lambda *_: None))
    assert not same(sitting(make(), tmp_path / "stack"), alone)


def test_without_the_record_of_those_that_left_it_does_not_go_on(tmp_path: Path) -> None:
    """What is kept is of those that are still in it: it fits no stack of all of them."""
    make = STACKS["a group has left"]
    killed(make, tmp_path / "stack", 2)
    with pytest.raises(ValueError, match="longer"):
        sitting(make(), tmp_path / "stack", knows_who_left=False)
