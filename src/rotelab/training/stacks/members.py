"""What happens to the members of a stack at every epoch: evaluated, looked at, and let go when they have ended."""

import time
from collections.abc import Callable, Sequence

import torch
from lightning import Callback, Trainer
from torch import Tensor

from rotelab.data.batches import Pair
from rotelab.errors import RunError
from rotelab.training.evaluation import accuracy, checked, predicted_classes
from rotelab.training.recipe import Outcome
from rotelab.training.run import outcome
from rotelab.training.stacks.learner import Member, Together, mean_cross_entropy
from rotelab.training.stopping import reached


class Members(Callback):
    """Evaluates every member, has those look on who look on at it, and lets it go when it has ended.

    So many ``began``, ``seconds`` of training ago.
    """

    def __init__(self, ended: Callable[[int, Outcome | RunError], None], began_with: int, seconds: float = 0.0) -> None:
        self.ended, self.began_with = ended, began_with
        self.start = time.monotonic() - seconds
        self.losses: list[Tensor] = []
        self.watched: list[Member] = []
        """Those whose end has not been told."""

    def setup(self, trainer: Trainer, together: Together, stage: str) -> None:
        self.watched = list(together.members)
        for member in together.members:
            for callback in member.callbacks:
                callback.setup(trainer, member.learner, stage)

    def on_train_start(self, trainer: Trainer, together: Together) -> None:
        self._epoch(trainer, together, "on_train_start")

    def on_train_batch_start(self, trainer: Trainer, together: Together, batch: Sequence[Pair], batch_idx: int) -> None:
        for member, source in zip(together.members, together.which, strict=True):
            member.learner.on_train_batch_start(batch[source], batch_idx)

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
                learner.metrics = checked(losses, metrics, trainer.global_step)
                if not starts:
                    learner.metrics["sign/pseudo_test"] = learner.sign
                for callback in member.callbacks:
                    getattr(callback, hook)(trainer, learner)
            except RunError as error:
                ends.append((member, error))
                continue
            learner.dead_since = member.vitals.dead_since(epochs, learner.metrics)
            arrived = epochs == trainer.max_epochs or reached(
                learner.metrics, member.recipe.stop_accuracy, member.recipe.stop_loss
            )
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
            if not isinstance(end, RunError):
                for callback in member.callbacks:
                    callback.on_train_end(trainer, member.learner)
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
                right = accuracy(outputs, labels)
                loss = mean_cross_entropy(outputs, labels)
                classes = predicted_classes(outputs) if split == "train" else None
                for i, member in enumerate(together.members):
                    member.learner.outputs[split] = outputs[i]
                    found[i] |= {f"accuracy/{split}": right[i], f"loss/{split}": loss[i]}
                    if classes is not None:
                        found[i]["classes/train"] = classes[i]
                    for kind, which in member.learner.data.splits[split].kinds.items():
                        found[i][f"accuracy/{split}_{kind}"] = accuracy(outputs[i][which], labels[i][which])
        steps = len(self.losses)
        of_steps = torch.stack(self.losses).T if steps else torch.empty(len(found), 0, device=together.device)
        self.losses.clear()
        values = torch.cat([of_steps.flatten(), torch.stack([value for of in found for value in of.values()])]).tolist()
        measured = iter(values[of_steps.numel() :])
        return [
            (values[i * steps : (i + 1) * steps], {name: next(measured) for name in of}) for i, of in enumerate(found)
        ]
