"""Accuracy and loss of a whole split: closed form, slices, nothing left behind; bounds of the softmax taken twice."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from runs import recipe
from torch import nn
from torch.nn.functional import cross_entropy
from torch.optim import SGD
from torch.utils._python_dispatch import TorchDispatchMode
from toy import Toy, batch, loss

from rotelab.data import labels
from rotelab.data.module import Preparation
from rotelab.objectives import Split, Standard
from rotelab.randomness import stream
from rotelab.training import evaluation
from rotelab.training.evaluation import SLICES, accuracy, evaluate, evaluated, predicted_classes
from rotelab.training.learner import Learner
from rotelab.training.run import fit
from rotelab.training.stacks.fit import fit_together
from rotelab.training.stopping import reached

aten = torch.ops.aten
LEAST, MOST = math.log(math.e + 9) - 1, math.log(math.e + 9)


@pytest.mark.parametrize(("right", "images", "level"), [(144, 160, 0.9), (152, 160, 0.95), (2, 3, 2 / 3), (7, 10, 0.7)])
def test_an_accuracy_is_that_which_is_asked_for(right: int, images: int, level: float) -> None:
    """In single precision .9 and .95 are less than what they are in double, and would not be reached."""
    labels = torch.zeros(images, dtype=torch.int64)
    outputs = torch.nn.functional.one_hot((torch.arange(images) >= right).long(), 2).float()
    assert accuracy(outputs, labels).item() == level
    both = accuracy(torch.stack([outputs, outputs.flip(1)]), labels.expand(2, -1))  # of a stack
    assert both.tolist() == [level, pytest.approx(1 - level)]
    found, _ = evaluate(nn.Flatten(), outputs[:, :, None, None], labels)
    assert found == level and reached({"accuracy/train": found, "loss/train": 1.0}, level, None)


def batch_norm_network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(12, 2))


def random_split(images: int) -> tuple[torch.Tensor, torch.Tensor]:
    draw = stream("tests", images)
    return torch.rand(images, 1, 4, 4, generator=draw) * 5, torch.randint(2, (images,), generator=draw)


def softmax_network() -> nn.Module:
    """Takes the logits of ten classes as an image."""
    return nn.Sequential(nn.Flatten(), nn.Softmax(dim=1))


def random_logits(scale: float) -> torch.Tensor:
    return torch.randn(40, 10, 1, 1, generator=stream("tests", "logits")) * scale


def test_closed_form() -> None:
    examples = [(0.5, 0), (-1.0, 1), (2.0, 1), (3.0, 0)]  # the third is wrong
    accuracy, mean = evaluate(Toy(0.7), *batch(*examples))
    assert accuracy == 0.75
    assert mean == pytest.approx(sum(loss(0.7, *example) for example in examples) / 4, abs=1e-6)


@pytest.mark.parametrize("size", [1, SLICES["cpu"], SLICES["cpu"] + 1, 2 * SLICES["cpu"] + 3])
def test_slices_change_nothing(size: int) -> None:
    network, seen = batch_norm_network().eval(), []
    images, labels = random_split(size)
    outputs = network(images)
    network.register_forward_hook(lambda _, images, __: seen.append(len(images[0])))
    accuracy, mean = evaluate(network, images, labels)
    assert accuracy == pytest.approx((outputs.argmax(1) == labels).float().mean().item(), abs=1e-6)
    assert mean == pytest.approx(cross_entropy(outputs, labels).item(), rel=1e-5)
    assert sum(seen) == size
    assert max(seen) <= SLICES["cpu"]


@pytest.mark.parametrize("training", [True, False])
def test_mode_is_put_back(training: bool) -> None:
    network, modes = batch_norm_network().train(training), []
    network.register_forward_hook(lambda module, *_: modes.append(module.training))
    evaluate(network, *random_split(4))
    assert modes == [False]
    assert all(module.training == training for module in network.modules())


def test_running_statistics_are_used_and_left_alone() -> None:
    network = batch_norm_network().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    images, labels = random_split(8)
    _, mean = evaluate(network, images, labels)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert mean == pytest.approx(cross_entropy(network.eval()(images), labels).item(), rel=1e-6)


def test_gradient_is_neither_computed_nor_touched() -> None:
    toy, needed = Toy(0.7), []
    toy.w.grad = torch.tensor(3.0)
    toy.register_forward_hook(lambda *arguments: needed.append(arguments[-1].requires_grad))
    evaluate(toy, *batch((0.5, 0), (1.0, 1)))
    assert needed == [False]
    assert toy.w.grad.item() == 3.0


@pytest.mark.parametrize("scale", [0.0, 0.1, 1.0, 10.0, 1e4, 1e30])
def test_loss_of_the_softmax_taken_twice_is_bounded(scale: float) -> None:
    for index, logits in enumerate(random_logits(scale)):
        _, mean = evaluate(softmax_network(), logits[None], torch.tensor([index % 10]))
        assert LEAST - 1e-6 <= mean <= MOST + 1e-6


@pytest.mark.parametrize(("label", "bound"), [(0, LEAST), (1, MOST)])
def test_loss_of_the_softmax_taken_twice_attains_its_bounds(label: int, bound: float) -> None:
    certain = 100 * torch.eye(10)[:1, :, None, None]
    assert evaluate(softmax_network(), certain, torch.tensor([label]))[1] == pytest.approx(bound, abs=1e-6)


@pytest.mark.parametrize("scale", [0.0, 1.0, 10.0, 1e4, 1e30])
def test_objective_of_eq_1_lies_within_one_of_zero(scale: float) -> None:
    learner = Learner(softmax_network(), Split(), torch.optim.Adam, classes=10)
    learner.metrics["accuracy/pseudo_test"] = 0.1
    learner.on_train_epoch_start()
    logits = random_logits(scale)
    right, wrong = logits.flatten(1).argmax(1), logits.flatten(1).argmin(1)
    for train in (right, wrong):
        for pseudo_test in (right, wrong):
            value = learner.training_step(((logits, train), (logits, pseudo_test)), 0).item()
            assert -1 - 1e-6 <= value <= 1 + 1e-6
    if scale >= 1e4:  # all certain: the worst that Eq. (1) can be
        assert learner.training_step(((logits, wrong), (logits, right)), 0).item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("fraction", [0.0, 0.5])
def test_clean_and_corrupted_images_apart(tmp_path: Path, fraction: float) -> None:
    made = recipe(objective=Standard(), max_epochs=2)
    relabel = labels.Corruption(partial(labels.corrupted, fraction=fraction, among="wrong"), 0, ("train",))
    made = replace(made, data=partial(made.data, prepare=Preparation(relabel=relabel)))
    outcome, of = fit(made, tmp_path / "curve.csv"), made.data()
    of.setup()
    metrics, (images, given), changed = outcome.metrics, of.splits["train"].evaluated, of.splits["train"].changed
    assert outcome.labels_changed == {"train": int(changed.sum()), "pseudo_test": 0, "held_out": 0}
    assert bool(changed.any()) == (fraction > 0)
    assert ("accuracy/train_clean" in metrics) == ("accuracy/train_corrupted" in metrics) == (fraction > 0)
    assert not [name for name in metrics if "held_out_" in name]
    for kind, chosen in (("clean", ~changed), ("corrupted", changed)) if fraction else ():
        assert metrics[f"accuracy/train_{kind}"] == evaluate(outcome.network, images[chosen], given[chosen])[0]
    clean = recipe().data()
    clean.setup()
    assert torch.equal(given != clean.splits["train"].evaluated[1], changed)


class Reads(TorchDispatchMode):
    """Counts what makes the host wait for a device: a value read, a size that depends on values."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(
        self, function: Callable[..., Any], types: object, arguments: tuple = (), options: dict | None = None
    ):
        waits = (aten._local_scalar_dense.default, aten.nonzero.default, aten.is_nonzero.default, aten.equal.default)
        masked = function is aten.index.Tensor and any(i is not None and i.dtype == torch.bool for i in arguments[1])
        self.count += function in waits or masked
        return function(*arguments, **(options or {}))


def test_a_read_is_counted() -> None:
    values = torch.arange(3)
    for wait in (lambda: values[0].item(), lambda: values[values > 1], lambda: bool(values.any())):
        with Reads() as reads:
            wait()
        assert reads.count == 1


@pytest.mark.parametrize("fraction", [0.0, 0.5])
@pytest.mark.parametrize("stacked", [False, True])
def test_an_epoch_reads_nothing_from_the_device_by_itself(tmp_path: Path, fraction: float, stacked: bool) -> None:
    """But for the one list of all its numbers, which dispatches nothing on a CPU; other copies only a GPU can tell."""

    def reads(epochs: int) -> int:
        relabel = labels.Corruption(partial(labels.corrupted, fraction=fraction, among="wrong"), 0, ("train",))
        made = recipe(objective=Split(), max_epochs=epochs, optimizer=partial(SGD, lr=0.01))  # Adam's counts its steps
        made = replace(made, data=partial(made.data, prepare=Preparation(relabel=relabel)))
        curves = [tmp_path / "curve.csv", tmp_path / "other.csv"]
        with Reads() as counted:
            if stacked:
                fit_together([made, made], curves, [()] * 2, lambda *_: None)
            else:
                fit(made, curves[0])
        return counted.count

    assert reads(5) == reads(1)


class Crowded(nn.Module):
    """A network on a device that has memory for so many images."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room, self.tried = room, []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.tried.append(len(images))
        if len(images) > self.room:
            raise torch.OutOfMemoryError("no more")
        return images.flatten(1)


def test_as_many_images_at_once_as_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(evaluation.SLICES, "cpu", 64)
    network, (images, _) = Crowded(20), random_split(70)
    assert torch.equal(evaluated(network, images), images.flatten(1))
    assert network.tried == [64, 32, 16, 16, 16, 16, 6]
    evaluated(network, images)
    assert network.tried[7:] == [16, 16, 16, 16, 6]  # it is remembered
    assert evaluation.SLICES["cpu"] == 16


def test_not_even_one_image_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(evaluation.SLICES, "cpu", 4)
    with pytest.raises(torch.OutOfMemoryError):
        evaluated(Crowded(0), random_split(3)[0])
    assert evaluation.SLICES["cpu"] == 4  # what filled the memory is not ours to remember


def test_predicted_classes() -> None:
    """Those with the greatest output for an image; the first of equal ones."""
    outputs = torch.tensor([[[1.0, 0, 0], [2, 1, 0], [0, 0, 0]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]])
    assert predicted_classes(outputs).tolist() == [1, 3]
    assert predicted_classes(outputs[0]).item() == 1
