"""A run in a dashboard's terms: its name, its config, a row an epoch, its summary. Of its result, or of what a result
will say, which is known before the first epoch."""

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from rotelab.data.splits import NAMES as SPLITS
from rotelab.results import files
from rotelab.results.record import LEVELS, UNITS
from rotelab.results.states import DEAD, FINISHED

AXES = tuple(UNITS.values())
"""What a chart may have as its axis: every row has them. The first is the usual one."""
COUNTED = {unit.removeprefix("optimizer "): column for unit, column in UNITS.items()}
"""``epochs``, ``steps`` and ``images``, and the axis that counts them."""
BEST = "accuracy/"
"""How the names of metrics begin whose greatest value is told, too."""
COUNTS = ("epochs", "steps", "images", "seconds", "device", "together", "sittings", "dead_since", "digest")
"""Of a result, as it has them; an older one may lack some."""


def varied(of_runs: Iterable[Mapping[str, Any]]) -> set[str]:
    """The overrides in which runs of a sweep differ."""
    of_runs = list(of_runs)
    keys = {key for overrides in of_runs for key in overrides}
    return {key for key in keys if len({repr(overrides.get(key)) for overrides in of_runs}) > 1}


def title(about: Mapping[str, Any], differ: Collection[str] | None = None) -> str:
    """``split, size 1280, seed 0``: the objective, those of its overrides in which runs ``differ`` (None: all), the
    seed. An option goes by its last word, where no other has the same."""
    keys = [key for key in about["overrides"] if key not in ("objective", "seed") and (differ is None or key in differ)]
    last = {key: key.replace("/", ".").rpartition(".")[2] for key in keys}
    times = Counter(last.values())
    words = [f"{last[key] if times[last[key]] == 1 else key} {about['overrides'][key]}" for key in keys]
    return ", ".join([about["choices"]["objective"], *words, f"seed {about['config']['seed']}"])


def config(about: Mapping[str, Any], run: str) -> dict[str, Any]:
    """Flat: ``objective``, ``model``, ``optimizer.lr``, ``data.size``, ...: what determines the weights, by the names
    of choices and options as a command line has them; and the name and digest of the run."""
    science = about.get("science") or about["config"]  # earlier results have the latter alone
    kept = {key: value for key, value in science.items() if key in about["config"] and key != "axis"}
    flat = dict(_flat(kept))
    measures = {"measure": sorted(found)} if (found := about["config"].get("measure")) else {}
    given = {key.replace("/", "."): value for key, value in about["overrides"].items()}
    return flat | measures | given | dict(about["choices"]) | {"run": run, "digest": about["digest"]}


def _flat(node: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """A choice stands for the path of what it calls."""
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        elif key == "_target_":
            yield above.removesuffix("."), value.rpartition(".")[2]
        else:
            yield f"{above}{key}", value


def rows(curve: Path) -> Iterator[tuple[int, dict[str, int | float]]]:
    """Of each step that a curve has, in its order: the step, and what was measured then, with the axes."""
    with curve.open(newline="") as file:
        for at, of_step in groupby(csv.DictReader(file), lambda row: tuple(int(row[axis]) for axis in AXES)):
            axes = dict(zip(AXES, at, strict=True))
            measured = {f"{row['metric']}/{row['split']}": float(row["value"]) for row in of_step}
            yield axes["step"], {**axes, **measured}


def better(best: dict[str, float], values: Mapping[str, int | float]) -> None:
    """Put into ``best`` what of the values is no worse."""
    for name, value in values.items():
        if name.startswith(BEST) and value >= best.get(name, value):
            best[name] = value


def ended(run: Path) -> dict[str, Any]:
    """The ``summary`` of a finished run, from its files. Raises FileNotFoundError or Damaged as ``files.read`` does."""
    found, _ = files.read(run)
    best: dict[str, float] = {}
    for _, values in rows(run / files.CURVE):
        better(best, values)
    return summary(found, best)


def difficulty(result: Mapping[str, Any]) -> dict[str, int]:
    """``epochs_to/0.5``, ``steps_to/0.5``, ``images_to/0.5``, ...: how long it took to each level that was reached."""
    reached = zip(LEVELS, result["first_reaching"].values(), strict=False)
    return {
        f"{unit}_to/{level}": at[column]
        for level, at in reached
        if at
        for unit, column in COUNTED.items()
        if column in at
    }


def names() -> list[str]:
    """What the summary of a run with all splits may have a number of, beside what its measures measured."""
    metrics = [f"{what}/{split}" for what in ("accuracy", "loss", "classes") for split in SPLITS]
    best = [f"best/{name}" for name in metrics if name.startswith(BEST)]
    return [*metrics, *best, *(f"{unit}_to/{level}" for level in LEVELS for unit in COUNTED), *COUNTS]


def summary(result: Mapping[str, Any], best: Mapping[str, float]) -> dict[str, Any]:
    """Of a run that has finished: its last metrics, the ``best`` ones, what it took to each level of train accuracy,
    and how it ended."""
    dead = result.get("dead_since") is not None
    told = {
        **result["metrics"],
        **{f"best/{name}": value for name, value in best.items()},
        **difficulty(result),
        **{key: result.get(key) for key in COUNTS},
        "dead": dead,
        "state": DEAD if dead else FINISHED,
    }
    return {key: value for key, value in told.items() if value is not None}
