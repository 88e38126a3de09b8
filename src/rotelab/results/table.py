"""The one table that figures and claims read."""

import io
import warnings
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas

from rotelab.errors import Notice
from rotelab.results.files import COLUMNS, CONFIG, CURVE, RESULT, RUNS, Damaged, read, runs
from rotelab.spacing import due

TABLE = ("run", "objective", "model", "data", "seed", "dead_since", "class_count", *COLUMNS)
"""Of a sweep's table, before those of its settings."""
SHOWN = 5
"""So many runs a warning names."""


class Absent(Notice):
    """Runs that are not in a table, with no fault of their files."""


def load_sweep(folder: Path | str) -> pandas.DataFrame:
    """One tidy table of the finished runs of a sweep.

    Columns: ``run, objective, model, data, seed, dead_since, class_count, epoch, step, images, split, metric, value``
    and one for each setting that a run's command line or sweep gave (``data.size``; missing where a run did not give
    it). ``seed`` is that of the weights, or, where ``seeds=images``, that of the images. A row per epoch, split and
    metric; ``metric`` is ``accuracy`` (in [0, 1]), ``loss`` (nats), ``classes``, ``sign`` or what a measure measured.
    ``dead_since`` is the epoch since which a run could not learn any more; missing where it could.
    ``class_count`` is that of the data.

    Warns of runs that are missing or damaged and of stale ones: finished runs in the folder that the sweep, as it was
    last started, has no more. Raises FileNotFoundError where no run has finished.
    """
    folder = Path(folder).expanduser()
    wanted = runs(folder)
    missing, damaged, settings, curves = [], [], [], []
    for run in wanted:
        try:
            found, curve = read(folder / run)
        except FileNotFoundError:
            missing.append(run)
        except Damaged as damage:
            damaged.append(str(damage))
        else:
            if found.get("run", run) != run:
                damaged.append(f"{folder / run / RESULT} is that of another run, {found['run']}")
                continue
            settings.append(_settings(run, found))
            curves.append(curve.partition(b"\n")[2])
    there = {path.parent.name for path in folder.glob(f"*/{RESULT}")} if (folder / RUNS).exists() else set()
    for reason, which, kind in (
        ("not finished", missing, Absent),
        ("damaged", damaged, Notice),
        ("not of the sweep as it was last started", sorted(there - set(wanted)), Absent),
    ):
        if which:
            warnings.warn(f"{folder}: {reason}, so not in the table: {_shown(which)}", kind, stacklevel=2)
    if not settings:
        raise FileNotFoundError(f"{folder}: no finished run{_instead(folder)}")
    table = pandas.read_csv(io.BytesIO(b"".join(curves)), names=COLUMNS)
    rows = [run for run, curve in enumerate(curves) for _ in range(curve.count(b"\n"))]
    described = pandas.DataFrame(settings).iloc[rows].reset_index(drop=True)
    table = pandas.concat([described, table], axis="columns")
    return table[[*TABLE, *(column for column in described if column not in TABLE)]]


def load_run(run: Path) -> pandas.DataFrame:
    """The table of one run, as ``load_sweep`` has it. Raises FileNotFoundError or Damaged where it has not finished."""
    found, _ = read(run)
    return pandas.read_csv(run / CURVE).assign(**_settings(run.name, found))


def thin(table: pandas.DataFrame, per_decade: int = 20, losses: Collection[str] = ()) -> pandas.DataFrame:
    """What a figure needs of a table: accuracies and measures, and no column that says the same throughout.

    Of the epochs about ``per_decade`` in each factor of ten, the last of every run, and all of what is measured rarely.
    Of the losses those of the splits ``losses``.
    """
    table = table[
        ~table.metric.isin(["loss", "sign", "classes"]) | ((table.metric == "loss") & table.split.isin(losses))
    ]
    last = table.groupby("run").epoch.transform("max")
    rare = ~table.metric.isin(["accuracy", "legacy_accuracy", "loss"])
    kept = table[table.epoch.map(lambda epoch: due(epoch, per_decade)) | (table.epoch == last) | rare]
    always = ("run", "seed", "epoch", "step", "images", "split", "metric", "value")
    columns = [name for name in kept if name in always or kept[name].nunique(dropna=False) > 1]
    return kept[columns]


def _settings(run: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a run that say the same in all of its rows."""
    dead_since = float("nan") if found["dead_since"] is None else found["dead_since"]
    over_images = found["overrides"].get("seeds") == "images"  # which are what differs from seed to seed
    seed = found["config"]["data"]["order_seed"] if over_images else found["config"]["seed"]
    settings = {"run": run, **found["choices"], "seed": seed, "dead_since": dead_since}
    settings["class_count"] = found["class_count"]
    for key, value in found["overrides"].items():
        settings.setdefault(key, str(value) if isinstance(value, list | dict) else value)
    return settings


def _instead(folder: Path) -> str:
    """What a folder without a finished run is, where it is not that of a sweep."""
    if not folder.is_dir():
        return ": there is no such folder"
    if (folder / CONFIG).exists() or (folder / RESULT).exists():
        return ": it is the folder of a run, not of a sweep"
    inside = sorted({path.relative_to(folder).parts[0] for path in folder.glob(f"*/*/{RESULT}")})
    return f": it holds the folders of sweeps, {_shown(inside)}" if inside else ""


def _shown(names: Sequence[str]) -> str:
    """The first few of them, and how many there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
