"""What a report says of sweeps, as plain data: their runs, in whatever state, with their settings, and one table."""

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas

from rotelab.config import repeat
from rotelab.errors import InputError
from rotelab.results import files, states, table
from rotelab.results.states import State

SEED = "seed"


@dataclass(frozen=True)
class Run:
    """Its ``state``, the values of its ``config``, empty where they are not known, and its result once it is there."""

    state: State
    config: Mapping[str, Any]
    result: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        return self.state.run

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Of choices and options, ``{"model": "mlp", "data.size": 640}``: what it was given, where it says so."""
        if self.result is not None:
            return {**self.result["choices"], "seed": self.config.get("seed"), **self.result["overrides"]}
        try:
            return {**repeat.chosen_of(self.config), **dict(repeat.leaves(self.config))}
        except LookupError:  # of a class that is no choice any more
            return dict(repeat.leaves(self.config))

    @cached_property
    def command(self) -> str | None:
        """What trains it once more."""
        return repeat.command(self.config) if self.config else None


@dataclass(frozen=True)
class Sweep:
    """Of one folder. ``curves`` is the table of what has finished; None where nothing has."""

    folder: Path
    runs: Sequence[Run]
    curves: pandas.DataFrame | None

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def counts(self) -> dict[str, int]:
        """By state, of those that there are."""
        return states.Progress(self.folder, [run.state for run in self.runs]).counts

    @cached_property
    def varied(self) -> dict[str, list[str]]:
        """What differs between runs, but their seed, with its values as text in their order."""
        finished = [run for run in self.runs if run.result is not None]
        known = {key: None for run in finished or self.runs for key in run.settings if key != SEED}
        found = {
            key: _in_order(value for run in self.runs if (value := run.settings.get(key)) is not None) for key in known
        }
        return {key: values for key, values in found.items() if len(values) > 1}

    def values(self, run: Run) -> dict[str, str]:
        """Of what is varied, those of a run; those that are not known are left out."""
        return {key: shown(run.settings[key]) for key in self.varied if run.settings.get(key) is not None}


def load(folder: Path) -> list[Sweep]:
    """Of a sweep's folder, or of all sweeps in a results folder. Raises InputError where there are none."""
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder")
    if (folder / files.CONFIG).exists() or (folder / files.RESULT).exists():
        raise InputError(f"{folder} is a run: a report is of the folder that it is in, {folder.resolve().parent}")
    return [_sweep(progress) for progress in states.found(folder, time.time())]


def _sweep(progress: states.Progress) -> Sweep:
    folder = progress.folder.resolve()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", table.Absent)  # the states say so
        try:
            curves = table.load_sweep(folder)
        except FileNotFoundError:
            curves = None
    return Sweep(folder, [_run(folder / state.run, state) for state in progress.runs], curves)


def _run(folder: Path, state: State) -> Run:
    if state.state in (states.FINISHED, states.DEAD):
        result, _ = files.read(folder)
        return Run(state, result["config"], result)
    return Run(state, states.config(folder))


def _in_order(values: Any) -> list[str]:
    """Numbers by size, then words as they come; each once."""
    found = list({shown(value): value for value in values}.values())
    numbers = [value for value in found if isinstance(value, int | float) and not isinstance(value, bool)]
    return [*map(shown, sorted(numbers)), *(shown(value) for value in found if value not in numbers)]


def shown(value: Any) -> str:
    """``0.001``, ``true``, ``[1,2]``, as it is given on a command line; text as it is."""
    return value if isinstance(value, str) else repeat.written(value)
