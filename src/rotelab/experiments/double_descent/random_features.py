"""Random features of images: the test error against their number.

Lines are means over seeds, thin ones each seed; some train labels are wrong. The dotted line is where there are as
many features as train images: there the weights that fit without a ridge are at their greatest.
"""

from typing import NamedTuple

import pandas
import torch
from matplotlib.figure import Figure
from torch.nn import functional

from rotelab import randomness
from rotelab.exact import images, minimum_norm, random_features
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.results.lines import check_every

WRONG = 0.15
"""The share of train labels that are another class's."""
RIDGE = 0.01
"""Of features over the root of their number."""
RATIOS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0, 1.05, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Features over train images."""


class Scale(NamedTuple):
    """Train and test images, their side in pixels (None: their own), and seeds."""

    train: int
    test: int
    side: int | None
    seeds: int


SCALES = {
    "smoke": Scale(40, 100, None, 2),
    "demo": Scale(200, 597, None, 3),
    "small": Scale(500, 2000, 16, 5),
    "paper": Scale(2000, 10_000, 32, 5),
}


def measure(scale: Scale, folder: str | None) -> pandas.DataFrame:
    """A row for each number of features, seed and ridge: errors on wrong and clean labels, and the weights' norm."""
    rows = []
    for seed in range(scale.seeds):
        data = images.load(seed, folder, scale.side, scale.train, scale.test)
        labels = _some_wrong(data.train_labels, seed)
        n, mean = len(labels), data.train.mean(0)
        targets = functional.one_hot(labels).double()
        most = round(max(RATIOS) * n)
        train, test = (
            random_features.features(points - mean, most, randomness.stream("random_features", "weights", seed))
            for points in (data.train, data.test)
        )
        for ratio in RATIOS:
            count = round(ratio * n)
            known, new = train[:, :count] / count**0.5, test[:, :count] / count**0.5
            for ridge in (0.0, RIDGE):
                w = random_features.fit(known, targets, ridge)
                train_error = minimum_norm.error(known @ w, labels)
                test_error = minimum_norm.error(new @ w, data.test_labels)
                rows.append((ratio, n, count, ridge, seed, train_error, test_error, float(w.norm())))
    columns = ["ratio", "n", "features", "ridge", "seed", "train_error", "test_error", "norm"]
    return pandas.DataFrame(rows, columns=columns)


def _some_wrong(labels: torch.Tensor, seed: int) -> torch.Tensor:
    """A share ``WRONG`` of them is replaced by another class, each as likely."""
    generator, classes = randomness.stream("random_features", "labels", seed), int(labels.max()) + 1
    count = round(WRONG * len(labels))
    chosen = torch.randperm(len(labels), generator=generator)[:count]
    found = labels.clone()
    found[chosen] = (labels[chosen] + torch.randint(1, classes, (count,), generator=generator)) % classes
    return found


def describe(scale: Scale) -> list[str]:
    size = f" at {scale.side}x{scale.side}" if scale.side else ""
    return [
        f"{scale.train:,} train and {scale.test:,} test images{size}, minus the train images' mean",
        f"{WRONG:.0%} of train labels wrong, test labels clean",
        *("one-hot targets", f"ridge {RIDGE:g} of features over the root of their number"),
        *(f"{scale.seeds} seeds (images, labels, features)", "dotted: as many features as train images"),
    ]


def draw(table: pandas.DataFrame) -> Figure:
    """Errors and norms over features. Raises Refusal where a seed is missing."""
    check_every(table, ["ratio", "ridge"], "number of features and ridge")
    figure, (errors, norms) = style.axes(2)
    runs = table.assign(run=table.seed)
    for ridge, color, words in ((0.0, style.MEMORIZE, "no ridge"), (RIDGE, style.BOTH, "ridge")):
        of = runs[runs.ridge == ridge]
        style.seeds(errors, of.assign(value=of.test_error), "features", color, "-", f"test, {words}")
        style.seeds(errors, of.assign(value=of.train_error), "features", color, "--", f"train, {words}")
        style.seeds(norms, of.assign(value=of["norm"]), "features", color, "-", f"norm, {words}")
    for panel in (errors, norms):
        panel.axvline(table.n.iloc[0], color="black", linewidth=0.6, linestyle=":")
        panel.set(xscale="log", xlabel="random features")
        style.legend_below(panel)
    errors.set(ylabel="error", ylim=(0, None))
    norms.set(ylabel="norm of the weights", yscale="log")
    return figure


def summary(table: pandas.DataFrame) -> str:
    """What was seen: where the error is greatest beyond a quarter of the images' number, and its least beyond that."""
    lines = []
    for ridge, words in ((0.0, "no ridge"), (RIDGE, f"ridge {RIDGE:g}")):
        means = table[table.ridge == ridge].groupby("ratio").test_error.mean()
        many = means[means.index >= 0.25]
        least = means[means.index > 1]
        lines.append(
            f"{words}: test error {means[0.25]:.3f} at n / 4 features, {means[1.0]:.3f} at n, "
            f"greatest of these at {many.idxmax():g} n ({many.max():.3f}), least beyond {least.min():.3f}"
        )
    return "\n".join(lines)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary)
