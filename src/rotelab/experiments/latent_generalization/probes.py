"""What networks that memorized know: probes of their layers, and over training.

Linear (ridge) probes above and nearest subspaces below, tested on the same held-out images with true labels: at the
end of training by layer, fitted on other held-out images and on the train split, and those of the last layer's inputs
over training. Crosses and dashed lines are the network's own accuracy on these images, and the random network is the
one before training.

Draws from the sweeps probes and wrong_labels.
"""

from typing import NamedTuple

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.results.lines import chance, check_every, spread

WRONG = "data.labels.fraction"


class Arm(NamedTuple):
    words: str
    objective: str
    random: float
    """The share of train labels that are drawn at random."""
    color: str


ARMS = {
    "plain": Arm("plain training, Eq. (3)", "standard", 0.0, style.PLAIN),
    "half": Arm("half of the labels random", "standard", 0.5, "#E69F00"),
    "random": Arm("random labels", "standard", 1.0, style.BOTH),
    "split": Arm("Eq. (1)", "split", 0.0, style.MEMORIZE),
    "then": Arm("Eq. (1) after Eq. (3)", "standard_then_split", 0.0, "#CC79A7"),
}
PROBES = {"ridge": "linear probe", "subspace": "nearest subspace"}
FITS = {"fresh": "other held-out images", "train": "the train split"}
ASIDE = 1.5
"""How far beside the last layer the network's own accuracy stands."""
NETWORK = "network"
"""In the place of a probe: the accuracy of the network itself."""


def of_arms(table: pandas.DataFrame) -> pandas.DataFrame:
    """The rows of runs of the ARMS, which a column ``arm`` names. Raises Refusal where one is missing."""
    share = table[WRONG].astype(float).fillna(0.0) if WRONG in table else pandas.Series(0.0, table.index)
    arms = {(arm.objective, arm.random): name for name, arm in ARMS.items()}
    named = table.assign(arm=[arms.get(of) for of in zip(table.objective, share, strict=True)]).dropna(subset="arm")
    if missing := [arm.words for name, arm in ARMS.items() if name not in set(named.arm)]:
        raise Refusal(f"the figure needs runs of sweep=probes and wrong_labels: none is {', '.join(missing)}")
    return named


def probed(table: pandas.DataFrame) -> pandas.DataFrame:
    """(arm, seed, epoch, probe, fit, layer, value): the accuracy of each probe in [0, 1] on held-out images, and that
    of the network itself. Raises Refusal where an arm or a seed is missing, or none was probed."""
    named = of_arms(table)
    parts = named.metric.str.extract(f"^({'|'.join(PROBES)})_({'|'.join(FITS)})$")
    own = (named.metric == "accuracy") & (named.split == "probed")
    found = named.assign(probe=parts[0].mask(own, NETWORK), fit=parts[1].mask(own, NETWORK)).dropna(subset="probe")
    if parts[0].isna().all():
        raise Refusal("no run measured probes")
    layers = found.split.str.extract(r"^layer_(\d+)$")[0].astype(float).fillna(-1).astype(int)
    found = found.assign(layer=layers)[["arm", "seed", "epoch", "probe", "fit", "layer", "value"]]
    check_every(found, ["arm", "probe", "fit", "layer"], "arm and layer")
    return found


def logits(found: pandas.DataFrame) -> int:
    """The number of the last layer that was probed; what the last layer is given has one less."""
    return int(found.layer.max())


def accuracy(
    found: pandas.DataFrame, arm: str, probe: str = NETWORK, fit: str = NETWORK, layer: int = -1, first: bool = False
) -> pandas.Series:
    """By seed, at the end of training, or at the ``first`` look, of a layer's probe; by default the network's own."""
    chosen = found[(found.arm == arm) & (found.probe == probe) & (found.fit == fit) & (found.layer == layer)]
    at = chosen.groupby("seed").epoch.transform("min" if first else "max")
    return chosen[chosen.epoch == at].set_index("seed").value.sort_index()


def names(layers: int) -> list[str]:
    """Of so many places that are probed."""
    return ["pixels", *map(str, range(1, layers - 1)), "logits"]


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal where runs are missing."""
    found = probed(table)
    last = logits(found)
    figure, panels = style.axes(3, width=11.0, height=6.6, rows=2)
    for (probe, words), row in zip(PROBES.items(), (panels[:3], panels[3:]), strict=True):
        for (fit, of), panel in zip(FITS.items(), row, strict=False):
            before = found[(found.epoch == 0) & (found.arm == "plain") & (found.probe == probe) & (found.fit == fit)]
            if len(before):
                style.seeds(panel, before.assign(run=before.seed), "layer", style.NOISE, ":", "random network")
            for name, arm in ARMS.items():
                _layers(panel, found, name, arm, probe, fit, last)
            panel.set_xticks([*range(last + 1), last + ASIDE], [*names(last + 1), "network"], fontsize=7.5)
            panel.set(title=f"fitted on {of}", xlabel="hidden layer")
        _epochs(row[2], found, probe, last)
        row[2].set(title=f"layer {last - 1} over training", xlabel="epochs")
        for panel in row:
            panel.set(ylabel=f"accuracy, {words}", ylim=(0, 1.02))
            panel.title.set_fontsize(9)
            style.chance(panel, chance(table))
            style.legend_below(panel, 3)
    return figure


def _layers(panel: Axes, found: pandas.DataFrame, name: str, arm: Arm, probe: str, fit: str, last: int) -> None:
    by_layer = {layer: accuracy(found, name, probe, fit, layer) for layer in range(last + 1)}
    long = pandas.DataFrame(by_layer).rename_axis("run").reset_index().melt("run", var_name="layer")
    style.seeds(panel, long.astype({"layer": int}), "layer", arm.color, "-", arm.words)
    own = accuracy(found, name)
    panel.plot([last + ASIDE] * len(own), own, "x", color=arm.color, markersize=4)


def _epochs(panel: Axes, found: pandas.DataFrame, probe: str, last: int) -> None:
    for name, arm in ARMS.items():
        of = found[found.arm == name].assign(run=found.seed)
        layer = of[(of.probe == probe) & (of.fit == "fresh") & (of.layer == last - 1)]
        style.seeds(panel, layer, "epoch", arm.color, "-", arm.words)
        own = of[of.probe == NETWORK].groupby("epoch").value.mean()
        panel.plot(own.index, own, color=arm.color, linestyle="--", linewidth=1)


def note(table: pandas.DataFrame) -> list[str]:
    crosses = "crosses and dashed lines: the network itself"
    return [*style.seeds_note(table), crosses, "with random labels no pairs of one class"]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each arm the accuracy of the network, and of probes of pixels and of what the last layer is given."""
    found = probed(table)
    deep = logits(found) - 1
    lines = []
    for name, arm in ARMS.items():
        told = [f"network {spread(accuracy(found, name), '.3f')}"]
        for probe, words in PROBES.items():
            for fit, of in FITS.items():
                ends = (accuracy(found, name, probe, fit, deep, first) for first in (True, False))
                before, after = (spread(values, ".3f") for values in ends)
                told.append(f"{words} of layer {deep} on {of} {before} at first, {after} at the end")
        lines.append(f"{arm.words}: {'; '.join(told)}")
    return "\n".join(lines)


EXPERIMENT = Experiment(draw, summary, ("probes", "wrong_labels"), note=note)
