"""Held-out accuracy after a shift over that before it, by network and epoch.

Each dot is a network after some epoch, placed by probits, the ticks are accuracies, and on the dashed line nothing is
lost. On the left noise is blended into the held-out images, in the middle they are blurred, each at three strengths
with the line through all dots; on the right both at the greatest strength, by network.
"""

from typing import NamedTuple

import numpy
import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import linregress

from rotelab.claims.probit import probit
from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.plurals import plural
from rotelab.results.lines import check_every, check_names

SETTINGS = ["model", "data.size"]
STRENGTHS = ("light", "medium", "strong")
KINDS = {"noise": "noise blended in", "blur": "a blur"}
"""Those of the sweep."""
CONVOLUTIONS = ("convnet5", "resnet")
"""What the names of such networks begin with."""
TICKS = (0.1, 0.3, 0.5, 0.7, 0.9, 0.97)


def networks(table: pandas.DataFrame) -> pandas.DataFrame:
    """A row a run, epoch that was measured after the start, and shift: SETTINGS, ``seed``, ``epoch``, ``last`` (whether
    it is the run's last), ``kind`` and ``strength``, and the accuracies ``before`` and ``after``, in probits. Raises
    Refusal where runs are missing, or none was measured."""
    check_names(table, SETTINGS, "runs of sweep=line, which name")
    kinds = {f"{kind}_accuracy": kind for kind in KINDS}
    after = table[table.metric.isin([*kinds]) & (table.epoch > 0)]
    before = table[(table.metric == "accuracy") & (table.split == "held_out")][["run", "epoch", "value"]]
    found = after.merge(before.rename(columns={"value": "before"}), on=["run", "epoch"])
    found = found.assign(kind=found.metric.map(kinds), strength=found.split, after=found.value)
    if missing := {*KINDS} - {*found.kind}:
        raise Refusal(f"no run measured accuracy after {' or '.join(sorted(missing))}: measure=shifted_accuracy does")
    check_every(found, [*SETTINGS, "kind", "strength"], "network, size and shift")
    found["last"] = found.epoch == found.groupby("run").epoch.transform("max")
    found[["before", "after"]] = probit(found[["before", "after"]].to_numpy())
    return found[["run", *SETTINGS, "seed", "epoch", "last", "kind", "strength", "before", "after"]]


class Line(NamedTuple):
    """A least-squares line of probits after over those before, and their correlation."""

    slope: float
    intercept: float
    r: float

    def above(self, of: pandas.DataFrame) -> float:
        """The mean height of dots above it, in probits."""
        return float((of.after - self.intercept - self.slope * of.before).mean())


def line(of: pandas.DataFrame) -> Line:
    """Raises Refusal where there are fewer than three accuracies."""
    if of.before.nunique() < 3:
        raise Refusal(f"a line needs three accuracies or more, not {of.before.nunique()}")
    fit = linregress(of.before, of.after)
    return Line(float(fit.slope), float(fit.intercept), float(fit.rvalue))


def convolutional(found: pandas.DataFrame) -> pandas.Series:
    return found.model.str.startswith(CONVOLUTIONS)


def one(found: pandas.DataFrame, kind: str, strength: str) -> pandas.DataFrame:
    return found[(found.kind == kind) & (found.strength == strength)]


def _dots(panel: Axes, of: pandas.DataFrame, color: str, label: str, marker: str = "o") -> None:
    """Faint before the end of training."""
    for last, alpha, size in ((False, 0.25, 2.5), (True, 0.9, 4.5)):
        own = of[of["last"] == last]
        words = label if last else f"_{label}"
        panel.plot(own.before, own.after, marker, color=color, alpha=alpha, markersize=size, label=words)


def _scaled(panel: Axes) -> None:
    """Ticks at accuracies, and the diagonal."""
    places = probit(numpy.array(TICKS))
    panel.axline((0, 0), slope=1, color="0.4", linestyle="--", linewidth=0.8)
    panel.set_xticks(places, [f"{tick:g}" for tick in TICKS])
    panel.set_yticks(places, [f"{tick:g}" for tick in TICKS])


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal where runs are missing."""
    found = networks(table)
    figure, (*panels, last) = style.axes(3, width=11.0, height=4.2)
    for panel, (kind, words) in zip(panels, KINDS.items(), strict=True):
        for strength, color in zip(STRENGTHS, style.shades(len(STRENGTHS)), strict=True):
            of = one(found, kind, strength)
            fit = line(of)
            _dots(panel, of, color, f"{strength} shift")
            panel.axline((0, fit.intercept), slope=fit.slope, color=color, linewidth=1)
        panel.set_title(words)
    models = sorted(found.model.unique())
    for kind, marker in zip(KINDS, ("o", "x"), strict=True):
        for model, color in zip(models, style.PALETTE, strict=False):
            of = one(found, kind, STRENGTHS[-1])
            _dots(last, of[of.model == model], color, f"{model}, {kind}", marker)
    last.set_title("strong shifts, by network")
    for panel in (*panels, last):
        _scaled(panel)
        panel.set(xlabel="held-out accuracy", ylabel="accuracy after the shift")
        style.legend_below(panel)
    return figure


def note(table: pandas.DataFrame) -> list[str]:
    found = networks(table)
    of_one = one(found, *found[["kind", "strength"]].iloc[0])
    return [
        f"{plural(found.seed.nunique(), 'seed')}, each of other images and weights",
        f"{found.run.nunique()} networks, {len(of_one)} dots a shift",
        "large dots at the end of training, faint ones before",
        *("lines through all dots", "dashed: nothing is lost"),
        "train sets of " + ", ".join(f"{size:g}" for size in sorted(found["data.size"].astype(float).unique())),
    ]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each shift the lines over networks at the end and over all epochs, and how far above the line of other
    networks convolutional ones lie."""
    found, texts = networks(table), []
    for kind in KINDS:
        for strength in STRENGTHS:
            of = one(found, kind, strength)
            every, end, others = line(of), line(of[of["last"]]), of[~convolutional(of)]
            text = f"{kind}, {strength}: r {end.r:.3f}, slope {end.slope:.2f} at the end of training; "
            text += f"r {every.r:.3f}, slope {every.slope:.2f} over epochs"
            if 0 < len(others) < len(of):
                above = line(others).above(of[convolutional(of)])
                text += f"; convolutions {above:+.2f} probits above other networks' line"
            texts.append(text)
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, note=note)
