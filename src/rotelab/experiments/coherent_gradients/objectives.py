"""m-coherence r at the same train accuracy under Eq. (1), (3) and (4).

Curves are compared at the same train accuracy, so that a slower objective is not taken for a less coherent one. Above
the line an example's step helps others as well, below it works against them; the last panel asks it of learned,
unlearned and held-out images.
"""

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.experiments.coherent_gradients import fig3
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.results.lines import Line, beside, check_seeds, rows, spread

OBJECTIVES = {
    "standard": ("Eq. (3), plain", style.PLAIN),
    "split": ("Eq. (1), gradient splitting", style.MEMORIZE),
    "threshold": ("Eq. (4), k = 0.11", style.BOTH),
}
INPUTS = {"clean": "images", "gaussian_blend": "noise"}
SPLITS = {"train": ("-", "learned"), "pseudo_test": (":", "unlearned"), "held_out": ("--", "held out")}
LEVELS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9)
"""Train accuracies at which r is compared."""


def line(objective: str, inputs: str, split: str = "train") -> Line:
    (name, color), (linestyle, kind) = OBJECTIVES[objective], SPLITS[split]
    where = {"objective": objective, "data/inputs": inputs}
    return Line(f"{name}, {kind}", where, color, split, linestyle, metric="coherence_r")


def at_levels(table: pandas.DataFrame, of: Line) -> pandas.DataFrame:
    """(run, seed, level, value): r at the first measured epoch, of those after training began, with such an accuracy.

    Where one measurement passes several levels, at the highest of them alone.
    """
    found = beside(table, of)
    found, reached = found[found.epoch > 0], []
    for (run, seed), measured in found.sort_values("epoch").groupby(["run", "seed"]):
        first: dict[int, float] = {}
        for level in LEVELS:
            there = measured[measured.train_accuracy >= level]
            if len(there):
                first[int(there.epoch.iloc[0])] = level
        values = measured.set_index("epoch").value
        reached += [(run, seed, level, float(values[epoch])) for epoch, level in first.items()]
    return pandas.DataFrame(reached, columns=["run", "seed", "level", "value"])


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """r over the train accuracy: of what is learned, on images and on noise; and of learned, unlearned and held-out
    images under Eq. (3) and (1).

    Raises Refusal, with a sentence, where runs are missing or differ in their seeds.
    """
    figure, (images, noise, splits) = style.axes(3, width=11.0, height=4.2)
    for panel, inputs in ((images, "clean"), (noise, "gaussian_blend")):
        _draw(panel, table, [line(objective, inputs) for objective in OBJECTIVES], f"{INPUTS[inputs]}, learned")
    both = [line(objective, "clean", split) for objective in ("standard", "split") for split in SPLITS]
    _draw(splits, table, both, "images, three samples")
    top = max(panel.get_ylim()[1] for panel in (images, noise, splits))
    bottom = min(panel.get_ylim()[0] for panel in (images, noise, splits))
    for panel in (images, noise, splits):
        panel.set_ylim(bottom, top)
    return figure


def _draw(panel: Axes, table: pandas.DataFrame, lines: list[Line], title: str) -> None:
    check_seeds(table, lines)
    for of in lines:
        found = at_levels(table, of)
        if len(found):
            style.seeds(panel, found, "level", of.color, of.linestyle, of.label)
            panel.scatter(found.level, found.value, 6, of.color, alpha=0.5, linewidths=0)
    panel.axhline(1, color="black", linewidth=0.6)
    panel.set(xlabel="train accuracy", yscale="log", ylabel="r: examples that one example helps")
    panel.set_title(title, fontsize=8)
    style.legend_below(panel)


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """r of the learned images at each level that all seeds have, least to greatest."""
    texts = []
    for inputs, name in INPUTS.items():
        for objective, (label, _) in OBJECTIVES.items():
            of = line(objective, inputs)
            found, seeds = at_levels(table, of), rows(table, of).seed.nunique()
            parts = [
                f"{spread(at.value, '.3g')} at {level:g}"
                for level, at in found.groupby("level")
                if at.seed.nunique() == seeds
            ]
            texts.append(f"{label}, {name}: r {', '.join(parts) or 'at no level in every seed'}")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, note=fig3.note)
