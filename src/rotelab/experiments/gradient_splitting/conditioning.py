"""Is memorizing hard? Eq. (1) and Eq. (3) under usual and good settings.

Blue is plain training and orange gradient splitting, a small dot a seed; a row is a choice of settings, hollow where
not every seed came to the train accuracy, with how many did. The further orange is to the right of blue, the harder it
is to memorize under these settings; in the panel of ratios, at the line both take the same number of epochs.

Draws from the sweeps conditioning and conditioning_noise.
"""

from collections.abc import Sequence

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.experiments.gradient_splitting.fig1 import OBJECTIVES
from rotelab.figures import style
from rotelab.results import lines
from rotelab.results.lines import LEVELS, Line, check_seeds, in_units, reached, rows, some, spread

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


def line(objective: str, settings: str, split: str = "train") -> Line:
    name, color = OBJECTIVES[objective]
    return Line(name, {"objective": objective, "conditioning": settings}, color, split)


def settings(table: pandas.DataFrame) -> list[str]:
    """Those that the table has, the usual ones first and the good ones last."""
    return [name for name in SETTINGS if (table.conditioning == name).any()]


def ratios(table: pandas.DataFrame, name: str) -> pandas.DataFrame:
    """(seed, level) and, in each unit, Eq. (1) over Eq. (3) to each train accuracy that both reached."""
    plain, split = (line(objective, name) for objective in OBJECTIVES)
    return lines.ratios(table, plain, split)


def held_out(table: pandas.DataFrame, objective: str, name: str, level: float = LEVEL) -> pandas.Series:
    """By seed: held-out accuracy at the first epoch with a train accuracy of ``level``, of those that came there."""
    at = reached(table, line(objective, name), [level])[["seed", "epoch"]]
    return rows(table, line(objective, name, "held_out")).merge(at, on=["seed", "epoch"]).set_index("seed").value


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Epochs to the level, held-out accuracy there, and ratios of epochs. Refusal where runs are missing."""
    images, noise = of(table, "images"), of(table, "noise")
    for part, names in ((images, settings(images)), (noise, [*ENDS])):
        check_seeds(part, [line(objective, name) for name in names for objective in OBJECTIVES])
    figure, (epochs, unseen, levels) = style.axes(3, width=13.0, height=5.6)
    names = settings(images)
    for place, name in enumerate(reversed(names)):
        for objective, shift in (("standard", 0.15), ("split", -0.15)):
            label = OBJECTIVES[objective][0] if place == 0 else "_"
            color, count = OBJECTIVES[objective][1], images.seed.nunique()
            times = reached(images, line(objective, name), [LEVEL]).epoch
            _row(epochs, times, place + shift, color, count, label)
            _row(unseen, held_out(images, objective, name), place + shift, color, count, label)
    for panel in (epochs, unseen):
        panel.set_yticks(range(len(names)), [words(name) for name in reversed(names)] if panel is epochs else [])
        panel.set_ylim(-0.6, len(names) - 0.4)
        style.legend_below(panel, 1)
    epochs.set(xlabel=f"epochs to a train accuracy of {LEVEL}", xscale="log", xlim=(0.8, 1.3 * images.epoch.max()))
    unseen.set(xlabel=f"held-out accuracy at a train accuracy of {LEVEL}", xlim=(0, None))
    if (guess := lines.chance(images)) is not None:
        unseen.set_xlim(0, max(unseen.get_xlim()[1], 2 * guess))
        unseen.axvline(guess, color="0.4", linestyle=(0, (1, 2)), linewidth=0.8, zorder=1)
        where = ("data", "axes fraction")
        unseen.annotate("chance", (guess, 1), (0, 2), where, "offset points", fontsize=6, ha="center")
    _ratios(levels, {"images": images, "noise": noise})
    return figure


def words(name: str) -> str:
    """``good without small head``, ``He start only``, ``good with SGD``."""
    kind, _, part = name.partition("_")
    part = part.replace("_", " ").replace("he start", "He start").replace("sgd", "SGD")
    return {"only": f"{part} only", "without": f"good without {part}", "with": f"good with {part}"}.get(kind, kind)


def _row(panel: Axes, values: pandas.Series, place: float, color: str, count: int, label: str) -> None:
    """Every seed and their mean; hollow, with their number, where not all ``count`` of them got there."""
    panel.scatter(values, [place] * len(values), s=8, color=color, alpha=0.5, linewidths=0)
    if len(values):
        full = len(values) == count
        panel.plot([values.mean()], [place], "o", color=color, markersize=5, fillstyle="full" if full else "none")
    panel.plot([], [], "o", color=color, label=label)
    if len(values) < count:
        where, text = ("axes fraction", "data"), f"{len(values)} of {count}"
        panel.annotate(text, (1.0, place), (2, 0), where, "offset points", fontsize=6, va="center", color=color)


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
        for name in (name for name in names if name in settings(part)):
            texts.append(f"{inputs}, {words(name)}:")
            texts += [f"  {_summary(part, objective, name)}" for objective in OBJECTIVES]
            for level, found in ratios(part, name).groupby("level"):
                share = some(len(found), part.seed.nunique())
                texts.append(f"  to {level}: {in_units(found)}{share}")
    return "\n".join(texts)


def _summary(table: pandas.DataFrame, objective: str, name: str) -> str:
    of_it = line(objective, name)
    at, dead = reached(table, of_it, [LEVEL]), int(lines.dead(table, of_it).sum())
    count = rows(table, of_it).seed.nunique()
    died = f", {dead} dead" if dead else ""
    if at.empty:
        best = rows(table, of_it).groupby("seed").value.max()
        return f"{of_it.label}: {LEVEL} in 0 of {count} seeds, at most {spread(best, '.2f')}{died}"
    unseen = spread(held_out(table, objective, name), ".3f")
    came = f"{LEVEL} in {len(at)} of {count} seeds, epochs {spread(at.epoch, 'd')}"
    return f"{of_it.label}: {came}, held out {unseen}{died}"


def note(table: pandas.DataFrame) -> Sequence[str]:
    return [
        f"{table.seed.nunique()} seeds, each a small dot",
        "hollow: the mean of those that came there, so many of all",
    ]


EXPERIMENT = Experiment(draw, summary, ("conditioning", "conditioning_noise"), note=note)
