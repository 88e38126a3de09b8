"""The files of a run and of a sweep, and the one table that figures read.

A run's folder holds ``config.yaml``, ``curve.csv`` and, once it has finished, ``result.json``; a folder without the
last is not finished, and neither is one whose files are damaged. A sweep's folder holds ``runs.csv``, the runs that
belong to it as it was last started.
"""

import csv
import hashlib
import io
import json
import math
import os
import platform
import subprocess
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from rotelab.errors import InputError, Notice
from rotelab.spacing import due
from rotelab.training.dead import FORMER_EPOCHS, Vitals

T = TypeVar("T")

RESULT, CURVE, CONFIG, RUNS, FAILURE = "result.json", "curve.csv", "config.yaml", "runs.csv", "failure.txt"
JOURNAL = ".results.json"
"""Of a sweep: results of runs that trained together, while they are being written."""
LEVELS = (0.5, 0.9, 0.99)
"""Train accuracies whose first epoch, step and sample every result records."""

_LIBRARIES = ("rotelab", "torch", "torchvision", "lightning", "hydra-core", "numpy")

COLUMNS = ("epoch", "step", "samples", "split", "metric", "value")
"""Of a run's curve."""
TABLE = ("run", "objective", "model", "data", "seed", "dead_since", *COLUMNS)
"""Of a sweep's table, before those of its settings."""

SHOWN = 5
"""So many runs a warning names."""


class Absent(Notice):
    """Runs that are not in a table, with no fault of their files."""


class Damaged(Exception):
    """A file of a finished run that can't be read, or that is not the one which was written; a sentence."""


def name(objective: str, digest: str) -> str:
    """Of a run and of its folder. Read it, never parse it."""
    return f"{objective}-{digest}"


def sweep_folder(sweep: str, scale: str | None) -> str:
    """``gradient_splitting_fig1-demo``: where the runs of a sweep at a scale lie."""
    return "-".join(part for part in (sweep.replace("/", "_"), scale) if part)


def finished(run: Path) -> bool:
    """Whether the run has finished: its result is there, and the curve beside it is whole.

    Warns, once, of files that are damaged: such a run has not finished, and is run again.
    """
    return (run / RESULT).exists() and _looked(run)[0]


def check_own(run: Path) -> None:
    """Raises InputError where the run's folder holds the result of another one, such as a folder that was renamed."""
    if finished(run) and (other := _looked(run)[1]) != run.name:
        what = f"the result of another run, {other}" if other else "a result that does not say which run it is of"
        raise InputError(f"{run} holds {what}: move it away")


def complete(sweep: Path, names: Sequence[str]) -> bool:
    """Whether nothing is left to do for a sweep of these runs: all have finished, and its folder says so."""
    recorded = (sweep / RUNS).exists() and runs(sweep) == list(names) and not (sweep / JOURNAL).exists()
    return recorded and all(finished(sweep / name) for name in names)


def write(path: Path, text: str) -> None:
    """Write all of a file or nothing: beside it, synced to disk, renamed, the folder synced."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except Exception:
        partial.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def write_results(results: Mapping[Path, dict[str, Any]]) -> None:
    """``result.json`` of runs of one sweep: all of them or none, whatever kills the process meanwhile (``settle``).

    The curves reach the disk first, then the results, then the folders.
    """
    for run in results:
        _sync(run / CURVE)
        _sync(run.parent)  # which has the folder's name
    if len(results) == 1:
        ((run, result),) = results.items()
        write(run / RESULT, _as_json(result))
    elif results:
        sweep = next(iter(results)).parent
        write(sweep / JOURNAL, _as_json({run.name: result for run, result in results.items()}))
        settle(sweep)


def settle(sweep: Path) -> None:
    """Write the results that a process was killed over, if there are any, but those of runs that were deleted, or
    trained anew, since then."""
    journal = sweep / JOURNAL
    if journal.exists():
        for run, result in _journal(journal).items():
            curve = sweep / run / CURVE
            if curve.exists() and _fingerprint(curve.read_bytes()) == result["curve"]:
                write(sweep / run / RESULT, _as_json(result))
        journal.unlink()
        _sync(sweep)


def _journal(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        warnings.warn(f"{path} can't be read ({error}): its runs count as not finished", Notice, stacklevel=3)
        return {}


def result(run: Path, about: dict[str, Any], outcome: "rotelab.training.run.Outcome") -> dict[str, Any]:  # noqa: F821
    """What ``result.json`` holds: what the run was, how it ended, what it ran on. Its curve has to be written.

    A metric that is no finite number is null. What only describes the run is null where it can't be found out.
    """
    curve = (run / CURVE).read_bytes()
    return {
        "run": run.name,
        **about,
        "metrics": {key: value if math.isfinite(value) else None for key, value in outcome.metrics.items()},
        "epochs": outcome.epochs,
        "steps": outcome.steps,
        "dead_since": outcome.dead_since,
        "curve": _fingerprint(curve),
        "labels_changed": outcome.labels_changed,
        "skipped": outcome.skipped,
        "first_reaching": first_reaching(_train_accuracy(curve), LEVELS),
        "seconds": round(outcome.seconds, 1),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "device": outcome.device,
        "threads": outcome.threads,
        "together": outcome.together,
        "machine": _or_none(lambda: f"{platform.system()} {platform.machine()}"),
        "versions": {
            "python": _or_none(platform.python_version),
            **{library: _or_none(lambda library=library: version(library)) for library in _LIBRARIES},
        },
        "commit": _or_none(_commit),
    }


def twin(run: Path) -> Path | None:
    """The same run, finished in another sweep below the same results folder."""
    found = (path.parent for path in sorted(run.parent.parent.glob(f"*/{run.name}/{RESULT}")))
    return next((other for other in found if finished(other) and _looked(other)[1] == run.name), None)


def adopt(run: Path, about: dict[str, Any]) -> Path | None:
    """Copy the ``twin`` of a run into its folder, and say where it is from; None where it has none.

    ``about`` says how this sweep describes it: a column of its table may be an option that the other one never gave.
    """
    if other := twin(run):
        found, curve = _read(other)
        (run / CURVE).write_bytes(curve)
        write_results({run: found | about | {"curve": _fingerprint(curve)}})
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

    Columns: ``run, objective, model, data, seed, dead_since, epoch, step, samples, split, metric, value`` and one for
    each setting that a run's command line or sweep gave (``data.size``; missing where a run did not give it). A row per
    epoch, split and metric; ``metric`` is ``accuracy`` (in [0, 1]), ``loss`` (nats), ``classes``, ``sign`` or what a
    measure measured. ``dead_since`` is the epoch since which a run could not learn any more; missing where it could.

    Warns of runs that are missing or damaged and of stale ones: finished runs in the folder that the sweep, as it was
    last started, has no more. Raises FileNotFoundError where no run has finished.
    """
    import pandas

    folder = Path(folder)
    wanted = runs(folder)
    missing, damaged, settings, curves = [], [], [], []
    for run in wanted:
        try:
            found, curve = _read(folder / run)
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
            if "dead_since" not in found:  # of before it was looked for
                settings[-1]["dead_since"] = _dead_since(curve)
    there = {path.parent.name for path in folder.glob(f"*/{RESULT}")} if (folder / RUNS).exists() else set()
    for reason, which, kind in (
        ("not finished", missing, Absent),
        ("damaged", damaged, Notice),
        ("of an earlier configuration", sorted(there - set(wanted)), Absent),
    ):
        if which:
            warnings.warn(f"{folder}: {reason}, so not in the table: {_shown(which)}", kind, stacklevel=2)
    if not settings:
        raise FileNotFoundError(f"{folder}: no finished run")
    table = pandas.read_csv(io.BytesIO(b"".join(curves)), names=COLUMNS)
    rows = [run for run, curve in enumerate(curves) for _ in range(curve.count(b"\n"))]
    described = pandas.DataFrame(settings).iloc[rows].reset_index(drop=True)
    table = pandas.concat([described, table], axis="columns")
    return table[[*TABLE, *(column for column in described if column not in TABLE)]]


def load_run(run: Path) -> "pandas.DataFrame":  # noqa: F821
    """The table of one run, as ``load`` has it. Raises FileNotFoundError or Damaged where it has not finished."""
    import pandas

    found, _ = _read(run)
    return pandas.read_csv(run / CURVE).assign(**_settings(run.name, found))


def _settings(run: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a run that say the same in all of its rows."""
    dead_since = float("nan") if found.get("dead_since") is None else found["dead_since"]
    settings = {"run": run, **found["choices"], "seed": found["config"]["seed"], "dead_since": dead_since}
    for key, value in found["overrides"].items():
        settings.setdefault(key, str(value) if isinstance(value, list | dict) else value)
    return settings


def _dead_since(curve: bytes) -> float:
    """As ``dead_since`` would have been: the epoch, or nan."""
    vitals, looks = Vitals(FORMER_EPOCHS), {}
    for row in csv.DictReader(io.StringIO(curve.decode())):
        if row["metric"] in ("loss", "accuracy"):
            looks.setdefault(int(row["epoch"]), {})[f"{row['metric']}/{row['split']}"] = float(row["value"])
    since = None
    for epoch, metrics in looks.items():
        since = vitals.dead_since(epoch, metrics)
    return float("nan") if since is None else float(since)


def _shown(names: Sequence[str]) -> str:
    """The first few of them, and how many there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def thin(table: "pandas.DataFrame", per_decade: int = 20, losses: Collection[str] = ()) -> "pandas.DataFrame":  # noqa: F821
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


def describe_run(run: Path) -> str:
    """What a finished run was, for a caption."""
    found, _ = _read(run)
    parts = (found["choices"]["objective"], *_description(run, None), f"seed {found['config']['seed']}")
    return f"{run.name}: {', '.join(parts)}"


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
    return [path.parent for path in sorted(folder.glob(f"*/{RESULT}")) if finished(path.parent)]


def _read(run: Path) -> tuple[dict[str, Any], bytes]:
    """The result and the curve of a finished run.

    Raises FileNotFoundError where there is no result, and Damaged where it can't be read or is of another curve.
    """
    path, file = run / RESULT, run / CURVE
    text = path.read_bytes()
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("it is no object")
    except ValueError as error:  # of JSON, or of its encoding
        raise Damaged(f"{path} can't be read ({error})") from error
    try:
        curve = file.read_bytes()
    except OSError as error:
        raise Damaged(f"{file} can't be read ({error.strerror})") from error
    # of before curves had fingerprints: as far as it can be told
    whole = found["curve"] == _fingerprint(curve) if "curve" in found else _goes_to_the_end(curve, found)
    if not whole:
        raise Damaged(f"{file} is not the curve that {RESULT} was written for")
    return found, curve


def _goes_to_the_end(curve: bytes, found: Mapping[str, Any]) -> bool:
    """Whether a curve has accuracy and loss of every epoch, and ends with the metrics that the result has."""
    try:
        rows = list(csv.DictReader(io.StringIO(curve.decode(), newline="")))
        epochs = [int(row["epoch"]) for row in rows if (row["metric"], row["split"]) == ("accuracy", "train")]
        last = {f"{row['metric']}/{row['split']}": row["value"] for row in rows if int(row["epoch"]) == epochs[-1]}
        metrics = {name: float(last[name]) for name in found["metrics"]}
    except (LookupError, ValueError, TypeError):
        return False
    evaluated = sum(row["metric"] in ("accuracy", "loss") for row in rows) % (found["epochs"] + 1) == 0
    return epochs == list(range(found["epochs"] + 1)) and metrics == found["metrics"] and evaluated


def _looked(run: Path) -> tuple[bool, str | None]:
    return _look(run, *(_stamp(run / file) for file in (RESULT, CURVE)))


@cache
def _look(run: Path, *stamps: object) -> tuple[bool, str | None]:
    """Whether the files of a run, which have these ``stamps``, are whole, and the name of the run that they are of.

    Asked for often, read and said once.
    """
    try:
        found, _ = _read(run)
    except Damaged as damage:
        warnings.warn(f"{damage}: this run counts as not finished", Notice, stacklevel=4)
        return False, None
    return True, _name(found)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _name(found: Mapping[str, Any]) -> str | None:
    """Of the run that a result is of, by what it was; None where it does not say."""
    try:
        return name(found["choices"]["objective"], found["digest"])
    except LookupError:
        return None


def _fingerprint(curve: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(curve).hexdigest(), "rows": curve.count(b"\n") - 1}


def _as_json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, allow_nan=False)


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _or_none(find: Callable[[], T]) -> T | None:
    """What only describes a run must not fail it."""
    try:
        return find()
    except Exception:
        return None


def _train_accuracy(curve: bytes) -> list[tuple[int, int, int, float]]:
    return [
        (int(row["epoch"]), int(row["step"]), int(row["samples"]), float(row["value"]))
        for row in csv.DictReader(io.StringIO(curve.decode(), newline=""))
        if (row["metric"], row["split"]) == ("accuracy", "train")
    ]


def _commit() -> str | None:
    """The commit of the code, with ``-dirty`` behind it where files were changed; None outside a git checkout."""
    describe = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    done = subprocess.run(describe, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None
