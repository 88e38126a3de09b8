"""Networks of an audit that train at once, for so many seconds at most; what they leave stays on the disk, so that an
audit that is stopped goes on."""

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import pandas
from lightning import Callback, LightningModule, Trainer

from rotelab.errors import CannotStack, RunError
from rotelab.files import write
from rotelab.results import arrays, files
from rotelab.system.signals import Waiting, waiting
from rotelab.training.checkpoint import OF_A_RUN, Checkpoints, found
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.run import fit
from rotelab.training.stacks.checkpoint import OF_A_STACK
from rotelab.training.stacks.fit import fit_together

ENDED, STACK = "ended.json", "stack.bin"
"""How networks ended, and what those of a stack go on from, in the folder of the first."""
KEPT_EVERY = 0.5
"""Minutes between two checkpoints."""

Watch = Callable[[int, int], object]
"""Told of an epoch that has ended, and of how many there are."""


@dataclass(frozen=True)
class Ended:
    """One network: what is said of its end (``epochs``, ``dead_since``, ``seconds`` of its stack, ``device``), its
    curve, and what its measures have left."""

    about: Mapping[str, Any]
    curve: pandas.DataFrame
    arrays: Mapping[str, numpy.ndarray]


class Clock(Callback):
    """Ends training at the end of the last epoch that fits into so many ``seconds``, of which some are ``spent``; tells
    ``watch`` how far it is."""

    def __init__(self, seconds: int | float, spent: int | float, watch: Watch) -> None:
        self.seconds, self.watch = seconds, watch
        self.start = self.last = time.monotonic() - spent
        self.longest = 0.0

    def on_train_start(self, trainer: Trainer, learner: LightningModule) -> None:
        self.last = time.monotonic()

    def on_train_epoch_start(self, trainer: Trainer, learner: LightningModule) -> None:
        if time.monotonic() - self.start + 2 * self.longest > self.seconds:
            trainer.fit_loop.max_epochs = trainer.current_epoch + 1

    def on_train_epoch_end(self, trainer: Trainer, learner: LightningModule) -> None:
        now = time.monotonic()
        self.longest, self.last = now - self.last, now
        self.watch(trainer.current_epoch + 1, trainer.max_epochs or 0)


def train(folder: Path, recipes: Mapping[str, Recipe], seconds: int | float, watch: Watch) -> dict[str, Ended]:
    """Each in a folder of its own name. What has been trained there is read, and what was stopped goes on.

    Raises InputError for networks that can't be built for the images, and RunError where none of them came to its end.
    """
    if not (folder / ENDED).exists():
        for name in recipes:
            (folder / name).mkdir(parents=True, exist_ok=True)
        line = "rotelab: the audit stops at the end of the epoch; a second signal stops it at once"
        with waiting(line) as signals:
            try:
                if any((folder / name / file).exists() for name in recipes for file in (ENDED, files.CHECKPOINT)):
                    raise CannotStack("one after another, as before")
                ended = _together(folder, recipes, seconds, watch, signals)
            except CannotStack:
                each = seconds / len(recipes)
                ended = {name: _alone(folder / name, recipe, each, watch, signals) for name, recipe in recipes.items()}
        write(folder / ENDED, json.dumps(ended))
    ended = json.loads((folder / ENDED).read_text())
    whole = {name: about for name, about in ended.items() if "error" not in about}
    if not whole:
        raise RunError(f"{folder.name}: no network came to its end: {next(iter(ended.values()))['error']}")
    return {name: _read(folder / name, about) for name, about in whole.items()}


def _together(
    folder: Path, recipes: Mapping[str, Recipe], seconds: int | float, watch: Watch, signals: Waiting
) -> dict[str, dict[str, Any]]:
    path = folder / next(iter(recipes)) / STACK
    kept = found(path, list(recipes))
    ended: dict[str, dict[str, Any]] = dict(kept.about["ended"]) if kept else {}
    left = [name for name in recipes if name not in ended]

    def end(number: int, outcome: Outcome | RunError) -> None:
        ended[left[number]] = _about(folder / left[number], outcome)

    keeping = Checkpoints(
        path, [_file(folder, name) for name in recipes], KEPT_EVERY, signals, kept, OF_A_STACK, lambda: ended
    )
    fit_together(
        [recipes[name] for name in left],
        [_file(folder, name) for name in left],
        [() for _ in left],
        end,
        [Clock(seconds, keeping.seconds, watch)],
        keeping,
        len(recipes),
    )
    path.unlink(missing_ok=True)
    return ended


def _alone(run: Path, recipe: Recipe, seconds: int | float, watch: Watch, signals: Waiting) -> dict[str, Any]:
    """One that does not go with others; what was trained before is read."""
    if not (run / ENDED).exists():
        path, curve = run / files.CHECKPOINT, run / files.CURVE
        keeping = Checkpoints(path, [curve], KEPT_EVERY, signals, found(path, [run.name]), OF_A_RUN)
        try:
            end: Outcome | RunError = fit(recipe, curve, [Clock(seconds, keeping.seconds, watch)], keeping)
        except RunError as error:
            end = error
        write(run / ENDED, json.dumps(_about(run, end)))
        path.unlink(missing_ok=True)
    return json.loads((run / ENDED).read_text())


def _about(run: Path, end: Outcome | RunError) -> dict[str, Any]:
    if isinstance(end, RunError):
        return {"error": str(end)}
    arrays.keep(run, end.arrays)
    return {"epochs": end.epochs, "dead_since": end.dead_since, "seconds": end.seconds, "device": end.device}


def _file(folder: Path, name: str) -> Path:
    return folder / name / files.CURVE


def _read(run: Path, about: Mapping[str, Any]) -> Ended:
    left = arrays.load_arrays(run) if (run / arrays.ARRAYS).exists() else {}
    return Ended(about, pandas.read_csv(run / files.CURVE), left)


def epoch_seconds(folder: Path, recipes: Mapping[str, Recipe]) -> float:
    """How long an epoch of all of them takes, by training two, of which the first warms up."""
    ends: list[float] = []
    train(folder, recipes, math.inf, lambda epoch, of: ends.append(time.monotonic()))
    return ends[-1] - ends[-2]
