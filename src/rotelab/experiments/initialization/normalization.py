"""What do normalization, shortcuts and depth do to training, and to memorizing?

Train and test errors at the end of plain training, Eq. (3), over the number of hidden layers, by norm, dashed where the
layers have shortcuts. Then the mean train accuracy of gradient splitting, Eq. (1), over all epochs, the higher the
easier, and the share of its runs that died, those of all depths together, with its 95 % interval.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.claims.questions import ease
from rotelab.claims.shares import exact
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.plurals import plural
from rotelab.results.lines import Line, check_every, check_names, dead, finals, reached

NORM, RESIDUAL, DEPTH = "model.norm", "model.residual", "model.depth"
NORMS = {
    "none": ("no norm", style.NOISE),
    "batch": ("batch norm", style.PLAIN),
    "layer": ("layer norm", style.MEMORIZE),
}
LEVEL = 0.9
"""The train accuracy to which epochs are counted."""


def line(norm: str, residual: bool, depth: int, objective: str = "standard", split: str = "train") -> Line:
    words, color = NORMS[norm]
    where = {"objective": objective, NORM: norm, RESIDUAL: residual, DEPTH: depth}
    label = f"{words}, {'residual' if residual else 'plain'}"
    return Line(f"{label}, depth {depth}, {objective}", where, color, split, "--" if residual else "-")


def depths(table: pandas.DataFrame) -> list[int]:
    """In order. Raises Refusal where runs do not name what they differ in."""
    check_names(table, [NORM, RESIDUAL, DEPTH], "runs of sweep=normalization, which name")
    return sorted(int(depth) for depth in table[DEPTH].unique())


def check(table: pandas.DataFrame) -> list[int]:
    """The depths. Raises Refusal where runs are missing."""
    found = depths(table)
    check_every(table, ["objective", NORM, RESIDUAL, DEPTH], "objective, norm, shortcut and depth")
    return found


def errors(table: pandas.DataFrame, norm: str, residual: bool, depth: int, split: str) -> pandas.Series:
    """Of a split at the end of Eq. (3), in [0, 1], by seed."""
    return 1 - finals(table, line(norm, residual, depth, split=split))


def eases(table: pandas.DataFrame, norm: str, residual: bool, depth: int) -> pandas.Series:
    """The mean train accuracy of Eq. (1) over all epochs, by seed."""
    return ease(table, line(norm, residual, depth, "split"))


def died(table: pandas.DataFrame, norm: str, residual: bool) -> pandas.Series:
    """1 for a dead run of Eq. (1), else 0: by seed, as many times as there are depths."""
    return pandas.concat([dead(table, line(norm, residual, depth, "split")) for depth in depths(table)])


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal where runs are missing."""
    at = check(table)
    figure, (train, test, easy, deaths) = style.axes(4, width=12.5, height=3.6)
    for place, (norm, (words, color)) in enumerate(NORMS.items()):
        for residual, linestyle in ((False, "-"), (True, "--")):
            label = f"{words}, {'residual' if residual else 'plain'}"
            shown = (
                (train, {depth: errors(table, norm, residual, depth, "train") for depth in at}),
                (test, {depth: errors(table, norm, residual, depth, "held_out") for depth in at}),
                (easy, {depth: eases(table, norm, residual, depth) for depth in at}),
            )
            for panel, by_depth in shown:
                wide = pandas.DataFrame(by_depth).rename_axis("run").reset_index()
                long = wide.melt("run", var_name="depth").astype({"depth": int})
                style.seeds(panel, long, "depth", color, linestyle, label)
            found = died(table, norm, residual)
            count, of, x = int(found.sum()), len(found), place + (0.15 if residual else -0.15)
            deaths.plot([x, x], exact(count, of - count), color=color, linestyle=linestyle, linewidth=1.2)
            deaths.plot(x, count / of, "o", color=color, fillstyle="none" if residual else "full", markersize=5)
    words = ("train error of Eq. (3)", "test error of Eq. (3)", "mean train accuracy of Eq. (1)")
    for panel, ylabel in zip((train, test, easy), words, strict=True):
        panel.set(xscale="log", xlabel="hidden layers", ylabel=ylabel, ylim=(-0.02, 1.02))
        panel.set_xticks(at, [str(depth) for depth in at])
        panel.minorticks_off()
        style.legend_below(panel)
    deaths.set(ylabel="dead runs of Eq. (1)", ylim=(-0.02, 1.02), xlim=(-0.5, 2.5))
    deaths.set_xticks(range(len(NORMS)), [words.replace(" ", "\n") for words, _ in NORMS.values()])
    return figure


def note(table: pandas.DataFrame) -> list[str]:
    died = table[table.dead_since.notna()].groupby("objective").run.nunique()
    return [
        f"{plural(table.seed.nunique(), 'seed')}, single runs thin, their mean thick, band from the least to "
        "the greatest",
        f"dead: {died.get('standard', 0)} runs of Eq. (3), {died.get('split', 0)} of Eq. (1)",
        "bars in (d): 95 % intervals of a share (Clopper and Pearson), hollow: residual",
    ]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each norm, plain and residual, by depth: train and test error of Eq. (3), the ease of Eq. (1), the epochs of
    both to the train accuracy where all seeds came there, and deaths."""
    texts, at = [], check(table)
    for norm, (words, _) in NORMS.items():
        for residual in (False, True):
            told = []
            for depth in at:
                ends = [errors(table, norm, residual, depth, split).mean() for split in ("train", "held_out")]
                easy = eases(table, norm, residual, depth).mean()
                when = []
                for objective in ("standard", "split"):
                    of = line(norm, residual, depth, objective)
                    came, seeds = reached(table, of, [LEVEL]), len(finals(table, of))
                    when.append(f"{came.epoch.mean():.0f}" if len(came) == seeds else f"{len(came)} of {seeds} seeds")
                told.append(
                    f"depth {depth}: train {ends[0]:.2f}, test {ends[1]:.2f}, ease {easy:.2f}, "
                    f"epochs to {LEVEL} {when[0]} and {when[1]}"
                )
            found = died(table, norm, residual)
            kind = "residual" if residual else "plain"
            texts.append(f"{words}, {kind}: {'; '.join(told)}; {int(found.sum())} of {len(found)} dead")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, note=note)
