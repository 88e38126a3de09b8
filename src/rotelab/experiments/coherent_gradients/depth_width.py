"""Coherence of deeper and wider MLPs, and their accuracy at the same train loss.

On the left the median m-coherence r of the train images from the first epoch until that loss, solid on true labels and
dashed on random ones; in the middle the test accuracy there; on the right a dot a network of true labels. If coherence
is why size helps, lines rise to the right, darker ones lie below, and dots too rise to the right.
"""

import json

import pandas
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.plurals import plural
from rotelab.results.lines import check_every, check_names, spread

WIDTHS, LABELS, LOSS = "model.widths", "data/labels", "stop.train_loss"
SHOWN = {"clean": ("true", "-"), "random": ("random", "--")}
LOSSES = ("train",)


def networks(table: pandas.DataFrame) -> pandas.DataFrame:
    """A row a run that came to the train loss: ``labels``, ``seed``, ``depth`` in hidden layers, ``width``, the median
    ``r`` of the measurements after the first epoch or later, and the ``test`` accuracy at the end.

    Raises Refusal where runs are missing or none measured r.
    """
    check_names(table, [WIDTHS, LABELS, LOSS], "runs of sweep=depth_width, which name")
    check_every(table, [WIDTHS, LABELS], "network and labels")
    last = table[table.epoch == table.groupby("run").epoch.transform("max")]
    loss, test = (
        last[(last.metric == metric) & (last.split == split)].set_index("run").value
        for metric, split in (("loss", "train"), ("accuracy", "held_out"))
    )
    during = table[(table.metric == "coherence_r") & (table.split == "train") & (table.epoch > 0)]
    if during.empty:
        raise Refusal("no run measured coherence_r/train after the first epoch")
    of_run = table.groupby("run").first()
    sizes = of_run[WIDTHS].map(json.loads)
    found = pandas.DataFrame(
        {
            "labels": of_run[LABELS],
            "seed": of_run.seed,
            "depth": sizes.map(len),
            "width": sizes.map(max),
            "r": during.groupby("run").value.median(),
            "test": test,
        }
    )
    return found[loss.reindex(found.index) <= of_run[LOSS].astype(float)].dropna()


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal, with a sentence, where runs are missing."""
    found = networks(table).assign(run=lambda of: of.seed)
    figure, (coherent, accurate, both) = style.axes(3, width=11.0, height=4.0)
    depths = sorted(found.depth.unique())
    for depth, color in zip(depths, style.shades(len(depths)), strict=True):
        words = plural(depth, "hidden layer")
        for labels, (name, look) in SHOWN.items():
            of = found[(found.depth == depth) & (found.labels == labels)]
            if len(of):
                style.seeds(coherent, of.assign(value=of.r), "width", color, look, f"{words}, {name} labels")
        of = found[(found.depth == depth) & (found.labels == "clean")]
        if len(of):
            style.seeds(accurate, of.assign(value=of.test), "width", color, "-", f"{words}, true labels")
            both.plot(of.r, of.test, "o", color=color, markersize=4, alpha=0.8)
    for panel, name in ((coherent, "r: examples that one helps"), (accurate, "test accuracy")):
        panel.set(xscale="log", xlabel="width", ylabel=name)
        widths = sorted(found.width.unique())
        panel.set_xticks(widths, [str(width) for width in widths])
        panel.minorticks_off()
    coherent.axhline(1, color="black", linewidth=0.6)
    coherent.set_yscale("log")
    both.set(xlabel="r on true labels", ylabel="test accuracy")
    style.legend_below(coherent)
    return figure


def note(table: pandas.DataFrame) -> list[str]:
    losses = ", ".join(sorted({f"{float(value):g}" for value in table[LOSS]})) if LOSS in table else "the same"
    runs, came = table.run.nunique(), len(networks(table))
    left = [f"{runs - came} of {runs} runs did not come to it and are left out"] if came < runs else []
    return [*style.seeds_note(table), f"until a train loss of {losses} nats", *left, "black: r of orthogonal gradients"]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each network and labels: r, and the test accuracy, least to greatest over the seeds."""
    texts = []
    for _, of in networks(table).groupby(["labels", "depth", "width"]):
        labels, depth, width = of.iloc[0][["labels", "depth", "width"]]
        name = SHOWN[labels][0]
        texts.append(f"{depth} x {width}, {name} labels: r {spread(of.r, '.2f')}, test {spread(of.test, '.3f')}")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, losses=LOSSES, note=note)
