"""What is seen of a run: a bar that leaves the terminal as it was, lines without control characters, or nothing."""

import io
import os
import pty
import re
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from lightning import Callback, LightningModule, Trainer
from runs import recipe, vector

from rotelab.errors import RunError
from rotelab.models.mlp import mlp
from rotelab.training.progress import ProgressBar, accuracies
from rotelab.training.recipe import Recipe
from rotelab.training.run import fit
from rotelab.training.stacks.fit import fit_together

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
METRICS = {"accuracy/train": 0.9123, "accuracy/pseudo_test": 0.034, "accuracy/held_out": 0.3651}
LEARNER = Mock(spec=LightningModule, metrics=METRICS | {"sign/pseudo_test": -1})


class Terminal:
    """Makes sys.stdout a terminal of 80 columns; ``text()`` closes it and gives all that was written to it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "80")
        self.reader, writer = pty.openpty()
        self.written = bytearray()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        monkeypatch.setattr(sys, "stdout", os.fdopen(writer, "w"))

    def _read(self) -> None:
        with suppress(OSError):  # the other end is closed
            while piece := os.read(self.reader, 4096):
                self.written.extend(piece)

    def text(self) -> str:
        sys.stdout.close()
        self.thread.join(5)
        os.close(self.reader)
        return self.written.decode()


class Clock:
    """Instead of the module ``time``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 1000.0
        monkeypatch.setattr("rotelab.training.progress.time", self)

    def monotonic(self) -> float:
        return self.seconds


def small(**changes: Any) -> Recipe:
    return recipe(network=partial(mlp, widths=[4]), **changes)


def epochs(bar: ProgressBar, clock: Clock, seconds: float, count: int, batches: int = 2) -> None:
    """``count`` epochs that take so long, of which nine tenths are for the batches."""
    trainer = Mock(spec=Trainer, max_epochs=600, num_training_batches=batches, current_epoch=0)
    bar.on_train_start(trainer, LEARNER)
    for epoch in range(count):
        trainer.current_epoch = epoch
        for batch in range(batches):
            clock.seconds += 0.9 * seconds / batches
            bar.on_train_batch_end(trainer, LEARNER, {}, (), batch)
        clock.seconds += 0.1 * seconds
        bar.on_train_epoch_end(trainer, LEARNER)


class Ends(Callback):
    """Ends training with an error in the second epoch."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
        if trainer.current_epoch == 1:
            raise self.error


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("error", [None, RunError("no"), ValueError("no"), KeyboardInterrupt(), SystemExit(143)])
def test_the_cursor_is_seen_however_a_run_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: BaseException | None, together: bool
) -> None:
    terminal = Terminal(monkeypatch)
    bar, ends = ProgressBar("a run", None), [Ends(error)] if error else []
    with suppress(RunError, ValueError, SystemExit):
        if together:
            curves = [tmp_path / "0.csv", tmp_path / "1.csv"]
            fit_together([small(), small(seed=1)], curves, [(), ()], lambda *_: None, [bar, *ends])
        else:
            fit(small(), tmp_path / "curve.csv", [bar, *ends])
    out = terminal.text()
    assert HIDE in out
    assert out.rfind(SHOW) > out.rfind(HIDE)
    assert not re.search(r"\w", re.sub(r"\x1b\[\?25.", "", out.split("\x1b[2K")[-1]))  # the bar is gone


def test_a_bar_is_drawn_by_time_not_by_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(monkeypatch)
    clock = Clock(monkeypatch)
    bar = ProgressBar("a run", None)
    epochs(bar, clock, 0.1, 20, batches=1)  # of one step each
    bar._stop()
    seen = [int(epoch) for epoch in re.findall(r"epoch (\d+)/600", terminal.text())]
    assert 6 <= len(set(seen)) <= 8
    assert max(seen) >= 18


def test_a_bar_fits_into_80_columns_and_says_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(monkeypatch)
    bar = ProgressBar("a run", None)
    epochs(bar, Clock(monkeypatch), 2, 300)
    bar._stop()
    out = terminal.text()
    assert "epoch 1/600 19 min 58 s left" in out
    assert "epoch 300/600 10 min left  train 0.91 pseudo 0.03 held out 0.37 unlearning" in out


def test_a_line_every_so_often(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    bar = ProgressBar("split-12", 30.0)
    epochs(bar, Clock(monkeypatch), 10, 7)
    assert capsys.readouterr().out.splitlines() == [
        "split-12: epoch 3 of 600, train 0.912  pseudo 0.034  held out 0.365  unlearning, about 1 h 40 min left",
        "split-12: epoch 6 of 600, train 0.912  pseudo 0.034  held out 0.365  unlearning, about 1 h 39 min left",
    ]


def test_a_line_within_a_long_epoch(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    bar = ProgressBar("split-12", 30.0)
    epochs(bar, Clock(monkeypatch), 1000, 1, batches=10)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert lines[0].startswith("split-12: epoch 0 of 600, train 0.912 ")
    assert "about 6 d 6 h left" in lines[0]  # 90 seconds for a tenth of the first


def test_no_lines_where_none_are_wanted(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    epochs(ProgressBar("a run", None), Clock(monkeypatch), 1000, 3)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("variable", ["FORCE_COLOR=1", "TTY_COMPATIBLE=1", "TERM=dumb", "NO_COLOR=1", "TERM=xterm"])
def test_no_control_characters_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.setenv(*variable.split("="))
    fit(small(max_epochs=2), tmp_path / "curve.csv", [ProgressBar("a run", 1e-9)])
    out = capsys.readouterr().out
    assert "a run: epoch 2 of 2, train " in out
    assert all(character.isprintable() for line in out.split("\n") for character in line)


def test_a_terminal_that_can_not_be_drawn_on_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(monkeypatch)
    monkeypatch.setenv("TERM", "dumb")
    epochs(ProgressBar("a run", 30.0), Clock(monkeypatch), 40, 1, batches=1)
    assert terminal.text().startswith("a run: epoch 1 of 600, train 0.912")


@pytest.mark.parametrize("gone", ["pipe", "terminal"])
def test_who_looks_on_may_go(gone: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain = vector(fit(small(), tmp_path / "plain.csv").network)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("rotelab.training.progress._Bar.every", 0.0)
    reader, writer = os.pipe() if gone == "pipe" else pty.openpty()
    monkeypatch.setattr(sys, "stdout", os.fdopen(writer, "w"))

    class Closes(Callback):
        def on_train_epoch_start(self, trainer: Trainer, module: LightningModule) -> None:
            if trainer.current_epoch == 1:
                os.close(reader)

    seen = vector(fit(small(), tmp_path / "seen.csv", [ProgressBar("a run", 1e-9), Closes()]).network)
    assert (seen == plain).all()
    with pytest.raises(OSError):
        sys.stdout.write("still gone")
        sys.stdout.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), writer)


def test_no_output_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # of a process that was started with it closed
    assert fit(small(), tmp_path / "curve.csv", [ProgressBar("a run", 1e-9)]).epochs == 4


def test_stderr_in_a_file_gets_what_is_meant_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    terminal = Terminal(monkeypatch)
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)

    class Warns(Callback):
        def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
            print("a warning", file=sys.stderr)

    fit(small(max_epochs=1), tmp_path / "curve.csv", [ProgressBar("a run", None), Warns()])
    assert file.getvalue() == "a warning\n"
    assert "a warning" not in terminal.text()


@pytest.mark.parametrize(("sign", "words"), [(-1, "  unlearning"), (0, ""), (1, "  learning both"), (None, "")])
def test_the_sign_is_words(sign: int | None, words: str) -> None:
    metrics = METRICS if sign is None else METRICS | {"sign/pseudo_test": sign}
    assert accuracies(metrics) == f"train 0.912  pseudo 0.034  held out 0.365{words}"
