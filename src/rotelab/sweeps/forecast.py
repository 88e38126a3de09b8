"""What is left of a sweep, and how long it will take."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from rotelab.config import schema
from rotelab.plurals import plural
from rotelab.results import files, networks
from rotelab.sweeps.job import explained
from rotelab.sweeps.task import Run
from rotelab.training.duration import in_words

Predict = Callable[[Run], float]
"""Seconds until a run's last epoch, if it goes that far."""


def predictor(compose: Callable[[Sequence[str]], tuple[DictConfig, Any]]) -> Predict:
    """Times a few steps of a run on this machine, of those that differ in their seed alone once."""
    seconds: dict[str, float] = {}

    def predict(run: Run) -> float:
        if run.cost not in seconds:
            from rotelab.config.instantiate import network, recipe
            from rotelab.training.timing import predicted_seconds

            config = schema.check(compose(run.overrides)[0])
            try:
                made = replace(recipe(config), network=network(config.model), compile=None)  # its start may be to come
                seconds[run.cost] = predicted_seconds(made)
            except Exception as error:
                raise explained(error, config, Path(run.name)) from None  # it may be the error itself
        return seconds[run.cost]

    return predict


def say_each(runs: Sequence[Run], folder: Path, predict: Predict) -> None:
    """Print the runs, which have finished, and a prediction for the others."""
    total = 0.0
    for run in runs:
        if files.finished(folder / run.name):
            print(f"{run.label}: finished")
        elif other := networks.twin(folder / run.name, run.kept):
            print(f"{run.label}: finished in {other.parent.name}")
        else:
            seconds = predict(run)
            total += seconds
            print(f"{run.label}: about {in_words(seconds)}", flush=True)
    print(f"{folder}: about {in_words(total)} left, if every run goes to its last epoch")


def say_all(runs: Sequence[Run], folder: Path, predict: Predict | None = None, together: int = 1) -> None:
    """Print how many runs are done and, with ``predict``, how long the rest will take."""
    left = [run for run in runs if not _there(run, folder)]
    text = f"{folder}: {plural(len(runs), 'run')}, {len(runs) - len(left)} finished"
    if left and predict:
        with suppress(Exception):  # the run will say what is wrong, and others go on
            seconds = sum(map(predict, left))
            at_once = f", up to {together} at once" if together > 1 else ""
            text += f"{at_once}, about {in_words(seconds)} left if every run goes to its last epoch"
    print(text, flush=True)


def _there(run: Run, folder: Path) -> bool:
    """Whether it has finished, or need only be copied."""
    return files.finished(folder / run.name) or networks.twin(folder / run.name, run.kept) is not None
