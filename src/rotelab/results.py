"""The files of a run and of a sweep, and the one table that figures read.

A run's folder holds ``config.yaml``, ``curve.csv`` and, once it has finished, ``result.json``; a folder without the
last is not finished. A sweep's folder holds ``runs.csv``, the runs that belong to it as it was last started.
"""

import csv
import json
import os
import platform
import shutil
import subprocess
import warnings
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rotelab.measures.when import due

RESULT, CURVE, CONFIG, RUNS, FAILURE = "result.json", "curve.csv", "config.yaml", "runs.csv", "failure.txt"
LEVELS = (0.5, 0.9, 0.99)
"""Train accuracies whose first epoch, step and sample every result records."""

_LIBRARIES = ("rotelab", "torch", "torchvision", "lightning", "hydra-core", "numpy")

COLUMNS = ("epoch", "step", "samples", "split", "metric", "value")
"""Of a run's curve."""
TABLE = ("run", "objective", "model", "data", "seed", *COLUMNS)
"""Of a sweep's table, before those of its settings."""


def finished(run: Path) -> bool:
    return (run / RESULT).exists()


def write(path: Path, text: str) -> None:
    """Write all of a file or nothing: beside it, synced to disk, renamed."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def write_result(run: Path, about: dict[str, Any], outcome: "rotelab.run.Outcome") -> None:  # noqa: F821
    """``result.json``: what the run was, how it ended, what it ran on. Written last."""
    result = {
        "run": run.name,
        **about,
        "metrics": outcome.metrics,
        "epochs": outcome.epochs,
        "steps": outcome.steps,
        "labels_changed": outcome.labels_changed,
        "skipped": outcome.skipped,
        "first_reaching": first_reaching(_train_accuracy(run / CURVE), LEVELS),
        "seconds": round(outcome.seconds, 1),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "device": outcome.device,
        "threads": outcome.threads,
        "together": outcome.together,
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES},
        "commit": _commit(),
    }
    write(run / RESULT, json.dumps(result, indent=2, allow_nan=False))


def twin(run: Path) -> Path | None:
    """The same run, by its name, finished in another sweep below the same results folder."""
    found = sorted(run.parent.parent.glob(f"*/{run.name}/{RESULT}"))
    return found[0].parent if found else None


def adopt(run: Path, about: dict[str, Any]) -> Path | None:
    """Copy the ``twin`` of a run into its folder, and say where it is from; None where it has none.

    ``about`` says how this sweep describes it: a column of its table may be an option that the other one never gave.
    """
    if other := twin(run):
        shutil.copyfile(other / CURVE, run / CURVE)
        result = json.loads((other / RESULT).read_text()) | about
        write(run / RESULT, json.dumps(result, indent=2, allow_nan=False))
    return other


def write_runs(sweep: Path, runs: Iterable[str]) -> None:
    """Record the runs, by the names of their folders, that belong to a sweep as configured now."""
    write(sweep / RUNS, "".join(f"{line}\n" for line in ("run", *runs)))


def runs(sweep: Path) -> list[str]:
    """The runs that belong to a sweep; for a folder that no sweep wrote, all that have finished."""
    if not (sweep / RUNS).exists():
        return [folder.name for folder in _finished_in(sweep)]
    with (sweep / RUNS).open(newline="") as file:
        return [row["run"] for row in csv.DictReader(file)]


def first_reaching(
    accuracy: Sequence[tuple[int, int, int, float]], levels: Iterable[float]
) -> dict[float, dict[str, int] | None]:
    """For each level, the first epoch, step and samples at which the accuracy was at least that; None if it never was.

    ``accuracy`` has a row (epoch, step, samples, accuracy) per epoch.
    """
    units = ("epoch", "step", "samples")
    return {
        level: next((dict(zip(units, at, strict=True)) for *at, value in accuracy if value >= level), None)
        for level in levels
    }


def load(folder: Path | str) -> "pandas.DataFrame":  # noqa: F821 - imported below, for the sake of a quick start
    """One tidy table of the finished runs of a sweep.

    Columns: ``run, objective, model, data, seed, epoch, step, samples, split, metric, value`` and one for each setting
    that a run's command line or sweep gave (``data.size``; missing where a run did not give it). A row per epoch,
    split and metric; ``metric`` is ``accuracy`` (in [0, 1]), ``loss`` (nats), ``sign`` or what a measure measured.

    Warns of runs that are missing and of stale ones: finished runs in the folder that the sweep, as it was last
    started, has no more. Raises FileNotFoundError where no run has finished.
    """
    import pandas

    folder = Path(folder)
    wanted, done = runs(folder), _finished_runs(folder)
    if missing := [run for run in wanted if run not in done]:
        warnings.warn(f"{folder}: not finished, so not in the table: {', '.join(missing)}", stacklevel=2)
    if stale := [run.name for run in _finished_in(folder) if run.name not in wanted]:
        warnings.warn(f"{folder}: of an earlier configuration, so not in the table: {', '.join(stale)}", stacklevel=2)
    if not done:
        raise FileNotFoundError(f"{folder}: no finished run")
    tables = []
    for run in done:
        result = json.loads((folder / run / RESULT).read_text())
        settings = {"run": run, **result["choices"], "seed": result["config"]["seed"]}
        for key, value in result["overrides"].items():
            settings.setdefault(key, str(value) if isinstance(value, list | dict) else value)
        tables.append(pandas.read_csv(folder / run / CURVE).assign(**settings))
    table = pandas.concat(tables, ignore_index=True)
    return table[[*TABLE, *(column for column in table.columns if column not in TABLE)]]


def thin(table: "pandas.DataFrame", per_decade: int = 20, losses: Collection[str] = ()) -> "pandas.DataFrame":  # noqa: F821
    """What a figure needs of a table: accuracies and measures, and no column that says the same throughout.

    Of the epochs about ``per_decade`` in each factor of ten, the last of every run, and all of what is measured rarely.
    Of the losses those of the splits ``losses``.
    """
    table = table[~table.metric.isin(["loss", "sign"]) | ((table.metric == "loss") & table.split.isin(losses))]
    last = table.groupby("run").epoch.transform("max")
    rare = ~table.metric.isin(["accuracy", "legacy_accuracy", "loss"])
    kept = table[table.epoch.map(lambda epoch: due(epoch, per_decade)) | (table.epoch == last) | rare]
    always = ("run", "seed", "epoch", "step", "split", "metric", "value")
    columns = [name for name in kept if name in always or (name != "samples" and kept[name].nunique(dropna=False) > 1)]
    return kept[columns]


def describe(folder: Path | str, name: str | None = None) -> str:
    """What the finished runs of a sweep have in common, for captions: data (or ``name``), sizes, network, optimizer.

    What they differ in is for the figure to say. There has to be a run.
    """
    folder = Path(folder)
    described = [_description(folder / run, name) for run in _finished_runs(folder)]
    common = [part for part in described[0] if all(part in other for other in described)]
    return f"{folder.name}: {', '.join(common)}"


def _description(run: Path, name: str | None) -> list[str]:
    result = json.loads((run / RESULT).read_text())
    config, choices = result["config"], result["choices"]
    data, model, optimizer = config["data"], config["model"], config["optimizer"]
    options = {key: value for key, value in model.items() if key not in ("_target_", "softmax") and value is not None}
    if not options.get("dropout"):
        options.pop("dropout", None)
    return [
        name or Path(data.get("folder", choices["data"])).name,
        *(f"{split.replace('_', '-')} {data['split'][split]}" for split in ("train", "pseudo_test", "held_out")),
        *([f"{data['side']}x{data['side']} pixels"] if data["side"] else []),
        *([f"crop {data['crop']}"] if data.get("crop") else []),
        *(["standardized"] if data.get("standardize") else []),
        choices["model"],
        *(f"{key} {value}" for key, value in options.items()),
        "softmax" if model["softmax"] else "no softmax",
        f"{optimizer['_target_'].split('.')[-1]} lr {optimizer['lr']:g}",
        f"batch {data['batch_size']}",
        *([config["precision"]] if config["precision"] in ("tf32", "bf16") else []),
    ]


def _finished_runs(sweep: Path) -> list[str]:
    return [run for run in runs(sweep) if finished(sweep / run)]


def _finished_in(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob(f"*/{RESULT}"))


def _train_accuracy(curve: Path) -> list[tuple[int, int, int, float]]:
    with curve.open(newline="") as file:
        return [
            (int(row["epoch"]), int(row["step"]), int(row["samples"]), float(row["value"]))
            for row in csv.DictReader(file)
            if (row["metric"], row["split"]) == ("accuracy", "train")
        ]


def _commit() -> str | None:
    """The commit of the code, with ``-dirty`` behind it where files were changed; None outside a git checkout."""
    describe = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    done = subprocess.run(describe, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None
