"""Figure 4: what SGD and medians learn when half of the labels are wrong.

Blue and orange start together: what pulls them apart is that examples with right labels agree and those with wrong
ones do not. An aggregator that learns only what agrees keeps orange low while blue and the test accuracy rise; the
dotted line is chance.
"""

from dataclasses import replace

import pandas
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.figures import curves, style
from rotelab.results.lines import Line, check_seeds, finals, spread

AGGREGATORS = {
    "mean": "SGD",
    "median": "M3: median of three micro-batches",
    "rolling_median": "RM3: median of the last three steps",
    "rolling_mean": "mean of the last three steps",
}
KINDS = {
    "train_clean": ("train, right labels", style.PLAIN, "-"),
    "train_corrupted": ("train, wrong labels", style.MEMORIZE, "-"),
    "held_out": ("test, right labels", style.BOTH, "--"),
}


def line(aggregator: str, split: str) -> Line:
    kind, color, linestyle = KINDS.get(split, (split, "black", "-"))
    return Line(f"{AGGREGATORS[aggregator]}, {kind}", {"aggregator": aggregator}, color, split, linestyle)


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """A panel for each aggregator of the sweep: accuracy on right, on wrong and on test labels over epochs.

    Raises Refusal, with a sentence, where runs are missing or differ in their seeds.
    """
    shown = [name for name in AGGREGATORS if name in set(table.get("aggregator", ()))] or ["mean"]
    check_seeds(table, [line(name, split) for name in shown for split in KINDS])
    figure, panels = style.axes(len(shown), width=3.0 * len(shown), height=3.8)
    for name, panel in zip(shown, panels, strict=True):
        curves.draw(panel, table, [replace(line(name, split), label=kind) for split, (kind, *_) in KINDS.items()])
        panel.set(ylabel="accuracy" if panel is panels[0] else "", ylim=(-0.02, 1.02))
        panel.set_title(AGGREGATORS[name], fontsize=7)
        style.legend_below(panel, 1)
    return figure


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """The last accuracies of each aggregator, least to greatest over the seeds."""
    texts = []
    for name in AGGREGATORS:
        if name in set(table.get("aggregator", ())):
            found = {kind: finals(table, line(name, split)) for split, (kind, _, _) in KINDS.items()}
            parts = [f"{kind} {spread(values, '.3f')}" for kind, values in found.items()]
            texts.append(f"{AGGREGATORS[name]}: {'; '.join(parts)}")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary)
