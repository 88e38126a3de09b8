"""Runs that differ only in seed, objective, corruption or learning rate train together, as one stack of networks.

Each of them gets what a run of its own would: its curve, its measures, its stop, its outcome; a step differs from that
of a single run in its last bits. All of them take a step at once, and all evaluations of an epoch are read at once. A
run leaves the stack when it has reached its accuracy, is dead or failed; the others go on.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, Int64
from lightning import Callback, LightningModule, Trainer
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ExponentialLR, LRScheduler

from rotelab.aggregators import Mean
from rotelab.data.batches import Labelled, Pair
from rotelab.data.module import ImageData
from rotelab.errors import CannotStack, RunError, is_out_of_memory
from rotelab.training.curve import Curve, CurveWriter
from rotelab.training.dead import Vitals
from rotelab.training.evaluation import accuracy, checked, fitting, predicted_classes
from rotelab.training.learner import Learner
from rotelab.training.run import Outcome, Recipe, make_learner, make_trainer, outcome
from rotelab.training.stacks.stack import Stack, forward, side_by_side
from rotelab.training.stopping import reached


def fit_together(
    recipes: Sequence[Recipe],
    curves: Sequence[Path],
    observers: Sequence[Sequence[Callback]],
    ended: Callable[[int, Outcome | RunError], None],
    watchers: Sequence[Callback] = (),
) -> None:
    """Train all of them to their ends, as ``fit`` does one; ``ended`` is told of each, by its number, when it ends.

    The recipes may differ in seed, objective, options of the optimizer, and in what the images and labels are. Raises
    CannotStack where they can't be stacked, or don't fit into the device's memory, and InputError as ``fit`` does.
    ``watchers`` look at all of them together, with the metrics of the first that is still training.
    """
    first, *_ = recipes
    trainer = make_trainer(first, [Members(ended), *watchers], first.max_epochs)
    device = trainer.strategy.root_device
    with ExitStack() as files, _enough_memory():
        learners = [make_learner(recipe, device).to(device) for recipe in recipes]
        _check(recipes, learners)
        runs = []
        for number, (recipe, learner) in enumerate(zip(recipes, learners, strict=True)):
            curve = CurveWriter(files.enter_context(Curve(curves[number])))
            (options,) = recipe.optimizer(learner.parameters()).param_groups
            options = {name: value for name, value in options.items() if name != "params"}
            callbacks = (*recipe.measures, curve, *observers[number])
            runs.append(Member(number, recipe, learner, options, Vitals(recipe.dead_epochs), callbacks))
        together = Together(runs)
        trainer.fit(together, train_dataloaders=SideBySide(together))


@contextmanager
def _enough_memory() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise CannotStack("they don't fit into the device's memory") from None  # it would hold them there


@dataclass(frozen=True)
class Member:
    """A run of the stack: its number among those that began, its recipe, its learner, the options of its optimizer, its
    vitals, and who looks on: callbacks that are told of ``setup``, ``on_train_start``, ``on_train_batch_end``,
    ``on_train_epoch_end`` and the end, ``teardown`` or ``on_exception``, of nothing else."""

    number: int
    recipe: Recipe
    learner: Learner
    options: dict[str, Any]
    vitals: Vitals
    callbacks: Sequence[Callback]


class Together(LightningModule):
    """Minimizes the sum of the objectives of its ``members``, each of which depends on the weights of one alone.

    Members with the same options of the optimizer lie side by side, and are one parameter group of it. A run whose sign
    is 0 takes no part in the pass over the pseudo-test batch, as it would not by itself.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        super().__init__()
        self.members = sorted(members, key=lambda member: repr(member.options))
        groups = [list(group) for _, group in groupby(self.members, key=lambda member: member.options)]
        self.stack = Stack([[member.learner.network for member in group] for group in groups])
        self.options = [group[0].options for group in groups]
        self.losses: Tensor = torch.zeros(len(members))
        self.metrics: dict[str, float] = {}
        self._find_sources()

    def _find_sources(self) -> None:
        self.sources: list[ImageData] = list({id(m.learner.data): m.learner.data for m in self.members}.values())
        """The data of the members, each once: those that differ in their seed alone may learn from the same."""
        self.which = [self.sources.index(member.learner.data) for member in self.members]

    def configure_optimizers(self) -> tuple[list[Optimizer], list[LRScheduler]]:
        first, member = self.stack.parameters[0], self.members[0]
        optimizer = member.recipe.optimizer(first.values(), **member.learner.launches())
        for parameters, options in zip(self.stack.parameters[1:], self.options[1:], strict=True):
            optimizer.add_param_group({"params": list(parameters.values()), **options, **member.learner.launches()})
        return [optimizer], [ExponentialLR(optimizer, member.recipe.lr_decay)]

    def on_train_epoch_start(self) -> None:
        for member in self.members:
            member.learner.decide(self.current_epoch + 1)
        signs = [member.learner.sign for member in self.members]
        self.active = [i for i, sign in enumerate(signs) if sign]
        self.active_numbers = torch.tensor(self.active).to(self.device, non_blocking=True)
        self.signs = torch.tensor([float(sign) for sign in signs if sign]).to(self.device, non_blocking=True)

    def training_step(self, batch: Sequence[Pair], index: int) -> Float[Tensor, ""]:
        losses = self._losses([train for train, _ in batch], range(len(self.members)))
        if self.active:
            pseudo_test = self.signs * self._losses([pseudo_test for _, pseudo_test in batch], self.active)
            losses = losses.index_add(0, self.active_numbers, pseudo_test)
        self.losses = losses.detach()
        return losses.sum()

    def _losses(self, batches: Sequence[Labelled], runs: Sequence[int]) -> Float[Tensor, " run"]:
        images = self._images([images for images, _ in batches], runs)
        outputs = self.stack(images, None if len(runs) == len(self.members) else self.active_numbers)
        return mean_cross_entropy(outputs, self._labels([labels for _, labels in batches], runs))

    def _images(
        self, images: Sequence[Float[Tensor, "image channel height width"]], runs: Sequence[int]
    ) -> Float[Tensor, "run image channel height width"]:
        """Of each of the ``runs`` those of its source; of a single source without a copy."""
        if len(images) == 1:
            return images[0].expand(len(runs), *images[0].shape)
        return side_by_side([images[self.which[run]] for run in runs])

    def _labels(self, labels: Sequence[Int64[Tensor, " image"]], runs: Sequence[int]) -> Int64[Tensor, "run image"]:
        return torch.stack([labels[self.which[run]] for run in runs])

    @torch.inference_mode()
    def evaluated(self, split: str) -> tuple[Float[Tensor, "run image class"], Int64[Tensor, "run image"]]:
        """Every run's outputs for all of its split in eval mode, and the labels."""
        runs = range(len(self.members))
        images, labels = zip(*(data.splits[split] for data in self.sources), strict=True)

        def outputs(size: int) -> Tensor:
            size = size if self.device.type == "cpu" else max(1, size // len(runs))
            pieces = zip(*(part.split(size) for part in images), strict=True)
            return torch.cat([forward(template, self._images(piece, runs), weights) for piece in pieces], dim=1)

        template, weights = self.stack.networks[0], self.stack.weights()
        self.stack.train(False)
        found = fitting(outputs, self.device).float()
        self.stack.train(True)
        return found, self._labels(labels, runs)

    def leave(self, leaving: Sequence[Member], optimizer: Optimizer) -> None:
        self.stack.leave([member.learner.network for member in leaving], optimizer)
        self.members = [member for member in self.members if member not in leaving]
        self._find_sources()

    def transfer_batch_to_device(self, batch: object, device: torch.device, dataloader_idx: int) -> object:
        return batch  # it is there already


def mean_cross_entropy(
    outputs: Float[Tensor, "run image class"], labels: Int64[Tensor, "run image"]
) -> Float[Tensor, " run"]:
    """Of every run, in nats."""
    each = cross_entropy(outputs.flatten(0, 1), labels.flatten(), reduction="none")
    return each.unflatten(0, labels.shape).mean(dim=1)


class SideBySide:
    """The batches of an epoch: of each step a pair from every source of the runs that are still training."""

    def __init__(self, together: Together) -> None:
        self.together = together

    def _batches(self) -> list:
        return [data.batches(lambda: self.together.current_epoch) for data in self.together.sources]

    def __len__(self) -> int:
        return len(self._batches()[0])

    def __iter__(self) -> Iterator[tuple[Pair, ...]]:
        return zip(*self._batches(), strict=True)


class Members(Callback):
    """Evaluates every member, has those look on who look on at it, and lets it go when it has ended."""

    def __init__(self, ended: Callable[[int, Outcome | RunError], None]) -> None:
        self.ended = ended
        self.start = time.monotonic()
        self.losses: list[Tensor] = []
        self.began_with = 0
        self.watched: list[Member] = []
        """Those whose end has not been told."""

    def setup(self, trainer: Trainer, together: Together, stage: str) -> None:
        self.watched = list(together.members)
        self.began_with = len(self.watched)
        for member in together.members:
            for callback in member.callbacks:
                callback.setup(trainer, member.learner, stage)

    def on_train_start(self, trainer: Trainer, together: Together) -> None:
        self._epoch(trainer, together, "on_train_start")

    def on_train_batch_start(self, trainer: Trainer, together: Together, batch: object, batch_idx: int) -> None:
        for member in together.members:
            member.learner.on_train_batch_start(batch, batch_idx)

    def on_train_batch_end(
        self, trainer: Trainer, together: Together, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        self.losses.append(together.losses)
        for member, loss in zip(together.members, together.losses.unbind(), strict=True):
            for callback in member.callbacks:
                callback.on_train_batch_end(trainer, member.learner, {"loss": loss}, batch, batch_idx)

    def on_train_epoch_end(self, trainer: Trainer, together: Together) -> None:
        networks = together.stack.networks
        together.stack.gradients()
        self._epoch(trainer, together, "on_train_epoch_end")
        for network in networks:
            network.zero_grad()  # parts of the stack's, which would be kept

    def teardown(self, trainer: Trainer, together: Together, stage: str) -> None:
        for member in list(self.watched):
            self._tell_end(trainer, member)

    def on_exception(self, trainer: Trainer, together: Together, exception: BaseException) -> None:
        for member in list(self.watched):
            self._tell_end(trainer, member, exception)

    def _epoch(self, trainer: Trainer, together: Together, hook: str) -> None:
        """The evaluation and who looks on at it; then those that have ended leave."""
        starts = hook == "on_train_start"
        epochs = 0 if starts else trainer.current_epoch + 1
        ends: list[tuple[Member, Outcome | RunError]] = []
        for member, (losses, metrics) in zip(together.members, self._evaluate(trainer, together), strict=True):
            learner = member.learner
            try:
                learner.metrics |= checked(losses, metrics, trainer.global_step)
                if not starts:
                    learner.metrics["sign/pseudo_test"] = learner.sign
                for callback in member.callbacks:
                    getattr(callback, hook)(trainer, learner)
            except RunError as error:
                ends.append((member, error))
                continue
            learner.dead_since = member.vitals.dead_since(epochs, learner.metrics)
            arrived = reached(learner.metrics, member.recipe.stop_accuracy) or epochs == trainer.max_epochs
            if not starts and (arrived or learner.dead_since is not None):
                seconds = time.monotonic() - self.start
                ends.append(
                    (member, outcome(learner, together.device, epochs, trainer.global_step, seconds, self.began_with))
                )
        together.metrics = together.members[0].learner.metrics
        if ends:
            self._leave(trainer, together, ends)

    def _leave(self, trainer: Trainer, together: Together, ends: Sequence[tuple[Member, Outcome | RunError]]) -> None:
        leaving = [member for member, _ in ends]
        if len(leaving) < len(together.members):
            together.leave(leaving, trainer.optimizers[0])
        else:
            together.members, trainer.should_stop = [], True
        for member, end in ends:
            self._tell_end(trainer, member, end if isinstance(end, RunError) else None)
            self.ended(member.number, end)

    def _tell_end(self, trainer: Trainer, member: Member, error: BaseException | None = None) -> None:
        self.watched.remove(member)
        for callback in member.callbacks:
            if error is None:
                callback.teardown(trainer, member.learner, "fit")
            else:
                callback.on_exception(trainer, member.learner, error)

    def _evaluate(self, trainer: Trainer, together: Together) -> list[tuple[list[float], dict[str, float]]]:
        """Of every member the losses of the epoch's steps and the metrics after it, from the device at once."""
        found: list[dict[str, Tensor]] = [{} for _ in together.members]
        with trainer.precision_plugin.forward_context():
            for split in together.sources[0].splits:
                outputs, labels = together.evaluated(split)
                right = (outputs.argmax(dim=2) == labels).float().mean(dim=1)
                loss = mean_cross_entropy(outputs, labels)
                classes = predicted_classes(outputs) if split == "train" else None
                for i, member in enumerate(together.members):
                    found[i] |= {f"accuracy/{split}": right[i], f"loss/{split}": loss[i]}
                    if classes is not None:
                        found[i]["classes/train"] = classes[i]
                    for kind, which in member.learner.data.kinds[split].items():
                        found[i][f"accuracy/{split}_{kind}"] = accuracy(outputs[i][which], labels[i][which])
        steps = len(self.losses)
        of_steps = torch.stack(self.losses).T if steps else torch.empty(len(found), 0, device=together.device)
        self.losses.clear()
        values = torch.cat([of_steps.flatten(), torch.stack([value for of in found for value in of.values()])]).tolist()
        measured = iter(values[of_steps.numel() :])
        return [
            (values[i * steps : (i + 1) * steps], {name: next(measured) for name in of}) for i, of in enumerate(found)
        ]


def _check(recipes: Sequence[Recipe], learners: Sequence[Learner]) -> None:
    for name in ("stop_accuracy", "dead_epochs", "max_epochs", "lr_decay", "precision", "accelerator"):
        if len({getattr(recipe, name) for recipe in recipes}) > 1:
            raise CannotStack(f"runs of different {name}")
    for learner in learners:
        if type(learner.aggregator) is not Mean or learner.aggregator.groups > 1:
            raise CannotStack("an aggregator of several gradients")
        if not learner.data.ready:
            raise CannotStack("images that are augmented or streamed")
    of_each = [
        (learner.data.batch_size, [tuple(images.shape) for images, _ in learner.data.splits.values()])
        for learner in learners
    ]
    if any(sizes != of_each[0] for sizes in of_each):
        raise CannotStack("batches or splits of different sizes")
