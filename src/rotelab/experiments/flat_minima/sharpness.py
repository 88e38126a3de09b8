"""Flat minima: does their width go with the test error, under Eq. (1) and (3)?

A dot is a network where its train accuracy first reached the same level: the test error over three measures of how
sharp its minimum is, flat ones on the left. Tau is 1 where sharper always means worse: of plain training alone, within
seeds over learning rates and batch sizes, the mean over seeds, and of all networks.

Measures are of logits, on the train images; a softmax at the end is taken off.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.claims.ranking import tau
from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.plurals import plural
from rotelab.results.lines import check_names

LEVEL = "stop.train_accuracy"
SETTINGS = ["data.batch_size", "optimizer.lr"]
MEASURES = {
    "narrowness": "1 / radius of the weights",
    "hessian": "top eigenvalue of the Hessian",
    "adaptive": "adaptive sharpness (nats)",
}
"""Greater is sharper: the median radius over random directions in which the loss changes by .05 nats, in units of each
layer's own norm, as ``measures.stability`` has it, and two of ``measures.generalizing``."""
OBJECTIVES = {"standard": ("plain training, Eq. (3)", style.PLAIN), "split": ("Eq. (1)", style.MEMORIZE)}


def networks(table: pandas.DataFrame) -> tuple[pandas.DataFrame, int]:
    """A row a network that came to the train accuracy, and how many did not: objective, seed, batch size, learning
    rate, ``test`` error in [0, 1] and MEASURES. Raises Refusal where runs are missing or none measured them."""
    check_names(table, [LEVEL, *SETTINGS], "runs of sweep=sharpness, which name")
    last = table[table.epoch == table.groupby("run").epoch.transform("max")]
    wide = last.assign(what=last.metric + "/" + last.split).pivot(index="run", columns="what", values="value")
    names = [
        f"generalization/{of}" for of in ("parameter_radius_median", "hessian_top_eigenvalue", "adaptive_sharpness")
    ]
    if missing := {*names} - {*wide}:
        raise Refusal(f"no run measured {', '.join(sorted(missing))}")
    of_run = table.groupby("run").first().loc[wide.index]
    found = of_run[["objective", "seed", *SETTINGS]].assign(test=1 - wide["accuracy/held_out"])
    found[[*MEASURES]] = wide[names].to_numpy()
    found["narrowness"] = 1 / found.narrowness
    came = (wide["accuracy/train"] >= of_run[LEVEL].astype(float)) & found[[*MEASURES]].notna().all(axis=1)
    if missing := set(OBJECTIVES) - {*found[came].objective}:
        raise Refusal(f"no network of objective={missing.pop()} came to its train accuracy")
    return found[came].reset_index(drop=True), int((~came).sum())


def within(found: pandas.DataFrame, measure: str) -> pandas.Series:
    """Kendall's tau with the test error over the settings of Eq. (3): one a seed. Raises Refusal where a seed has fewer
    than three networks."""
    plain = found[found.objective == "standard"]
    taus = {}
    for seed, of in plain.groupby("seed"):
        if len(of) < 3:
            raise Refusal(f"a seed has {len(of)} networks of Eq. (3) that came to the train accuracy: too few to rank")
        taus[seed] = tau(of[measure].to_numpy(), of.test.to_numpy())
    return pandas.Series(taus)


def pairs(found: pandas.DataFrame) -> pandas.DataFrame:
    """Eq. (1) and Eq. (3) of the same seed and settings, columns ``<name>_split`` and ``<name>_plain``."""
    split, plain = (found[found.objective == of].drop(columns="objective") for of in ("split", "standard"))
    return split.merge(plain, on=["seed", *SETTINGS], suffixes=("_split", "_plain"))


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """A panel a measure. Raises Refusal where runs are missing."""
    found, _ = networks(table)
    figure, panels = style.axes(3, width=10.0, height=3.6)
    for panel, (measure, words) in zip(panels, MEASURES.items(), strict=True):
        for objective, (label, color) in OBJECTIVES.items():
            of = found[found.objective == objective]
            panel.plot(of[measure], of.test, "o", color=color, markersize=3.5, alpha=0.7, label=label)
        inner, over = within(found, measure).mean(), tau(found[measure].to_numpy(), found.test.to_numpy())
        panel.set(xscale="log", xlabel=f"{words}\ntau {inner:.2f} within Eq. (3), {over:.2f} of all")
        style.legend_below(panel)
    panels[0].set_ylabel("test error")
    return figure


def note(table: pandas.DataFrame) -> list[str]:
    found, out = networks(table)
    return [
        plural(found.seed.nunique(), "seed"),
        f"{len(found)} networks at a train accuracy of {float(table[LEVEL].iloc[0]):g}, {out} that did not come to it "
        "left out",
        "learning rates " + ", ".join(f"{of:g}" for of in sorted(found["optimizer.lr"].astype(float).unique())),
        "batches of " + ", ".join(f"{of:g}" for of in sorted(found["data.batch_size"].astype(float).unique())),
    ]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Test errors of both objectives, and of each measure taus and the ratio of Eq. (1) to Eq. (3)."""
    found, out = networks(table)
    lines = [f"{len(found)} networks, {out} left out"]
    for objective, (label, _) in OBJECTIVES.items():
        of = found[found.objective == objective]
        lines.append(f"{label}: test error {of.test.min():.3f} to {of.test.max():.3f}, mean {of.test.mean():.3f}")
    both = pairs(found)
    for measure, words in MEASURES.items():
        ratios = both[f"{measure}_split"] / both[f"{measure}_plain"]
        lines.append(
            f"{words}: tau {within(found, measure).mean():.2f} within Eq. (3), "
            f"{tau(found[measure].to_numpy(), found.test.to_numpy()):.2f} of all; under Eq. (1) {ratios.median():.2g} "
            f"times that under Eq. (3) ({ratios.min():.2g} to {ratios.max():.2g}), sharper in "
            f"{int((ratios > 1).sum())} of {len(ratios)} pairs"
        )
    return "\n".join(lines)


EXPERIMENT = Experiment(draw, summary, note=note)
