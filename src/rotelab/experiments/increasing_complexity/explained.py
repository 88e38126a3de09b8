"""What a network knows of labels over epochs, and what simpler ones know of it.

Bits about the labels of held-out images: on the left with true labels, where the coloured part is what a linear
classifier explains, and the dotted line is all that it knows; in the middle what linear, small and large networks
explain; on the right as on the left, with wrong labels in the train split. Simpler networks are fitted to the same
train split, and a band goes from the least to the greatest seed.
"""

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.results.lines import check_every

WRONG = "data.labels.fraction"
REFERENCES = {"linear": ("a linear classifier", style.PLAIN), "small": ("a small network", style.BOTH)}
REFERENCES |= {"large": ("a large network", style.PALETTE[3])}
"""Those of the sweep, from simple to complex."""


def curves(table: pandas.DataFrame) -> pandas.DataFrame:
    """A row a run and epoch that was measured: ``seed``, ``wrong`` (the share of wrong labels), ``step``, ``known``
    (I(F; Y) in bits), and of each of REFERENCES ``<name>``, what it explains, and ``<name>_knows``, I(L; Y). Raises
    Refusal where runs are missing, or none was measured."""
    if WRONG not in table:
        raise Refusal("the figure needs runs of sweep=explained, which name their share of wrong labels")
    names = {f"information/{name}": f"{name}_knows" for name in REFERENCES}
    names |= {f"explained/{name}": name for name in REFERENCES} | {"information/network": "known"}
    told = table.assign(what=(table.metric + "/" + table.split).map(names)).dropna(subset="what")
    wide = told.pivot(index=["run", "seed", WRONG, "epoch", "step"], columns="what", values="value").reset_index()
    if missing := {*names.values()} - {*wide}:
        raise Refusal(f"no run measured {', '.join(sorted(missing))}: measure=explained does")
    found = wide.rename(columns={WRONG: "wrong"}).astype({"wrong": float}).rename_axis(columns=None)
    check_every(found, ["wrong"], "share of wrong labels")
    return found.sort_values(["wrong", "seed", "epoch"], ignore_index=True)


def _true(found: pandas.DataFrame) -> pandas.DataFrame:
    if (true := found[found.wrong == 0]).empty:
        raise Refusal(f"there is no finished run of {WRONG}=0")
    return true


def _band(panel: Axes, of: pandas.DataFrame, column: str, color: str, label: str) -> None:
    style.seeds(panel, of.assign(value=of[column]), "step", color, "-", label)


def _known(panel: Axes, of: pandas.DataFrame) -> None:
    _band(panel, of, "known", style.NOISE, "the network knows")
    _band(panel, of, "linear", style.PLAIN, "a linear classifier explains")
    mean = of.groupby("step").linear.mean()
    panel.fill_between(mean.index, 0, mean, color=style.PLAIN, alpha=0.15, linewidth=0)
    panel.axhline(of.linear_knows.mean(), color=style.PLAIN, linestyle=":", linewidth=1)


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal where runs are missing."""
    found = curves(table)
    true, wrong = _true(found), found[found.wrong == found.wrong.max()]
    figure, (left, middle, right) = style.axes(3, width=11.0, height=3.6)
    _known(left, true)
    for name, (words, color) in REFERENCES.items():
        _band(middle, true, name, color, f"{words} explains")
        middle.axhline(true[f"{name}_knows"].mean(), color=color, linestyle=":", linewidth=1)
    _known(right, wrong)
    left.set_ylabel("bits about a held-out label")
    left.set_title("true labels")
    middle.set_title("true labels")
    right.set_title(f"{float(wrong.wrong.iloc[0]):.0%} wrong labels to learn")
    for panel in (left, middle, right):
        panel.set(xscale="log", xlabel="optimizer steps", ylim=(min(0.0, found.known.min()), 1.0))
        panel.set_xlim(left=true.step[true.step > 0].min())
        style.legend_below(panel)
    return figure


def early(run: pandas.DataFrame) -> pandas.Series | None:
    """The row of a run's curve at which it first knew half of what a linear classifier knows; None where it never
    did."""
    there = run[run.known >= run.linear_knows / 2]
    return None if there.empty else there.iloc[0]


def shares(run: pandas.DataFrame) -> tuple[float, float] | None:
    """The share that a linear classifier explains of what is known at ``early``, and of what the network gets to know
    from there to the end; None where there is no such row, or nothing comes after it."""
    first, last = early(run), run.iloc[-1]
    if first is None or last.known <= first.known:
        return None
    return first.linear / first.known, (last.linear - first.linear) / (last.known - first.known)


def steps_to(run: pandas.DataFrame, name: str, share: float = 0.9) -> float | None:
    """The first measured step at which a reference explains so much of what it explains at the end; None where that is
    nothing, or was there before training."""
    last = run[name].iloc[-1]
    step = float(run.step[run[name] >= share * last].iloc[0])
    return step if last > 0 and step > 0 else None


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each share of wrong labels what is known at the peak and at the end, and what is explained of it."""
    texts = []
    for share, of in curves(table).groupby("wrong"):
        runs = [run for _, run in of.groupby("seed")]
        peak = pandas.DataFrame([run.loc[run.known.idxmax()] for run in runs])
        last = pandas.DataFrame([run.iloc[-1] for run in runs])
        texts.append(
            f"{float(str(share)):.0%} wrong labels: {last.known.mean():.3f} bits at the end, {peak.known.mean():.3f} "
            f"at the most; a linear classifier knows {last.linear_knows.mean():.3f} and explains "
            f"{last.linear.mean():.3f} at the end, {peak.linear.mean():.3f} at the peak"
        )
        if told := [found for run in runs if (found := shares(run))]:
            first, later = (sum(part) / len(told) for part in zip(*told, strict=True))
            texts.append(f"  it explains {first:.2f} of the first bits, {later:.2f} of later ones")
        for name, (words, _) in REFERENCES.items():
            steps = [step for run in runs if (step := steps_to(run, name)) is not None]
            if steps:
                texts.append(f"  {words}: 90 % of what it explains after {sum(steps) / len(steps):.0f} steps")
    return "\n".join(texts)


def note(table: pandas.DataFrame) -> list[str]:
    return [
        *style.seeds_note(table),
        "dotted: all that the simpler one knows",
        "information by counts of the held-out split",
    ]


EXPERIMENT = Experiment(draw, summary, note=note)
