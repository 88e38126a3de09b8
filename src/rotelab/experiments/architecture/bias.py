"""What does an architecture know of images? Test errors at equal size.

On the left the test error of four architectures of as many parameters: images as they are, each moved by pixels of its
own, and both with one permutation of all pixels; in the middle test images are moved, solid of networks trained on
images as they are, dashed of those trained on moved ones. On the right r, how many of 100 examples a step along the
gradient of one of them helps, on moved images.
"""

import numpy
import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotelab.experiments.architecture.networks import ARMS, MOVED, NETWORKS, STILL, Arm, check, line
from rotelab.experiments.experiment import Experiment
from rotelab.figures import style
from rotelab.plurals import plural
from rotelab.results.lines import finals, last, rows, spread

PIXELS = (0, 1, 2)
R = "coherence_r"


def errors(table: pandas.DataFrame, network: str, arm: Arm, moved: int = 0) -> pandas.Series:
    """Test errors, in [0, 1], by seed; of test images that are ``moved`` by pixels."""
    metric = f"accuracy_moved_{moved}" if moved else "accuracy"
    return 1 - finals(table, line(network, arm, metric=metric))


def coherence(table: pandas.DataFrame, network: str, arm: Arm) -> pandas.Series:
    """By seed, the mean of r on train images from epoch 1 to the end of the run, by trapezoids between measurements."""
    found = {}
    for seed, run in rows(table, line(network, arm, split="train", metric=R)).groupby("seed"):
        at = run[run.epoch > 0].sort_values("epoch")
        span = at.epoch.max() - at.epoch.min()
        found[seed] = numpy.trapezoid(at.value, at.epoch) / span if span else at.value.mean()
    return pandas.Series(found, dtype=float)


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Raises Refusal where runs are missing."""
    check(table)
    figure, (still, moved, common) = style.axes(3, width=11.0, height=3.8)
    for place, (network, (words, color)) in enumerate(NETWORKS.items()):
        _errors(still, table, network, (place - 1.5) * 0.17)
        for arm, linestyle in ((STILL, "-"), (MOVED, "--")):
            by_seed = pandas.DataFrame({pixels: errors(table, network, arm, pixels) for pixels in PIXELS})
            long = by_seed.rename_axis("run").reset_index().melt("run", var_name="pixels").astype({"pixels": int})
            style.seeds(moved, long, "pixels", color, linestyle, words if arm is STILL else "_moved")
        of_moved = rows(table, line(network, MOVED, split="train", metric=R))
        style.seeds(common, of_moved[of_moved.epoch > 0], "epoch", color, "-", words)
    for words, linestyle in (("trained on images as they are", "-"), ("trained on moved images", "--")):
        moved.plot([], [], color="black", linestyle=linestyle, label=words)
    still.set_xticks(range(len(ARMS)), [arm.words.replace(", ", ",\n") for arm in ARMS])
    still.set(ylabel="test error", xlabel="train and test images", ylim=(0, None))
    moved.set(ylabel="test error", xlabel="pixels by which test images are moved", xticks=PIXELS, ylim=(0, 1))
    common.set(xlabel="epochs on moved images", ylabel="r (examples of 100)", xscale="log", yscale="log")
    style.counted(common)
    for panel in (moved, common):
        style.legend_below(panel)
    return figure


def _errors(panel: Axes, table: pandas.DataFrame, network: str, beside: float) -> None:
    words, color = NETWORKS[network]
    for at, arm in enumerate(ARMS):
        found = errors(table, network, arm)
        panel.plot([at + beside] * len(found), found, "o", color=color, markersize=2, alpha=0.4)
        panel.plot(at + beside, found.mean(), "_", color=color, markersize=11, markeredgewidth=2.2, label=f"_{words}")


def note(table: pandas.DataFrame) -> list[str]:
    """Bands are of the middle and the right panel."""
    ends = pandas.concat([last(table, line(network, arm, split="train")) for network in NETWORKS for arm in ARMS])
    return [
        f"{plural(table.seed.nunique(), 'seed')}, each of other images and weights",
        "bars in (a): means; bands: from the least to the greatest",
        f"train accuracies at the end {spread(ends.value, '.3f')}, of {len(ends)} runs",
    ]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """Of each network and kind of image its test error, on moved test images as well, epochs and r."""
    check(table)
    texts = []
    for network, (words, _) in NETWORKS.items():
        told = []
        for arm in ARMS:
            found = errors(table, network, arm)
            epochs = last(table, line(network, arm)).epoch.mean()
            r = coherence(table, network, arm).mean()
            told.append(f"{arm.words} {found.mean():.3f} ({spread(found, '.3f')}, {epochs:.0f} epochs, r {r:.2g})")
        by_pixels = "; ".join(
            f"trained {arm.words}, test moved by 1 and 2: "
            + ", ".join(f"{errors(table, network, arm, pixels).mean():.3f}" for pixels in PIXELS[1:])
            for arm in (STILL, MOVED)
        )
        texts.append(f"{words}: test error {'; '.join(told)}; {by_pixels}")
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary, note=note)
