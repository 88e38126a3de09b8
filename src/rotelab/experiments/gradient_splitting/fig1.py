"""Figure 1: accuracies under Eq. (1) and Eq. (3), and the epochs to each level.

Blue is plain training, orange gradient splitting; solid is what is learned, dash-dotted the images that neither sees,
dotted what is unlearned, dashed, where it is there, the author's recorded runs. The further apart orange's three
lines, the more was memorized rather than generalized; in the last panel the distance between orange and blue is how
many times longer it took, one decade a factor of ten.

A row for the usual settings and one for good ones (conf/conditioning), where the sweep has both.
"""

from itertools import product

import numpy
import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, style
from rotelab.results.lines import Line, check_seeds, in_units, levels, ratios, reached, rows, steps_per_epoch

OBJECTIVES = {
    "standard": ("plain training, Eq. (3)", style.PLAIN),
    "split": ("gradient splitting, Eq. (1)", style.MEMORIZE),
}
MARKERS = {"standard": ("o", "D"), "split": ("s", "^")}
"""Of the levels, by what is unlearned: dashes are the author's."""
LINESTYLES = {"train": "-", "held_out": "-.", "pseudo_test": ":"}
THIRD, TEST_SET, MORE = "a third of the images", "the test set", "more of the training set"
UNLEARNED = {
    **dict.fromkeys(("thirds", "equal_thirds"), THIRD),
    **dict.fromkeys(("test_set", "whole_test_set"), TEST_SET),
    **dict.fromkeys(("halves", "equal_halves"), MORE),
}
"""What is unlearned under each choice of ``data/split``."""
RECORDED = {
    TEST_SET: {"standard": "conv_eq3_10k_5000ep", "split": "conv_eq1_10k_holdout"},
    MORE: {"standard": "conv_eq3_5k", "split": "conv_eq1_5k_holdout"},
}
"""The author's series. His early 5k runs, of which the split's origin is not recorded, stand beside the second case."""


def lines(kind: str, settings: str | None = None) -> list[Line]:
    """The six curves of one choice (``data/split``) of what is unlearned, under such ``settings`` if given."""
    recorded = RECORDED.get(UNLEARNED.get(kind, ""), {})
    return [
        Line(
            f"{name}, {split.replace('_', '-')}",
            {"objective": objective, "data/split": kind} | ({"conditioning": settings} if settings else {}),
            color,
            split,
            linestyle,
            recorded.get(objective),
        )
        for objective, (name, color) in OBJECTIVES.items()
        for split, linestyle in LINESTYLES.items()
    ]


def words(kind: str) -> str:
    """What is unlearned, and whether that leaves the test set unknown."""
    unlearned = UNLEARNED.get(kind)
    if unlearned is None:
        return kind
    return f"unlearned: {unlearned}" + ("; held out: the test set" if unlearned == MORE else "")


def kinds(table: pandas.DataFrame) -> list[str]:
    """The choices of ``data/split`` that the sweep varied."""
    if "data/split" not in table:
        raise Refusal("Figure 1 needs runs of sweep=fig1, which names data/split")
    return list(dict.fromkeys(table["data/split"].dropna()))


def settings(table: pandas.DataFrame) -> list[str | None]:
    """The choices of ``conditioning``, None where the sweep names none; of several the last is the best one."""
    return list(dict.fromkeys(table.conditioning)) if "conditioning" in table else [None]


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Accuracies over epochs for each choice of what is unlearned, and the epochs to reach each train accuracy.

    Raises Refusal, with a sentence, where the runs of an objective are missing or objectives differ in their seeds.
    """
    chosen, under = kinds(table), settings(table)
    for kind, name in product(chosen, under):
        check_seeds(table, lines(kind, name))
    columns = len(chosen) + 1
    figure, panels = style.axes(columns, width=4.5 * columns, height=4.2 * len(under), rows=len(under))
    for row, name in enumerate(under):
        *curved, times = panels[row * columns :][:columns]
        for panel, kind in zip(curved, chosen, strict=True):
            curves.draw(panel, table, lines(kind, name), record)
            panel.set_xscale("symlog", linthresh=1)  # both objectives are seen: one takes a hundred times longer
            panel.set(ylabel="accuracy", ylim=(-0.02, 1.02), xlim=(0, None))
            panel.set_title("; ".join([words(kind), *([f"{name} settings"] if len(under) > 1 else [])]), fontsize=7)
            style.legend_below(panel)
        _levels(times, table, chosen, name)
    return figure


def _levels(panel: Axes, table: pandas.DataFrame, chosen: list[str], settings: str | None) -> None:
    """Epochs to each level, on the right axis optimizer steps; hollow, with a note, where not every seed got there."""
    rates = set()
    for row, kind in enumerate(chosen):
        for objective, shift in (("standard", -0.006), ("split", 0.006)):
            marker = MARKERS[objective][row % 2]
            name, color = OBJECTIVES[objective]
            line = next(line for line in lines(kind, settings) if line.where["objective"] == objective)
            rates.add(steps_per_epoch(table, line))
            runs = reached(table, line)
            runs = runs[runs.epoch > 0]  # at 0: below chance, no difficulty
            place = shift + 0.012 * row
            panel.scatter(runs.level + place, runs.epoch, s=8, color=color, alpha=0.5, linewidths=0)
            by_level, seeds = runs.groupby("level").epoch, rows(table, line).seed.nunique()
            mean = by_level.mean()
            whole = mean[by_level.count() == seeds]
            label = name if len(chosen) == 1 else f"{name}, unlearned: {UNLEARNED.get(kind, kind)}"
            panel.plot(whole.index + place, whole, color=color, marker=marker, markersize=5, label=label)
            for level, epoch in mean.drop(whole.index).items():  # a mean of those that got there is too low: hollow
                panel.plot(level + place, epoch, marker=marker, markersize=5, color=color, fillstyle="none")
                style.note(panel, f"{by_level.count()[level]} of {seeds}", (level, epoch), row)
    panel.set(xlabel="train accuracy", ylabel="epochs to reach it", xticks=levels(table), yscale="log")
    panel.set_ylim(0.8, 1.6 * table.epoch.max())
    style.legend_below(panel, 1)
    if len(rates) == 1:  # the sets are of one size, so that steps are epochs on another scale
        (rate,) = rates
        right = panel.secondary_yaxis(
            "right", functions=(lambda epochs: numpy.multiply(epochs, rate), lambda steps: numpy.divide(steps, rate))
        )
        right.set_ylabel("optimizer steps to reach it")


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """What was seen: final accuracies, least to greatest over seeds, and the ratio of epochs at each level."""
    texts = []
    for kind, name in product(kinds(table), settings(table)):
        shown = lines(kind, name)
        texts += [f"{words(kind)}{f', {name} settings' if name else ''}:", curves.summary(table, shown, record)]
        plain, split = (line for line in shown if line.split == "train")
        for level, found in ratios(table, plain, split).groupby("level"):
            share = f"({len(found)} of {table.seed.nunique()} seeds)"
            texts.append(f"train accuracy {level}: {in_units(found, '.0f')} {share}")
    return "\n".join(texts)


def note(table: pandas.DataFrame) -> list[str]:
    return [*style.seeds_note(table), "hollow: the mean of the seeds that reached a level, with their number"]


EXPERIMENT = Experiment(draw, summary, note=note)
