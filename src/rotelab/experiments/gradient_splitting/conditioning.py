"""Is memorizing hard? Eq. (1) and Eq. (3) under usual and good settings.

Blue is plain training and orange gradient splitting, a small dot a seed; a row is a choice of settings, hollow where
not every seed came to the train accuracy, with how many did. The further orange is to the right of blue, the harder it
is to memorize under these settings; in the panel of ratios, at the line both take the same number of epochs.

Draws from the sweeps conditioning and conditioning_noise.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.experiments.gradient_splitting.fig1 import OBJECTIVES
from rotelab.figures import arrivals, style
from rotelab.results import lines
from rotelab.results.lines import LEVELS, Line, check_seeds

PARTS = ("whitening", "he_start", "small_head", "low_beta2", "head_decay", "balanced_pairs")
"""Of good settings: conf/conditioning."""
CONTROLS = ("single_softmax", "sgd")
SETTINGS = (
    *("usual", *(f"only_{part}" for part in PARTS), *(f"without_{part}" for part in PARTS)),
    *(*(f"with_{control}" for control in CONTROLS), "good"),
)
ENDS = {"usual": "s--", "good": "o-"}
"""Markers and lines of the settings that noise was learned under."""
LEVEL = LEVELS[-1]
"""The train accuracy at which runs end."""
INPUTS = "data/inputs"
NOISE = "gaussian_blend"


def of(table: pandas.DataFrame, inputs: str) -> pandas.DataFrame:
    """The runs on ``images`` or on ``noise``. Refusal where there are none."""
    if "conditioning" not in table:
        raise Refusal("the figure needs runs of sweep=conditioning, which names conditioning")
    noise = table[INPUTS] == NOISE if INPUTS in table else pandas.Series(False, table.index)
    found = table[noise if inputs == "noise" else ~noise]
    if found.empty:
        raise Refusal(f"there is no finished run on {inputs}")
    return found


def line(objective: str, settings: str, where: Mapping[str, Any] = MappingProxyType({})) -> Line:
    """The train accuracy under such settings, of the runs ``where`` columns have these values besides."""
    name, color = OBJECTIVES[objective]
    return Line(name, {"objective": objective, "conditioning": settings, **where}, color)


def objectives(settings: str, where: Mapping[str, Any] = MappingProxyType({})) -> list[Line]:
    """Eq. (3) and Eq. (1)."""
    return [line(objective, settings, where) for objective in OBJECTIVES]


def settings(table: pandas.DataFrame) -> list[str]:
    """Those that the table has, the usual ones first and the good ones last."""
    return [name for name in SETTINGS if (table.conditioning == name).any()]


def ratios(table: pandas.DataFrame, name: str) -> pandas.DataFrame:
    """(seed, level) and, in each unit, Eq. (1) over Eq. (3) to each train accuracy that both reached."""
    return lines.ratios(table, *objectives(name))


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Epochs to the level, held-out accuracy there, and ratios of epochs. Refusal where runs are missing."""
    images, noise = of(table, "images"), of(table, "noise")
    check_seeds(noise, [line for name in ENDS for line in objectives(name)])
    figure, (epochs, unseen, levels) = style.axes(3, width=13.0, height=5.6)
    arrivals.draw((epochs, unseen), images, {words(name): objectives(name) for name in settings(images)}, LEVEL)
    _ratios(levels, {"images": images, "noise": noise})
    return figure


def words(name: str) -> str:
    """``good without small head``, ``He start only``, ``good with SGD``."""
    kind, _, part = name.partition("_")
    part = _spelt(part)
    return {"only": f"{part} only", "without": f"good without {part}", "with": f"good with {part}"}.get(kind, kind)


def _spelt(part: str) -> str:
    return part.replace("_", " ").replace("he start", "He start").replace("sgd", "SGD")


def note(table: pandas.DataFrame) -> list[str]:
    """How rows are read, and what their settings are."""
    return [*arrivals.note(table), f"good: {', '.join(map(_spelt, PARTS))}; usual: as in the paper, none of these"]


def _ratios(panel: Axes, of_inputs: dict[str, pandas.DataFrame]) -> None:
    for inputs, table in of_inputs.items():
        for name, form in ENDS.items():
            color = style.BOTH if inputs == "images" else style.NOISE
            found = ratios(table, name)
            panel.scatter(found.level, found.epochs, s=8, color=color, alpha=0.5, linewidths=0)
            mean = found.groupby("level").epochs.mean()
            panel.plot(mean.index, mean, form, markersize=4, color=color, label=f"{inputs}, {name}")
    panel.axhline(1, color="black", linewidth=0.6)
    panel.set(xlabel="train accuracy", ylabel="epochs of Eq. (1) over epochs of Eq. (3)", yscale="log", xticks=LEVELS)
    style.legend_below(panel)


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each choice of settings: epochs to the level, who died, and held-out accuracy there."""
    texts = []
    for inputs, names in (("images", SETTINGS), ("noise", tuple(ENDS))):
        part = of(table, inputs)
        there = [name for name in names if name in settings(part)]
        texts.append(arrivals.summary(part, {f"{inputs}, {words(name)}": objectives(name) for name in there}, LEVEL))
    return "\n".join(texts)


def by_row(rows: Callable[[pandas.DataFrame], Mapping[str, Sequence[Line]]]) -> Experiment:
    """The figure of a sweep that asks the same elsewhere: by its words, Eq. (3) and Eq. (1) of each row."""

    def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
        found = rows(table)
        figure, panels = style.axes(2, width=10.0, height=2.0 + 0.3 * len(found))
        arrivals.draw(panels, table, found, LEVEL)
        return figure

    def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
        return arrivals.summary(table, rows(table), LEVEL)

    return Experiment(draw, summary, note=note)


EXPERIMENT = Experiment(
    draw, summary, ("conditioning", "conditioning_noise"), note=lambda table: [*note(table), "black: as many epochs"]
)
