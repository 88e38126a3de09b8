"""Splits on the training device, and the batches that are learned from."""

from collections.abc import Callable
from typing import cast

import torch
from lightning import LightningDataModule, Trainer

from rotelab.data.batches import Batches, Labelled, Passes, whole
from rotelab.data.inputs import Corrupt
from rotelab.data.share import ALONE, Share
from rotelab.data.split import Evaluated, Split
from rotelab.data.streaming import Images
from rotelab.data.whitening import Whitening
from rotelab.errors import Refusal


class Batched(LightningDataModule):
    """What a learner learns from: the splits ``train``, ``pseudo_test``, perhaps ``held_out``, which ``setup`` makes.

    ``batch_order`` is ``fixed`` or ``reshuffled`` (every epoch, from ``seed``). Where images are ``paired``, image i of
    the pseudo-test split stays beside image i of the train split.
    """

    paired = False

    def __init__(
        self, batch_size: int, batch_order: str, seed: int, device: torch.device | str = "cpu", workers: int = 0
    ) -> None:
        super().__init__()
        if batch_order not in ("fixed", "reshuffled"):
            raise ValueError(f"batch_order = {batch_order!r} is neither 'fixed' nor 'reshuffled'")
        self.batch_size, self.batch_order, self.seed = batch_size, batch_order, seed
        self.device, self.workers = torch.device(device), workers
        self.splits: dict[str, Split] = {}
        self.classes: tuple[str, ...] = ()
        self.skipped: tuple[str, ...] = ()
        """Files that were left out since they are no images."""
        self.whitening: Whitening | None = None
        """What was done to the images of all splits, by what both halves are."""
        self.share = ALONE
        """Of each batch that is trained on, where several processes train one run."""

    def setup(self, stage: str | None = None) -> None:
        """Make the splits and say of which classes they are."""
        raise NotImplementedError

    def beyond(self, name: str, images: int) -> Evaluated | None:
        """So many of the ``images`` that follow a split in what it was cut from; None where it ends."""
        return None

    def shifted(self, name: str, then: Corrupt) -> Images:
        """The images of a split as the network gets them where this corruption comes after their own. Raises Refusal
        where they can't be made anew."""
        raise Refusal("these data can't be made anew, with another corruption")

    @property
    def image_shape(self) -> tuple[int, ...]:
        """(channels, height, width), or what else an input is."""
        images, _ = self.splits["train"].evaluated
        return tuple(images.shape[1:])

    @property
    def ready(self) -> bool:
        """Whether a batch is a slice of the splits: nothing has to be read or augmented for it."""
        return all(split.ready for split in self.splits.values())

    def sizes(self, t: int) -> list[int]:
        """Images of the train and of the pseudo-test batch of step ``t`` (0, 1, 2, ...), whatever the share of them."""
        batches = (whole(t, len(self.splits[name]), self.batch_size) for name in ("train", "pseudo_test"))
        return [batch.stop - batch.start for batch in batches]

    def batches(
        self, epoch: Callable[[], int], both: Callable[[], bool] = lambda: True, share: Share = ALONE
    ) -> Batches:
        """The batches, or a ``share`` of each, of the epoch (0, 1, ...) that ``epoch`` says it is when they are asked
        for."""

        def passes(name: str) -> Passes:
            reshuffled = self.batch_order == "reshuffled"
            drawn = ("batches", self.seed, "train" if self.paired else name)
            return Passes(self.splits[name].trained, self.batch_size, drawn if reshuffled else None, share)

        train, pseudo_test = passes("train"), passes("pseudo_test")
        if self.ready:
            return Batches(train, pseudo_test, epoch)
        workers = self.workers if self.splits["train"].streamed else 0
        return Batches(train, pseudo_test, epoch, self._ready, workers, both)

    @property
    def augmented(self) -> bool:
        """Whether something is drawn for the images of a batch."""
        return False

    def _ready(self, batch: Labelled, split: str, t: int) -> Labelled:
        """What the network gets of a batch of what is not ready."""
        raise NotImplementedError

    def train_dataloader(self) -> Batches:
        trainer = cast(Trainer, self.trainer)  # which asks for them
        return self.batches(lambda: trainer.current_epoch, lambda: bool(trainer.lightning_module.sign != 0), self.share)

    def transfer_batch_to_device(self, batch: object, device: torch.device, dataloader_idx: int) -> object:
        return batch  # it is there already, and walking through it costs more than a small network's step
