"""Do lottery tickets memorize more or less easily than the whole network?

On the left the mean train accuracy over all epochs, the higher the easier; in the middle the epochs to a train accuracy
of .9, hollow where not every seed came there; on the right the share of dead runs with its 95 % interval. Masks are of
plain training, three quarters of the weights a round.
"""

from typing import Any

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.claims.questions import ease
from rotelab.claims.shares import exact
from rotelab.experiments.experiment import Experiment
from rotelab.experiments.lottery_tickets.rungs import ARM, ROUNDS, line, over_left, percent, rounds
from rotelab.figures import style
from rotelab.results.lines import check_every, dead, finals, reached

SHARE, LEVEL = 0.75, 0.9
"""Pruned in a round; and the train accuracy to which epochs are counted."""
OBJECTIVES = {"standard": ("plain training, Eq. (3)", "--"), "split": ("Eq. (1)", "-")}
SHOWN = {
    ("split", "ticket"): ("Eq. (1), tickets", style.MEMORIZE, "-"),
    ("split", "random_mask"): ("Eq. (1), random masks", style.BOTH, "-"),
    ("standard", "ticket"): ("plain training, Eq. (3), tickets", style.PLAIN, "--"),
    ("standard", "random_mask"): ("plain training, Eq. (3), random masks", style.NOISE, "--"),
}


def eases(table: pandas.DataFrame, objective: str, arm: str) -> pandas.DataFrame:
    """The mean train accuracy over all epochs: a row a round, a column a seed."""
    return pandas.DataFrame({at: ease(table, line(arm, at, objective)) for at in rounds(table)}).T


def epochs(table: pandas.DataFrame, objective: str, arm: str) -> pandas.DataFrame:
    """To the train accuracy: a row a round, a column a seed; missing where it was never reached."""
    found = {}
    for at in rounds(table):
        one = line(arm, at, objective)
        of = reached(table, one, [LEVEL]).set_index("seed").epoch
        found[at] = of.reindex(finals(table, one).index)
    return pandas.DataFrame(found).T


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal where runs are missing."""
    rounds(table)
    check_every(table, ["objective", ARM, ROUNDS], "objective, arm and round")
    figure, (easy, speed, deaths) = style.axes(3, width=11.0, height=3.8)
    shown = False
    for (objective, arm), (words, color, linestyle) in SHOWN.items():
        style.seeds(easy, over_left(eases(table, objective, arm), SHARE), "left", color, linestyle, words)
        look: dict[str, Any] = {"color": color, "linestyle": linestyle, "label": words, "marker": "o", "markersize": 4}
        came = epochs(table, objective, arm)
        shown = shown or bool(came.notna().any(axis=None))
        _epochs(speed, came, look)
        _deaths(deaths, table, objective, arm, look)
    for panel, words in ((easy, "mean train accuracy"), (speed, f"epochs to {LEVEL}"), (deaths, "dead runs")):
        panel.set(xscale="log", xlabel="% of the weights left", ylabel=words)
        panel.invert_xaxis()
    style.legend_below(easy)
    easy.set_ylim(0, 1.02)
    if shown:
        speed.set_yscale("log")
    deaths.set_ylim(-0.02, 1.02)
    return figure


def _epochs(panel: Axes, found: pandas.DataFrame, look: dict[str, Any]) -> None:
    whole = found.dropna()
    panel.plot([percent(SHARE, int(at)) for at in whole.index], whole.mean(axis=1), **look)
    for at, of in found.drop(whole.index).iterrows():
        if of.notna().any():
            panel.plot(
                percent(SHARE, int(str(at))), of.mean(), "o", color=look["color"], fillstyle="none", markersize=5
            )


def _deaths(panel: Axes, table: pandas.DataFrame, objective: str, arm: str, look: dict[str, Any]) -> None:
    shares = {}
    for at in rounds(table):
        died = dead(table, line(arm, at, objective))
        count, of, x = int(died.sum()), len(died), percent(SHARE, at)
        shares[x] = count / of
        panel.plot([x, x], exact(count, of - count), color=look["color"], linewidth=0.8, alpha=0.6)
    panel.plot([*shares], [*shares.values()], **look)


def note(table: pandas.DataFrame) -> list[str]:
    return [
        *style.seeds_note(table),
        "hollow: not every seed came there",
        "bars: 95 % intervals of a share (Clopper and Pearson)",
    ]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each objective and arm its ease, epochs and deaths, by what is left."""
    texts = []
    for (objective, arm), (words, *_) in SHOWN.items():
        easy, speed = eases(table, objective, arm).mean(axis=1), epochs(table, objective, arm)
        told = []
        for at in rounds(table):
            came, died = speed.loc[at].dropna(), int(dead(table, line(arm, at, objective)).sum())
            when = f"{came.mean():.0f} epochs" if len(came) else "never"
            some = f" ({len(came)} of {speed.shape[1]} seeds)" if 0 < len(came) < speed.shape[1] else ""
            told.append(f"{percent(SHARE, at):.3g} %: {easy[at]:.3f}, {when}{some}, {died} dead")
        texts.append(f"{words}: {'; '.join(told)}")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, note=note)
