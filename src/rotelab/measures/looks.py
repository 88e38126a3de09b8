"""A measure that looks after some epochs, and at the end of the run, once."""

from lightning import Callback, Trainer

from rotelab.training.learner import Learner


class Looks(Callback):
    """Calls ``look`` after the epochs (1, 2, ...) for which ``due_after`` says so, and when the run ends, unless it was
    called after that epoch: nothing has changed since."""

    looked = False
    """Whether it has after the last epoch."""

    def due_after(self, epoch: int) -> bool:
        raise NotImplementedError

    def look(self, trainer: Trainer, learner: Learner) -> None:
        raise NotImplementedError

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self.looked = self.due_after(trainer.current_epoch + 1)
        if self.looked:
            self.look(trainer, learner)

    def on_train_end(self, trainer: Trainer, learner: Learner) -> None:
        if not self.looked:
            self.look(trainer, learner)
