"""What a run is at the end of an epoch, kept in a file, and put back: it goes on as if it had never stopped.

The order of images, noise, labels and augmentation are pure functions of seed and epoch, so that what is kept is small:
weights and buffers, the optimizer, the counts, the metrics that rule the next epoch's sign, what aggregators, measures
and stops remember, and the random state that networks draw from.
"""

import io
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning import Callback, LightningModule, Trainer
from lightning.fabric.utilities import move_data_to_device
from torch import Tensor
from torch.optim import Optimizer

from rotelab.errors import Notice, RunError
from rotelab.results import checkpoints
from rotelab.system.signals import Waiting
from rotelab.training.learner import Learner


@dataclass(frozen=True)
class Part:
    """Of the state of a run: how it is taken, as tensors and plain values, and how it is put back."""

    take: Callable[[Trainer, Any], Any]
    put: Callable[[Trainer, Any, Any], None]


@torch.no_grad()
def put_tensors(there: Mapping[str, Tensor], kept: Mapping[str, Tensor]) -> None:
    """Raises RunError where they are not those of the same network."""
    shapes = [{name: tuple(tensor.shape) for name, tensor in tensors.items()} for tensors in (there, kept)]
    if shapes[0] != shapes[1]:
        raise RunError("the checkpoint is of another network: delete it, and the run starts anew")
    for name, tensor in there.items():
        tensor.copy_(kept[name])


def optimizer_state(optimizer: Optimizer) -> dict[str, Any]:
    """Without groups that have no parameters any more."""
    state = optimizer.state_dict()
    return state | {"param_groups": [group for group in state["param_groups"] if group["params"]]}


def put_optimizer(optimizer: Optimizer, state: Mapping[str, Any]) -> None:
    """How it launches its steps is this machine's, whatever it was where the state was written."""
    groups = zip(state["param_groups"], optimizer.param_groups, strict=True)
    launches = [kept | {"fused": ours["fused"]} if "fused" in ours else kept for kept, ours in groups]
    optimizer.load_state_dict({**state, "param_groups": launches})


def put_epoch(trainer: Trainer, epoch: int) -> None:
    """So many have ended: Lightning has it in several places, of which each loop reads its own."""
    progress = trainer.fit_loop.epoch_progress
    progress.total.increment_by(epoch)
    progress.current.increment_by(epoch)


def put_step(trainer: Trainer, step: int) -> None:
    trainer.fit_loop.epoch_loop.automatic_optimization.optim_progress.optimizer.step.total.increment_by(step)


def random_state(device: torch.device) -> list[Tensor]:
    return [torch.get_rng_state(), *([torch.cuda.get_rng_state(device)] if device.type == "cuda" else [])]


def put_random_state(device: torch.device, kept: Sequence[Tensor]) -> None:
    torch.set_rng_state(kept[0])
    if device.type == "cuda" and len(kept) > 1:
        torch.cuda.set_rng_state(kept[1], device)


def remembered(callbacks: Iterable[Callback]) -> dict[str, Any]:
    """What each of those that remember anything does, by its kind and its place among these."""
    return {name: state for name, callback in _named(callbacks).items() if (state := callback.state_dict())}


def put_remembered(callbacks: Iterable[Callback], kept: Mapping[str, Any]) -> None:
    for name, callback in _named(callbacks).items():
        if name in kept:
            callback.load_state_dict(kept[name])


def tensors(named: Iterable[tuple[str, Tensor]]) -> dict[str, Tensor]:
    """Parameters or buffers, as plain tensors that share their memory."""
    return {name: tensor.detach() for name, tensor in named}


def _named(callbacks: Iterable[Callback]) -> dict[str, Callback]:
    found: dict[str, Callback] = {}
    for callback in callbacks:
        kind = type(callback).__qualname__
        found[f"{kind} {sum(name.split()[0] == kind for name in found)}"] = callback
    return found


def callbacks(trainer: Trainer) -> list[Callback]:
    return getattr(trainer, "callbacks")  # noqa: B009, which Lightning adds where a type checker does not look


def put_metrics(learner: Learner, kept: Mapping[str, float]) -> None:
    learner.metrics = dict(kept)


def put_images(learner: Learner, kept: int) -> None:
    learner.images = kept


OF_ALL = {
    "optimizer": Part(
        lambda trainer, _: optimizer_state(trainer.optimizers[0]),
        lambda trainer, _, kept: put_optimizer(trainer.optimizers[0], kept),
    ),
    "epoch": Part(lambda trainer, _: trainer.current_epoch, lambda trainer, _, kept: put_epoch(trainer, kept)),
    "step": Part(lambda trainer, _: trainer.global_step, lambda trainer, _, kept: put_step(trainer, kept)),
}
"""What a run and a stack of them have alike."""
OF_A_RUN = OF_ALL | {
    "random": Part(
        lambda _, learner: random_state(learner.device),
        lambda _, learner, kept: put_random_state(learner.device, kept),
    ),
    "parameters": Part(
        lambda _, learner: tensors(learner.network.named_parameters()),
        lambda _, learner, kept: put_tensors(tensors(learner.network.named_parameters()), kept),
    ),
    "buffers": Part(
        lambda _, learner: tensors(learner.network.named_buffers()),
        lambda _, learner, kept: put_tensors(tensors(learner.network.named_buffers()), kept),
    ),
    "metrics": Part(lambda _, learner: learner.metrics, lambda _, learner, kept: put_metrics(learner, kept)),
    "images": Part(lambda _, learner: learner.images, lambda _, learner, kept: put_images(learner, kept)),
    "aggregator": Part(
        lambda _, learner: learner.aggregator.state_dict(),
        lambda _, learner, kept: learner.aggregator.load_state_dict(move_data_to_device(kept, learner.device)),
    ),
    "callbacks": Part(
        lambda trainer, _: remembered(callbacks(trainer)),
        lambda trainer, learner, kept: put_remembered(callbacks(trainer), move_data_to_device(kept, learner.device)),
    ),
}


@dataclass(frozen=True)
class Kept:
    """What a file holds: what is said of it, and the state."""

    about: dict[str, Any]
    state: dict[str, Any]


def found(path: Path, runs: Sequence[str]) -> Kept | None:
    """What these ``runs``, in folders beside the file's, can go on from; their curves are cut to it.

    One that can't be used is refused.
    """
    try:
        read = checkpoints.read(path, runs)
        return read and Kept(read[0], _loaded(read[1]))
    except checkpoints.Unusable as reason:
        checkpoints.refuse(path, str(reason))
        return None


def _loaded(content: bytes) -> dict[str, Any]:
    try:
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # torch has no one type for it: an optimizer of one's own keeps something else
        raise checkpoints.Unusable(f"holds more than tensors and numbers ({type(error).__name__})") from error


class Checkpoints(Callback):
    """Keeps what ``parts`` take, at the end of an epoch, when so many ``minutes`` have gone by since it was last kept
    (0: never), or when a signal has come, which is answered then. A run that was ``kept`` goes on from there.

    ``curves`` are those that belong to it, each named by its folder; ``ended()`` says how those of a stack ended that
    have. Stands behind all other callbacks: what they do at the start of a run is done at that of its going on, and
    then what they remember is put back.
    """

    def __init__(
        self,
        path: Path,
        curves: Sequence[Path],
        minutes: int | float,
        signals: Waiting | None = None,
        kept: Kept | None = None,
        parts: Mapping[str, Part] = OF_A_RUN,
        ended: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self.path, self.curves, self.minutes, self.signals = path, curves, minutes, signals or Waiting("")
        self.kept, self.parts, self.ended = kept, parts, ended
        self.start = self.last = time.monotonic()
        self.seconds: float = kept.about["seconds"] if kept else 0.0
        """That the sittings before took."""
        self.sittings: int = kept.about["sittings"] + 1 if kept else 1

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        state = trainer.strategy.broadcast(self.kept.state if self.kept else None)  # the first of several has read it
        if state:
            for name, part in self.parts.items():
                part.put(trainer, module, state[name])
        self.kept = None
        self.last = time.monotonic()
        if self.minutes:
            self.signals.begin()

    def on_train_epoch_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Of the next one: all that the end of the last had to do is done, and the run goes on."""
        due = self.minutes and time.monotonic() - self.last >= 60 * self.minutes
        if due or self.signals.came is not None:
            if trainer.current_epoch:
                self.keep(trainer, module)
            self.signals.answer()

    def keep(self, trainer: Trainer, module: LightningModule) -> None:
        content = io.BytesIO()
        torch.save({name: part.take(trainer, module) for name, part in self.parts.items()}, content)
        about = {
            "epoch": trainer.current_epoch,
            "step": trainer.global_step,
            "seconds": self.seconds + time.monotonic() - self.start,
            "sittings": self.sittings,
            "ended": self.ended(),
        }
        try:
            checkpoints.write(self.path, about, self.curves, content.getvalue())
        except OSError as error:
            warnings.warn(f"{self.path} could not be written ({error.strerror}): the run goes on", Notice, stacklevel=2)
        self.last = time.monotonic()
