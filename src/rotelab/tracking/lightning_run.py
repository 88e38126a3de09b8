"""A run in any dashboard that one of Lightning's loggers writes to: files of CSV or TensorBoard, or a server of
MLflow."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from rotelab.tracking.tracked import FAILED, FINISHED, Tracked

if TYPE_CHECKING:  # it imports torch
    from lightning.pytorch.loggers import Logger

STATUS = {FINISHED: "success", FAILED: "failed"}
"""What Lightning calls exit codes; any other is a run that was stopped."""
KILLED = "KILLED"
SAVED_EVERY = 5.0
"""Seconds at least between two times that files are brought up to date."""


@dataclass(frozen=True)
class Opened:
    """One of Lightning's loggers, which has been told of the run up to a ``step`` (-1: of nothing; infinity: of its
    end as well); ``words`` tells it how the run ended, besides numbers."""

    logger: "Logger"
    words: Callable[[dict[str, Any]], None]
    step: int | float = -1


class LightningRun(Tracked):
    """What a logger of Lightning's, which ``opens(goes_on)``, is told: the flat ``config`` as hyperparameters, a row of
    metrics and axes for each step, and at the end the summary, its numbers as metrics of the last step.

    A thread of its own does so: nothing waits for a disk or a server before the end, and there no longer than
    ``timeout`` seconds without a sign of life. After a failure the rest is not told, with one warning.
    """

    def __init__(
        self, at: Path, label: str, opens: Callable[[bool], Opened], config: Mapping[str, Any], timeout: float
    ) -> None:
        super().__init__(at)
        self.label = label  # ty: ignore[invalid-attribute-access]  # of each, as loggers differ
        self.opens, self.config, self.timeout = opens, dict(config), timeout
        self.rows: SimpleQueue[Callable[[Opened], None] | None] = SimpleQueue()
        self.last: tuple[int, dict[str, int | float]] | None = None
        """A row to which more may be added: what is measured at the end is of the last step, too."""
        self.done, self.error, self.over = 0, None, True

    def start(self, goes_on: bool = False) -> None:
        self.over = False
        self.thread = Thread(
            target=self._work, args=(goes_on,), daemon=True
        )  # which ends with a process, come what may
        self.thread.start()

    def _log(self, step: int, values: Mapping[str, int | float]) -> None:
        if self._goes_well():
            if self.last and self.last[0] == step:
                self.last[1].update(values)
            else:
                self._send_last()
                self.last = (step, dict(values))

    def picture(self, name: str, file: Path) -> None:
        """Loggers have no common way to show one."""

    def finish(self, summary: Mapping[str, Any], exit_code: int, told: str | None = None) -> bool:
        if not self._goes_well():
            return False
        step, values = self.last or (0, {})
        numbers = {key: float(value) for key, value in summary.items() if isinstance(value, int | float)}
        words = {key: value for key, value in summary.items() if key not in numbers}

        def end(opened: Opened) -> None:
            if opened.step < math.inf:
                opened.logger.log_metrics((values if step > opened.step else {}) | numbers, step)
            opened.words(words)
            opened.logger.save()
            opened.logger.finalize(STATUS.get(exit_code, KILLED))

        self.rows.put(end)
        self.rows.put(None)
        self._wait()
        went_well, self.over = self._goes_well(), True
        return went_well

    def _send_last(self) -> None:
        if self.last:
            step, values = self.last
            self.rows.put(lambda opened: opened.logger.log_metrics(values, step) if step > opened.step else None)
            self.last = None

    def _goes_well(self) -> bool:
        if self.error and not self.over:
            self._warn(self.error)
            self.over = True
        return not self.over

    def _wait(self) -> None:
        """Until all is told, or nothing was in so long a time."""
        before = -1
        while self.thread.is_alive() and before != self.done:
            before = self.done
            self.thread.join(self.timeout)
        if self.thread.is_alive():
            self.error = TimeoutError(f"no answer in {self.timeout:g} s")

    def _work(self, goes_on: bool) -> None:
        try:
            opened, saved = self.opens(goes_on), time.monotonic()
            self.done += 1
            opened.logger.log_hyperparams(self.config)
            while (tell := self.rows.get()) is not None:
                tell(opened)
                self.done += 1
                if time.monotonic() - saved > SAVED_EVERY:
                    opened.logger.save()
                    saved = time.monotonic()
        except Exception as error:  # of the disk, of the network, or of the logger itself
            self.error = error
