"""The LightningModule of a stack: one step of it is a step of every member."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import torch
from jaxtyping import Float, Int64
from lightning import Callback, LightningModule
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ExponentialLR, LRScheduler

from rotelab.data.batched import Batched
from rotelab.data.batches import Pair
from rotelab.models.held import hold_after
from rotelab.models.initial import head
from rotelab.results.dead import Vitals
from rotelab.training.evaluation import fitting
from rotelab.training.learner import Learner, decay
from rotelab.training.recipe import Recipe
from rotelab.training.stacks.rules import forward, side_by_side
from rotelab.training.stacks.stack import Stack

Batch = Sequence[tuple[Tensor, Tensor]]
"""Images and labels from every source."""


@dataclass(frozen=True)
class Member:
    """A run of the stack: its number among those that began, its recipe, its learner, the options of its optimizer, its
    vitals, and who looks on: callbacks that are told of ``setup``, ``on_train_start``, ``on_train_batch_end``,
    ``on_train_epoch_end`` and the end, ``on_train_end`` and ``teardown`` or ``on_exception``, of nothing else."""

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
        self.sources: list[Batched] = list({id(m.learner.data): m.learner.data for m in self.members}.values())
        """The data of the members, each once: those that differ in their seed alone may learn from the same."""
        self.which = [self.sources.index(member.learner.data) for member in self.members]

    def configure_optimizers(self) -> tuple[list[Optimizer], list[LRScheduler]]:
        first, member = self.stack.parameters[0], self.members[0]
        optimizer = member.recipe.optimizer(first.values(), **member.learner.launches())
        for parameters, options in zip(self.stack.parameters[1:], self.options[1:], strict=True):
            optimizer.add_param_group({"params": list(parameters.values()), **options, **member.learner.launches()})
        hold_after(optimizer, lambda: self.stack.networks)
        return [optimizer], [ExponentialLR(optimizer, member.recipe.lr_decay)]

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        if rate := self.members[0].recipe.head_decay:
            for parameters, options in zip(self.stack.parameters, optimizer.param_groups, strict=True):
                decay([parameters[name] for name in self._head if parameters], options["lr"], rate)

    @cached_property
    def _head(self) -> list[str]:
        """The names of the last layer's parameters, in each network."""
        return [*head(self.stack.networks[0])]

    def on_train_epoch_start(self) -> None:
        for member in self.members:
            member.learner.decide(self.current_epoch + 1)
        signs = [member.learner.sign for member in self.members]
        self.active = [i for i, sign in enumerate(signs) if sign]
        self.active_numbers = torch.tensor(self.active).to(self.device, non_blocking=True)
        self.signs = torch.tensor([float(sign) for sign in signs if sign]).to(self.device, non_blocking=True)

    def training_step(self, batch: Sequence[Pair], index: int) -> Float[Tensor, ""]:
        train, pseudo_test = zip(*batch, strict=True)
        everyone = range(len(self.members))
        if self.members[0].recipe.one_pass and len(self.active) == len(everyone):
            losses, others = self._losses((train, pseudo_test), everyone)
        else:
            (losses,) = self._losses((train,), everyone)
            others = self._losses((pseudo_test,), self.active)[0] if self.active else None
        if others is not None:
            losses = losses.index_add(0, self.active_numbers, self.signs * others)
        self.losses = losses.detach()
        return losses.sum()

    def _losses(self, splits: Sequence[Batch], runs: Sequence[int]) -> list[Float[Tensor, " run"]]:
        """Of each of these splits' batches, all in one pass."""
        of_sources = zip(*([images for images, _ in split] for split in splits), strict=True)
        images = self._images([torch.cat(several) if len(splits) > 1 else several[0] for several in of_sources], runs)
        sizes = [len(split[0][1]) for split in splits]
        outputs = self.stack(images, None if len(runs) == len(self.members) else self.active_numbers)
        return [
            mean_cross_entropy(of_split, self._labels([labels for _, labels in split], runs))
            for of_split, split in zip(outputs.split(sizes, dim=1), splits, strict=True)
        ]

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
        images, labels = zip(*(data.splits[split].evaluated for data in self.sources), strict=True)

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
