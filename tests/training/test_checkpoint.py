"""A run that is killed and goes on is the run that was left alone, to the last bit; and each part of what is kept is
needed for it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer
from pictures import write_noise
from runs import recipe
from torch import nn
from torch.optim import SGD, Adam, RMSprop

from rotelab import aggregators
from rotelab.data import inputs, labels, splits
from rotelab.data.image_folder import image_folder
from rotelab.data.module import ImageData, Preparation
from rotelab.data.parts import Part, Source
from rotelab.data.preprocessing import Preprocessing, augmentation
from rotelab.errors import Notice, RunError
from rotelab.measures.agreement import Agreement
from rotelab.measures.coherence import Coherence
from rotelab.measures.examples import Examples
from rotelab.measures.gradient_norm import GradientNorm
from rotelab.measures.legacy_accuracy import LegacyAccuracy
from rotelab.measures.stability import Stability
from rotelab.models import pruning
from rotelab.models.convnet5 import convnet5
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.models.small_alexnet import small_alexnet
from rotelab.models.small_inception import small_inception
from rotelab.objectives import Schedule, Split, Standard, Target, Threshold
from rotelab.randomness import stream
from rotelab.results import checkpoints
from rotelab.results.files import CHECKPOINT, CURVE
from rotelab.system.signals import Waiting
from rotelab.training.checkpoint import OF_A_RUN, Checkpoints, found
from rotelab.training.learner import Learner
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.run import fit

Make = Callable[[], Recipe]
"""Makes a recipe anew, as another process would: its measures may remember something."""
EVERY_EPOCH = 1e-9
MEANWHILE = (2, 1)
"""Epochs that have ended, and batches of the next, when a run is killed."""


class Killed(Exception):
    pass


class Kill(Callback):
    def __init__(self, epoch: int, batch: int) -> None:
        self.at = epoch, batch

    def on_train_batch_end(
        self, trainer: Trainer, learner: Learner, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        if (trainer.current_epoch, batch_idx) == self.at:
            raise Killed


def sitting(
    made: Recipe, folder: Path, observers: Sequence[Callback] = (), minutes: int | float = EVERY_EPOCH
) -> Outcome:
    """In a folder that may hold a checkpoint."""
    folder.mkdir(exist_ok=True)
    path, curve = folder / CHECKPOINT, folder / CURVE
    return fit(made, curve, observers, Checkpoints(path, [curve], minutes, Waiting(""), found(path, [folder.name])))


def killed(make: Make, folder: Path, at: tuple[int, int] = MEANWHILE) -> None:
    with pytest.raises(Killed):
        sitting(make(), folder, [Kill(*at)])
    torch.rand(3)  # another process has another state


def end(outcome: Outcome, folder: Path) -> dict[str, Any]:
    """All that there is of a run but the time that it took."""
    counts = outcome.epochs, outcome.steps, outcome.metrics, outcome.dead_since
    arrays = {name: value.tobytes() for name, value in outcome.arrays.items()}
    return {"curve": (folder / CURVE).read_text(), "counts": counts, "arrays": arrays, **outcome.network.state_dict()}


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    def equal(a: Any, b: Any) -> bool:
        return torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b

    return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)


def alone(make: Make, folder: Path) -> dict[str, Any]:
    (folder / "alone").mkdir()
    return end(fit(make(), folder / "alone" / CURVE), folder / "alone")


def goes_on(make: Make, folder: Path) -> dict[str, Any]:
    outcome = sitting(make(), folder)
    assert outcome.sittings > 1
    return end(outcome, folder)


def small(network: Callable[..., nn.Module], side: int = 4, channels: int = 1, **changes: Any) -> Recipe:
    """Images of that side, in an order that is another one in every epoch."""
    images = torch.randint(256, (44, channels, side, side), generator=stream("tests"), dtype=torch.uint8)
    made = recipe(network=network, batch_order="reshuffled", **changes)
    source = Source({"all": Part(images, torch.arange(44) % 2)}, ("even", "odd"))
    return replace(made, data=partial(made.data, load=lambda: source))


MLP = partial(mlp, widths=[8])
PLAIN = partial(SGD, lr=0.05)


def half_pruned(*shape: Any) -> nn.Module:
    """What a step makes of the other half is undone, also after a run went on."""
    network = MLP(*shape)
    weights = pruning.weights(network)
    pruning.prune(network, pruning.by_layer(weights, pruning.nonzero(weights), dict.fromkeys(weights, 0.5)))
    return network


NETWORKS: dict[str, Make] = {
    "convnet5": lambda: small(partial(convnet5, width=0.1)),
    "mlp": lambda: small(MLP),
    "mlp, pruned": lambda: small(half_pruned, optimizer=partial(Adam, lr=1e-2, weight_decay=0.1)),
    "mlp, dropout": lambda: small(partial(mlp, widths=[8], dropout=0.5)),
    "resnet18": lambda: small(partial(resnet18, width=0.05), 16, 3),
    "resnet18, frozen": lambda: small(partial(resnet18, width=0.05, batch_norm="frozen_init"), 16, 3),
    "small_alexnet": lambda: small(partial(small_alexnet, width=0.05, dropout=0.5), 16, 3),
    "small_inception": lambda: small(partial(small_inception, width=0.05, dropout=0.5), 8),
    "small_inception, no batch norm": lambda: small(partial(small_inception, width=0.05, batch_norm=False), 8),
}
OBJECTIVES = {
    "standard": Standard(),
    "threshold": Threshold(0.4),
    "target": Target(0.4, 0.5),
    "standard_then_split": Schedule(Standard(), Split(), 1),
    "split_then_standard": Schedule(Split(), Standard(), 2),
}
AGGREGATORS: dict[str, Callable[[], aggregators.Aggregator]] = {
    "mean of groups": partial(aggregators.Mean, groups=2),
    "M3": partial(aggregators.Median, groups=3, weight_decay=0.01),
    "RM3": partial(aggregators.rolling_median, steps=3),
    "rolling mean": partial(aggregators.rolling_mean, steps=4, weight_decay=0.01),
}
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "momentum, a decaying rate": {"optimizer": partial(SGD, lr=0.1, momentum=0.9), "lr_decay": 0.7},
    "Adam, a decaying rate": {"optimizer": partial(Adam, lr=1e-2, weight_decay=0.01), "lr_decay": 0.5},
    "RMSprop": {"optimizer": partial(RMSprop, lr=1e-3)},
    "bf16": {"precision": "bf16"},
}
LEVELS = [level / 20 for level in range(1, 21)]


def measured() -> Recipe:
    """By all measures; more often than seldom between two epochs, too, with labels some of which are wrong."""
    relabel = labels.Corruption(partial(labels.corrupted, fraction=0.3, among="wrong"), 0, ("train",))
    made = small(
        MLP,
        measures=[
            LegacyAccuracy(),
            GradientNorm(per_decade=3),
            Coherence(16, ["train"], "steps", per_decade=8),
            Coherence(16, ["held_out"], "epochs", per_decade=3),
            Agreement(16, per_decade=20),
            Stability(LEVELS, delta=0.05, directions=2, images=8),
        ],
        optimizer=partial(Adam, lr=1e-2),
        max_epochs=6,
    )
    return replace(made, data=partial(made.data, prepare=Preparation(relabel=relabel)))


class Unmoved(nn.Sequential):
    """Predicts one class whatever it sees."""

    def __init__(self, image_shape: tuple[int, ...], classes: int) -> None:
        linear = nn.Linear(16, classes)
        linear.bias.data[0] = 100.0
        super().__init__(nn.Flatten(), linear)


def dies(**changes: Any) -> Recipe:
    """In its second epoch, in which the learning rate comes to nothing."""
    return small(Unmoved, optimizer=partial(Adam, lr=1e-2), lr_decay=1e-30, dead_epochs=3, max_epochs=9, **changes)


class Accuracy(Callback):
    """Of the pseudo-test split as if it were 0 at the start, and 1 later."""

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics["accuracy/pseudo_test"] = 0.0

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        learner.metrics["accuracy/pseudo_test"] = 1.0


STOPS: dict[str, Make] = {
    "at an accuracy": lambda: small(
        MLP, optimizer=partial(Adam, lr=3e-2), objective=Standard(), stop_accuracy=0.9, max_epochs=200
    ),
    "dead": dies,
    "measures": measured,
}
RUNS = (
    NETWORKS
    | {name: lambda objective=objective: small(MLP, objective=objective) for name, objective in OBJECTIVES.items()}
    | {name: lambda kind=kind: small(MLP, aggregator=kind, optimizer=PLAIN) for name, kind in AGGREGATORS.items()}
    | {name: lambda changes=changes: small(MLP, **changes) for name, changes in OPTIMIZERS.items()}
    | STOPS
)


FAST = {
    *("convnet5", "mlp, dropout", "resnet18", "small_inception", "threshold", "split_then_standard"),
    *("RM3", "Adam, a decaying rate", *STOPS),
}
"""One of a kind; the others are slow."""


@pytest.mark.parametrize(
    "make", [pytest.param(made, id=name, marks=() if name in FAST else pytest.mark.slow) for name, made in RUNS.items()]
)
def test_killed_twice_is_left_alone(make: Make, tmp_path: Path) -> None:
    expected = alone(make, tmp_path)
    folder = tmp_path / "run"
    killed(make, folder, (1, 0))
    killed(make, folder, (3, 2))
    assert checkpoints.epoch(folder) == 3
    assert same(goes_on(make, folder), expected)


CONTROLS: dict[str, Make] = {
    "parameters": lambda: small(MLP),
    "buffers": lambda: small(partial(small_inception, width=0.05), 8),
    "optimizer": lambda: small(MLP, optimizer=partial(SGD, lr=0.1, momentum=0.9)),
    "optimizer: its learning rate": lambda: small(MLP, optimizer=PLAIN, lr_decay=0.5),
    "epoch": lambda: small(MLP),
    "step": lambda: small(MLP),
    "images": lambda: small(MLP),
    "metrics": lambda: small(MLP, objective=Threshold(0.5), measures=[Accuracy()]),
    "aggregator": lambda: small(MLP, aggregator=partial(aggregators.rolling_median, steps=3), optimizer=PLAIN),
    "random": lambda: small(partial(mlp, widths=[8], dropout=0.5)),
    "callbacks: Agreement": lambda: small(MLP, measures=[Agreement(16, per_decade=20)]),
    "callbacks: Stability": lambda: small(
        MLP, objective=Standard(), optimizer=partial(Adam, lr=1e-2), measures=[Stability(LEVELS, 0.05, 2, 8)]
    ),
    "callbacks: Examples": lambda: small(MLP, measures=[Examples(["train"])]),
    "callbacks: StopWhenDead": dies,
}
"""Part of what is kept -> a run in which it is seen that it was left out."""


def test_every_part_has_a_negative_control() -> None:
    assert {name.partition(":")[0] for name in CONTROLS} == set(OF_A_RUN)
    remember = {kind.__name__ for kind in Callback.__subclasses__() if "state_dict" in vars(kind) and ours(kind)}
    remember.discard("InitialWeights")  # in a run alone they are drawn again; measures/test_generalizing.py
    assert {name.partition(": ")[2] for name in CONTROLS if name.startswith("callbacks")} == remember


def ours(kind: type) -> bool:
    """Of what runs may observe; that of an audit has its control in ``audit.test_stack``."""
    return kind.__module__.startswith("rotelab.") and not kind.__module__.startswith("rotelab.audit.")


@pytest.mark.parametrize("name", CONTROLS)
def test_without_a_part_of_it_another_run_comes_out(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, part = CONTROLS[name], name.partition(":")[0]
    expected = alone(make, tmp_path)
    killed(make, tmp_path / "whole")
    assert same(goes_on(make, tmp_path / "whole"), expected)
    killed(make, tmp_path / "run")
    monkeypatch.setitem(OF_A_RUN, part, replace(OF_A_RUN[part], put=lambda *_: None))
    assert not same(goes_on(make, tmp_path / "run"), expected)


def test_a_curve_that_is_not_cut_has_rows_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of an epoch that ended after the checkpoint."""
    make = CONTROLS["parameters"]
    expected = alone(make, tmp_path)
    for name in ("run", "uncut"):
        killed(make, tmp_path / name)
        with (tmp_path / name / CURVE).open("a") as curve:
            curve.write("3,9,90,train,accuracy,0.5\n")
    assert same(goes_on(make, tmp_path / "run"), expected)
    monkeypatch.setattr(checkpoints, "cut", lambda *_: None)
    assert not same(goes_on(make, tmp_path / "uncut"), expected)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_noise(tmp_path_factory.mktemp("images"))


@pytest.mark.parametrize(
    ("storage", "workers"), [("memory", 0), ("stream", 0), pytest.param("stream", 2, marks=pytest.mark.slow)]
)
def test_images_that_are_augmented_and_streamed(storage: str, workers: int, images: Path, tmp_path: Path) -> None:
    """The pseudo-test split has another number of batches, and is gone on with where the epoch before left it."""
    data = partial(
        ImageData,
        load=partial(image_folder, None, str(images), str(tmp_path / "cache"), storage, "error"),
        split={"train": "train[:20]", "pseudo_test": "train[20:36]", "held_out": "test"},
        prepare=Preparation(
            inputs.Corruption(partial(inputs.random_pixels, channels="free"), 0, splits.NAMES),
            labels.Corruption(partial(labels.corrupted, fraction=0.5), 0, ("train",)),
            Preprocessing(6, True, augmentation(6, 0.5, 0.2, 0.2, 0.1, 20.0), crops_at_random=True),
        ),
        order="shuffled",
        order_seed=0,
        batch_size=8,
        batch_order="reshuffled",
        seed=0,
        workers=workers,
    )

    def make() -> Recipe:
        return replace(recipe(network=partial(mlp, widths=[8], dropout=0.3), optimizer=PLAIN), data=data)

    expected = alone(make, tmp_path)
    killed(make, tmp_path / "run")
    assert same(goes_on(make, tmp_path / "run"), expected)


def test_what_a_sitting_adds(tmp_path: Path) -> None:
    make, folder = partial(small, MLP), tmp_path / "run"
    killed(make, folder)
    kept = found(folder / CHECKPOINT, ["run"])
    assert kept and kept.about["seconds"] > 0
    kept.about["seconds"] = 1000.0
    outcome = fit(make(), folder / CURVE, (), Checkpoints(folder / CHECKPOINT, [folder / CURVE], 0, Waiting(""), kept))
    assert outcome.sittings == 2
    assert 1000 < outcome.seconds < 1060


def test_it_is_written_when_the_minutes_have_gone_by(tmp_path: Path) -> None:
    for minutes, there in ((0, False), (60, False), (EVERY_EPOCH, True)):
        folder = tmp_path / str(minutes)
        sitting(small(MLP), folder, minutes=minutes)
        assert (folder / CHECKPOINT).exists() == there


def test_what_a_sitting_that_keeps_nothing_went_on_from_stays(tmp_path: Path) -> None:
    make, folder = partial(small, MLP), tmp_path / "run"
    expected = alone(make, tmp_path)
    killed(make, folder)
    assert same(end(sitting(make(), folder, minutes=0), folder), expected)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def of_another_run(path: Path) -> None:
    other = path.parent.parent / "other"
    killed(lambda: small(MLP), other)
    path.write_bytes((other / CHECKPOINT).read_bytes())


def of_another_curve(path: Path) -> None:
    curve = path.parent / CURVE
    curve.write_bytes(curve.read_bytes().replace(b"accuracy,0.", b"accuracy,1.", 1))


def of_a_shorter_curve(path: Path) -> None:
    curve = path.parent / CURVE
    curve.write_bytes(curve.read_bytes()[:100])


def of_no_curve(path: Path) -> None:
    (path.parent / CURVE).unlink()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (cut, "is damaged: it is started anew"),
        (flip, "is damaged"),
        (lambda path: path.write_bytes(b""), "is damaged"),
        (of_another_run, "is of other: it is started anew"),
        (of_another_curve, "than it was written beside"),
        (of_a_shorter_curve, "than it was written beside"),
        (of_no_curve, "than it was written beside"),
    ],
)
def test_one_that_is_of_no_use_is_refused_with_a_line(
    change: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    make, folder = partial(small, MLP), tmp_path / "run"
    expected = alone(make, tmp_path)
    killed(make, folder)
    change(folder / CHECKPOINT)
    with pytest.warns(Notice, match=f"^{folder / CHECKPOINT}: the checkpoint .*{reason}"):
        outcome = sitting(make(), folder)
    assert outcome.sittings == 1
    assert same(end(outcome, folder), expected)


@pytest.mark.parametrize(("name", "value"), [("LAYOUT", 0), ("_versions", lambda: {"torch": "1.0"})])
def test_one_of_another_version_is_refused(
    name: str, value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    with monkeypatch.context() as former:
        former.setattr(checkpoints, name, value)
        killed(lambda: small(MLP), folder)
    with pytest.warns(Notice, match=r"is of (layout 0|rotelab None|torch 1.0), and this is .*: it is started anew"):
        assert found(folder / CHECKPOINT, ["run"]) is None
    assert not (folder / CHECKPOINT).exists()


def test_a_network_of_another_shape_is_a_sentence(tmp_path: Path) -> None:
    """A class of one's own that was changed: its name is the same."""
    killed(lambda: small(MLP), tmp_path / "run")
    with pytest.raises(RunError, match="the checkpoint is of another network: delete it"):
        sitting(small(partial(mlp, widths=[9])), tmp_path / "run")


class Keeps(Callback):
    """Something that is neither tensor nor number."""

    def state_dict(self) -> dict[str, Any]:
        return {"path": Path()}


def test_nothing_is_loaded_that_could_be_code(tmp_path: Path) -> None:
    killed(lambda: small(MLP, measures=[Keeps()]), tmp_path / "run")
    with pytest.warns(Notice, match="holds more than tensors and numbers"):
        assert found(tmp_path / "run" / CHECKPOINT, ["run"]) is None


def test_a_full_disk_keeps_no_run_from_going_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "write", full)
    with pytest.warns(Notice, match=r"could not be written \(No space left on device\): the run goes on"):
        assert sitting(small(MLP), tmp_path / "run").epochs == 4


class Signal(Callback):
    """As one that comes in the middle of an epoch."""

    def __init__(self, signals: Waiting, epoch: int) -> None:
        self.signals, self.epoch = signals, epoch

    def on_train_batch_end(
        self, trainer: Trainer, learner: Learner, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        if (trainer.current_epoch, batch_idx) == (self.epoch, 0):
            self.signals.came = 15


class Answering(Waiting):
    def answer(self) -> None:
        if self.came is not None:
            raise Killed


@pytest.mark.parametrize(("epoch", "after"), [(0, 1), (2, 3)])
def test_a_signal_is_answered_at_the_end_of_the_epoch(epoch: int, after: int, tmp_path: Path) -> None:
    make, folder, signals = partial(small, MLP), tmp_path / "run", Answering("")
    expected = alone(make, tmp_path)
    folder.mkdir()
    keeping = Checkpoints(folder / CHECKPOINT, [folder / CURVE], 60, signals)
    with pytest.raises(Killed):
        fit(make(), folder / CURVE, [Signal(signals, epoch)], keeping)
    assert checkpoints.epoch(folder) == after
    assert same(goes_on(make, folder), expected)


def test_one_in_the_last_epoch_is_left_to_who_writes_the_result(tmp_path: Path) -> None:
    folder, signals = tmp_path, Answering("")
    keeping = Checkpoints(folder / CHECKPOINT, [folder / CURVE], 60, signals)
    assert fit(small(MLP), folder / CURVE, [Signal(signals, 3)], keeping).epochs == 4
    assert signals.came == 15
    assert checkpoints.epoch(folder) is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
@pytest.mark.parametrize("compile_", [None, "default", "reduce-overhead"])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_on_a_gpu(compile_: str | None, dropout: float, tmp_path: Path) -> None:
    """With the optimizer's fused step, numbers that the device draws, the compiler and CUDA graphs."""

    def make() -> Recipe:
        return small(partial(mlp, widths=[64], dropout=dropout), accelerator="gpu", compile=compile_)

    expected = alone(make, tmp_path)
    killed(make, tmp_path / "run")
    assert same(goes_on(make, tmp_path / "run"), expected)
