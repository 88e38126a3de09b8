"""From memorizing to generalizing and back, beside training from scratch.

First the second phase is plain training, then gradient splitting; epochs count from the switch, beside the same
objective from scratch, in black. A line with a past that stays below or above the black one shows that the past left a
trace; the last panel has the held-out accuracy of plain training at the same train accuracy, a ring where it begins.
"""

from dataclasses import replace
from typing import Any

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, style
from rotelab.results.lines import Line, beside, chance, check_seeds, mean, reached

SCHEDULES = {
    "split_then_standard": ("first (1), then (3)", style.MEMORIZE),
    "standard_then_split": ("first (3), then (1)", style.PLAIN),
}
SPLITS = {"train": "train", "held_out": "held-out", "pseudo_test": "pseudo-test"}


def switch(table: pandas.DataFrame) -> int:
    """The last epoch of the first objective: half of the training, as the sweep has it."""
    return int(table.epoch.max()) // 2


def phases(table: pandas.DataFrame) -> pandas.DataFrame:
    """The table cut in two: ``phase`` 1 and 2, with epochs, steps and images counted from the start of each.

    Epoch 0 of the second phase is the last of the first. So the second phase of one schedule stands beside the first,
    from scratch, of the other, under the same objective.
    """
    at = switch(table)
    second = table[table.epoch >= at]
    counts = {unit: second[unit] - second[unit].min() for unit in ("epoch", "step", "images")}
    second = second.assign(phase=2, **counts)
    return pandas.concat([table[table.epoch <= at].assign(phase=1), second])


def lines(objective: str, split: str) -> list[Line]:
    """Training under ``standard`` or ``split`` from scratch, and after the other one."""
    after = {"standard": "split_then_standard", "split": "standard_then_split"}[objective]
    (scratch,) = set(SCHEDULES) - {after}
    before = {"standard": "memorizing", "split": "generalizing"}[objective]
    return [
        Line("from scratch", {"objective": scratch, "phase": 1}, "black", split),
        Line(f"after {before}", {"objective": after, "phase": 2}, SCHEDULES[after][1], split),
    ]


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Accuracies under Eq. (3) and under Eq. (1), each from scratch and after the other."""
    cut = phases(table)
    figure, (*panels, alike) = style.axes(3, width=13.0, height=4.2)
    for panel, (objective, name) in zip(panels, (("standard", "Eq. (3)"), ("split", "Eq. (1)")), strict=True):
        shown = [
            replace(line, label=f"{line.label}, {SPLITS[split]}", linestyle=linestyle)
            for both in zip(*(lines(objective, split) for split in SPLITS), strict=True)
            for line, split, linestyle in zip(both, SPLITS, ("-", "-.", ":"), strict=True)
        ]
        check_seeds(cut, shown)
        curves.draw(panel, cut, shown)
        panel.set_xscale("symlog", linthresh=1)
        panel.set(xlabel=f"epochs of {name}", ylabel="accuracy", ylim=(-0.02, 1.02), xlim=(0, None))
        style.legend_below(panel)
    for line in lines("standard", "held_out"):
        _against_train(alike, cut, line)
    style.chance(alike, chance(table))
    alike.set(xlabel="train accuracy under Eq. (3)", ylabel="held-out accuracy", xlim=(0, 1.02), ylim=(0, None))
    style.legend_below(alike)
    return figure


def _against_train(panel: Axes, cut: pandas.DataFrame, line: Line) -> None:
    """A path for each seed, through the epochs of the phase."""
    for number, (_, run) in enumerate(beside(cut, line).sort_values("epoch").groupby("run")):
        label = f"{line.label}, held-out" if number == 0 else f"_{number}"
        look: dict[str, Any] = {"color": line.color, "linewidth": 0.8, "alpha": 0.7}
        panel.plot(run.train_accuracy, run.value, linestyle="-.", label=label, **look)
        panel.plot(run.train_accuracy.iloc[:1], run.value.iloc[:1], "o", fillstyle="none", markersize=4, **look)


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Under either objective the last accuracies; under Eq. (3) also the epochs to nine tenths of what training from
    scratch came to on the held-out split."""
    cut, texts = phases(table), []
    for objective, name in (("standard", "Eq. (3)"), ("split", "Eq. (1)")):
        for split in SPLITS:
            texts.append(curves.summary(cut, [_named(line, name) for line in lines(objective, split)]))
    scratch, after = lines("standard", "held_out")
    goal = 0.9 * float(mean(cut, scratch).max())
    for line in (scratch, after):
        epochs, seeds = reached(cut, line, [goal]).epoch, table.seed.nunique()
        seen = f"{epochs.mean():.0f} epochs" if len(epochs) == seeds else f"{len(epochs)} of {seeds} seeds"
        texts.append(f"Eq. (3), {line.label}: to a held-out accuracy of {goal:.2f}: {seen}")
    return "\n".join(texts)


def _named(line: Line, objective: str) -> Line:
    return replace(line, label=f"{objective} {line.label}")


def note(table: pandas.DataFrame) -> list[str]:
    return [*style.seeds_note(table), "circles in (c): before the first epoch"]


EXPERIMENT = Experiment(draw, summary, note=note)
