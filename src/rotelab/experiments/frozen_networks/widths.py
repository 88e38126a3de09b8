"""Random networks as features: probes by width, and what training a part adds.

Linear (ridge) probes that are fitted on the train split, of the layers of random networks and of trained ones, by the
channels of the first layer, beside the same probe of pixels. On the right the networks themselves, when all is
trained, only scales and shifts of batch norm, as many weights of convolutions, or only the last layer.
"""

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.results.lines import chance, check_every, check_names, spread

WIDTH, TRAINED = "model.width", "optimizer.trained"
ARMS = {
    "all": ("all is trained", style.PLAIN),
    "batch_norm": ("batch norm alone", style.MEMORIZE),
    "scattered": ("as many weights of convolutions", style.PALETTE[3]),
    "head": ("the last layer alone", style.BOTH),
}
NETWORK = -1
"""In the place of a layer: the network itself."""
PIXELS = 0


def probed(table: pandas.DataFrame) -> pandas.DataFrame:
    """(arm, width, seed, ends, layer, value): the accuracy in [0, 1] on held-out images of linear probes that are
    fitted on the train split, and of the network itself, before training and where it ``ends``. Raises Refusal where an
    arm, a width or a seed is missing, or nothing was probed."""
    check_names(table, [WIDTH, TRAINED])
    own = (table.metric == "accuracy") & (table.split == "probed")
    found = table[own | (table.metric == "ridge_train")]
    if found.empty or not (found.metric == "ridge_train").any():
        raise Refusal("no run measured probes")
    ends = found.epoch == found.groupby("run").epoch.transform("max")
    layers = found.split.str.extract(r"^layer_(\d+)$")[0].astype(float).fillna(NETWORK).astype(int)
    found = found.assign(arm=found[TRAINED], width=found[WIDTH].astype(float), ends=ends, layer=layers)
    if lacking := [words for name, (words, _) in ARMS.items() if name not in set(found.arm)]:
        raise Refusal(f"there is no finished run in which {', '.join(lacking)}")
    found = found[ends | (found.epoch == 0)][["arm", "width", "seed", "ends", "layer", "value"]]
    check_every(found, ["arm", "width", "ends", "layer"], "arm, width and layer")
    return found


def logits(found: pandas.DataFrame) -> int:
    """The number of the last layer that was probed; what the last layer is given has one less."""
    return int(found.layer.max())


def accuracies(found: pandas.DataFrame, arm: str, layer: int, ends: bool = True) -> pandas.DataFrame:
    """A row a width, a column a seed. Raises Refusal where a network was not probed before training."""
    chosen = found[(found.arm == arm) & (found.layer == layer) & (found.ends == ends)]
    if chosen.empty:
        raise Refusal("no run was probed before training")
    return chosen.pivot(index="width", columns="seed", values="value")


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal where runs are missing."""
    found = probed(table)
    last = logits(found)
    figure, (random, trained, networks) = style.axes(3, width=10.5, height=3.9)
    for panel, ends in ((random, False), (trained, True)):
        for layer, color in zip(range(1, last), style.shades(last - 1), strict=True):
            _line(panel, accuracies(found, "all", layer, ends), color, "-", f"layer {layer}")
    for arm, (words, color) in ARMS.items():
        _line(networks, accuracies(found, arm, NETWORK), color, "-", words)
    least, there = 1.0, sorted(found.width.unique())
    for panel, words in ((random, "random network"), (trained, "trained network"), (networks, "the networks")):
        _line(panel, accuracies(found, "all", PIXELS), style.NOISE, ":", "pixels")
        panel.set(xscale="log", xlabel="width", title=words)
        panel.title.set_fontsize(9)
        panel.set_xticks(there, [f"{width:g}" for width in there])
        panel.minorticks_off()
        style.legend_below(panel, 3)
        least = min(least, panel.get_ylim()[0])
    for panel in (random, trained, networks):
        panel.set_ylim(max(0.0, least), 1.02)
        panel.set_ylabel("accuracy" if panel is networks else "accuracy, linear probe")
        style.chance(panel, guess if (guess := chance(table)) and guess > least else None)
    return figure


def _line(panel: Axes, values: pandas.DataFrame, color: str, linestyle: str, label: str) -> None:
    long = values.reset_index().melt("width", var_name="run")
    style.seeds(panel, long, "width", color, linestyle, label)


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each width the probes of the random and of the trained network, and the networks that were trained in part."""
    found = probed(table)
    lines = []
    for width in sorted(found.width.unique()):
        told = [f"pixels {spread(accuracies(found, 'all', PIXELS).loc[width], '.3f')}"]
        for words, ends in (("random", False), ("trained", True)):
            layers = (accuracies(found, "all", layer, ends).loc[width] for layer in range(1, logits(found)))
            told.append(f"{words} layers {', '.join(spread(values, '.3f') for values in layers)}")
        own = (
            f"{words} {spread(accuracies(found, arm, NETWORK).loc[width], '.3f')}" for arm, (words, _) in ARMS.items()
        )
        lines.append(f"width {width:g}: {'; '.join([*told, *own])}")
    return "\n".join(lines)


EXPERIMENT = Experiment(draw, summary)
