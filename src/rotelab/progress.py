"""One bar a run: epochs, the three accuracies, the objective's sign."""

import time

from lightning import Callback, LightningModule, Trainer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

STEPS = 50
SECONDS = 0.1


class ProgressBar(Callback):
    """Drawn at most every 50 optimizer steps and ten times a second; nothing is drawn where there is no terminal.

    Shows a learner, or the first of several that train together: whatever has their ``metrics``.
    """

    def __init__(self) -> None:
        self.drawn = (0, 0.0)
        self.progress: Progress | None = None

    def on_train_start(self, trainer: Trainer, learner: LightningModule) -> None:
        self.progress = Progress(
            BarColumn(bar_width=10),  # a terminal of 80 columns holds all of it
            TextColumn("epoch"),
            MofNCompleteColumn(),
            TextColumn("{task.fields[text]}"),
            TimeRemainingColumn(),
            auto_refresh=False,
            transient=True,
            disable=not Console().is_terminal,
        )
        self.progress.start()
        self.task = self.progress.add_task("", total=trainer.max_epochs, text="")

    def on_train_epoch_end(self, trainer: Trainer, learner: LightningModule) -> None:
        step, now = trainer.global_step, time.monotonic()
        if step - self.drawn[0] < STEPS or now - self.drawn[1] < SECONDS:
            return
        self.drawn = (step, now)
        self.progress.update(self.task, completed=trainer.current_epoch + 1, text=accuracies(learner.metrics, 2))
        self.progress.refresh()

    def teardown(self, trainer: Trainer, learner: LightningModule, stage: str) -> None:
        if self.progress:  # called after an exception as well
            self.progress.stop()


def accuracies(metrics: dict[str, float], digits: int = 3) -> str:
    """``train 0.912  pseudo 0.034  held out 0.365  sign -1``"""
    names = {"train": "train", "pseudo_test": "pseudo", "held_out": "held out"}
    text = "  ".join(f"{name} {metrics[f'accuracy/{split}']:.{digits}f}" for split, name in names.items())
    return f"{text}  sign {metrics.get('sign/pseudo_test', 0):+.0f}".replace("+0", " 0")
