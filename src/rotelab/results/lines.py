"""Groups of runs, as a figure draws them and a claim compares them: what a table says of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas

from rotelab.errors import Refusal
from rotelab.results import record
from rotelab.results.record import UNITS, first_reaching

LEVELS = (0.3, 0.5, 0.7, 0.8, 0.9)
"""Train accuracies on ten classes at which difficulty is read off, those for which the author's recorded curves were
read; on others those that are as far from chance."""


@dataclass(frozen=True)
class Line:
    """The runs whose columns have the values ``where``, drawn as one mean with its band.

    ``split`` is a split, or ``gap``: train minus pseudo-test accuracy. ``recorded`` names the author's series of it.
    """

    label: str
    where: Mapping[str, Any]
    color: str
    split: str = "train"
    linestyle: str = "-"
    recorded: str | None = None
    metric: str = "accuracy"


def plain(line: Line) -> Line:
    """The same under Eq. (3), the control of a figure of Eq. (4), of which the author recorded none."""
    where = {**line.where, "objective": "standard"}
    return replace(line, label=f"{line.label}, Eq. (3)", where=where, linestyle="-.", recorded=None)


def rows(table: pandas.DataFrame, line: Line) -> pandas.DataFrame:
    """One value a run and epoch. ValueError, with a sentence, where there is no run, or several of one seed."""
    chosen = table
    for column, value in line.where.items():
        chosen = chosen[chosen[column] == value] if column in chosen else chosen[:0]
    if chosen.empty:
        wanted = ", ".join(f"{column}={value}" for column, value in line.where.items())
        raise Refusal(f"there is no finished run of {wanted}")
    if (chosen.groupby("seed").run.nunique() > 1).any():
        raise Refusal(f"{line.label}: more than one run of a seed; this sweep varies something else besides")
    if line.split == "gap":
        return gap(chosen, line.metric)
    return chosen[(chosen.metric == line.metric) & (chosen.split == line.split)]


def gap(table: pandas.DataFrame, metric: str = "accuracy") -> pandas.DataFrame:
    """Rows of split ``gap``: how much more accurate a run is on the train than on the pseudo-test split."""
    both = table[table.metric == metric]
    train, other = (both[both.split == split] for split in ("train", "pseudo_test"))
    merged = train.merge(other[["run", "epoch", "value"]], on=["run", "epoch"], suffixes=("", "_other"))
    return merged.assign(value=merged.value - merged.value_other, split="gap").drop(columns="value_other")


def beside(table: pandas.DataFrame, line: Line, metric: str = "accuracy") -> pandas.DataFrame:
    """Rows of a line with the ``metric`` of the train split at the same epoch, in a column ``train_accuracy``, ..."""
    other = rows(table, replace(line, split="train", metric=metric))[["run", "epoch", "value"]]
    return rows(table, line).merge(other.rename(columns={"value": f"train_{metric}"}), on=["run", "epoch"])


def check_seeds(table: pandas.DataFrame, lines: Sequence[Line]) -> int:
    """How many seeds there are; ValueError where the lines differ in theirs."""
    seeds = {line.label: frozenset(rows(table, line).seed) for line in lines}
    if unmeasured := [line for line in lines if not seeds[line.label]]:
        raise Refusal(f"{unmeasured[0].label}: no run measured {unmeasured[0].metric}/{unmeasured[0].split}")
    if len(set(seeds.values())) > 1:
        shown = "; ".join(f"{label}: {', '.join(map(str, sorted(found)))}" for label, found in seeds.items())
        raise Refusal(f"every line needs the same seeds, and they have {shown}")
    return len(next(iter(seeds.values())))


def check_names(table: pandas.DataFrame, columns: Iterable[str], runs: str = "runs that name") -> None:
    """Refusal where the table lacks one of these columns: the figure needs such ``runs``, and their names."""
    if missing := {*columns} - {*table}:
        raise Refusal(f"the figure needs {runs} {', '.join(sorted(missing))}")


def check_every(table: pandas.DataFrame, by: list[str], what: str) -> None:
    """ValueError where the table is empty, or where not every group ``by`` these columns has all of its seeds."""
    if table.empty or (table.groupby(by).seed.nunique() != table.seed.nunique()).any():
        raise Refusal(f"the figure needs the same seeds for every {what}, and some are missing")


def numbers(table: pandas.DataFrame, column: str) -> list[float]:
    """That runs have in a column, in order; none where there is no such column."""
    return [float(value) for value in sorted(table[column].dropna().unique())] if column in table else []


def chance(table: pandas.DataFrame) -> float | None:
    """The accuracy of a guess, 1 / classes; None where runs differ in their classes, or one does not say them."""
    counts = table.class_count.unique()
    return float(1 / counts[0]) if len(counts) == 1 and counts[0] > 0 else None


def over(table: pandas.DataFrame) -> str:
    """What the seeds draw where it is not the weights alone (``seeds=images``, ``both``), to stand behind their number:
    bands and intervals are over that."""
    drawn = {"images": ", each of other images", "both": ", each of other images and weights"}
    return drawn.get(table.seeds.iloc[0], "") if "seeds" in table else ""


def steps_per_epoch(table: pandas.DataFrame, line: Line) -> float:
    last = rows(table, line).iloc[-1]
    return float(last.step / last.epoch)


def mean(table: pandas.DataFrame, line: Line) -> pandas.Series:
    """The mean over seeds by epoch, as long as all of them run."""
    return rows(table, line).pivot(index="epoch", columns="run", values="value").dropna().mean(axis=1)


def level(table: pandas.DataFrame, of_ten: float) -> float:
    """What an accuracy on ten classes is on those of the table (``record.level``); itself where they are not known."""
    guess = chance(table)
    return of_ten if guess is None else record.level(of_ten, guess)


def levels(table: pandas.DataFrame) -> list[float]:
    return [level(table, of_ten) for of_ten in LEVELS]


def reached(table: pandas.DataFrame, line: Line, at: Sequence[float] | None = None) -> pandas.DataFrame:
    """(seed, level, epoch, step, images): when each run first reached each accuracy, by default the ``levels``; no row
    where it did not."""
    wanted, found = levels(table) if at is None else at, []
    for seed, run in rows(table, line).sort_values("epoch").groupby("seed"):
        curve = list(run[["epoch", "step", "images", "value"]].itertuples(index=False, name=None))
        for accuracy, when in first_reaching(curve, wanted).items():
            if when:
                found.append((seed, accuracy, *when.values()))
    return pandas.DataFrame(found, columns=["seed", "level", "epoch", "step", "images"])


def came(table: pandas.DataFrame, line: Line, level: float) -> pandas.Series:
    """By seed: whether its run came to a train accuracy of ``level``."""
    there = {*reached(table, line, [level]).seed}
    return pandas.Series({seed: seed in there for seed in rows(table, line).seed.unique()})


def held_out(table: pandas.DataFrame, line: Line, level: float) -> pandas.Series:
    """By seed: held-out accuracy at the first epoch with a train accuracy of ``level``, of those that came there."""
    at = reached(table, line, [level])[["seed", "epoch"]]
    return rows(table, replace(line, split="held_out")).merge(at, on=["seed", "epoch"]).set_index("seed").value


def ratios(table: pandas.DataFrame, plain: Line, split: Line) -> pandas.DataFrame:
    """(seed, level) and, in each of UNITS, what ``split`` took over what ``plain`` did, to levels that both came to."""
    both = reached(table, plain).merge(reached(table, split), on=["seed", "level"], suffixes=("_plain", "_split"))
    both = both[both.epoch_plain > 0]
    found = {unit: both[f"{column}_split"] / both[f"{column}_plain"] for unit, column in UNITS.items()}
    return both[["seed", "level"]].assign(**found)


def in_units(ratios: pandas.DataFrame, form: str = ".1f") -> str:
    """``2.0 to 3.0 times the epochs, ...``: of several seeds in each unit; those that agree share their words."""
    texts: dict[str, list[str]] = {}
    for unit in UNITS:
        texts.setdefault(spread(ratios[unit], form), []).append(unit)
    return ", ".join(f"{text} times the {' and '.join(units)}" for text, units in texts.items())


def last(table: pandas.DataFrame, line: Line) -> pandas.DataFrame:
    """The last row of each run."""
    values = rows(table, line)
    return values[values.epoch == values.groupby("run").epoch.transform("max")]


def dead(table: pandas.DataFrame, line: Line) -> pandas.Series:
    """By seed, 1 for a run that is dead and 0 for one that is not: how many died is its sum."""
    return last(table, line).set_index("seed").dead_since.notna().astype(float)


def finals(table: pandas.DataFrame, line: Line) -> pandas.Series:
    """The last value of each run, by seed."""
    return last(table, line).set_index("seed").value


def some(found: int, of: int) -> str:
    """`` (2 of 3 seeds)``, or nothing where it is all of them, or none."""
    return f" ({found} of {of} seeds)" if 0 < found < of else ""


def spread(values: pandas.Series, form: str) -> str:
    """``0.1 to 0.3``, or one number where all are alike."""
    least, most = format(values.min(), form), format(values.max(), form)
    return least if least == most else f"{least} to {most}"
