"""Barriers between networks that generalize or memorize, by where they part.

On the left the train error on the straight line between two networks that had the initial weights alone in common, in
the middle its barrier over the epoch at which their orders part, on the right barriers of each pair as they are and
with hidden units matched. Under Eq. (1) networks memorize, under Eq. (3) they generalize, some for as many epochs as
those that memorize; thick lines are means over seeds, thin ones each seed.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pandas
import torch
from matplotlib.figure import Figure
from torch import nn

from rotelab.claims.samples import Mean
from rotelab.errors import Refusal
from rotelab.exact import branches
from rotelab.exact.branches import Task, Way
from rotelab.experiments.experiment import Exact
from rotelab.experiments.mode_connectivity.claims.barriers import STABLE
from rotelab.figures import style
from rotelab.measures.connectivity import along, height
from rotelab.models.matching import matched
from rotelab.randomness import stream
from rotelab.system.threads import threads_kept

LONGER = style.PALETTE[5]
PAIRS = {
    "generalize": ("two that generalize", style.PLAIN, "-"),
    "as long": ("two that generalize, as long", LONGER, "-"),
    "memorize": ("two that memorize", style.MEMORIZE, "-"),
    "both": ("one of each", style.BOTH, "-"),
    "generalize, other start": ("two that generalize, other starts", style.PLAIN, "--"),
    "as long, other start": ("two that generalize, as long, other starts", LONGER, "--"),
    "memorize, other start": ("two that memorize, other starts", style.MEMORIZE, "--"),
}


class Scale(NamedTuple):
    """The network, its width, images of a half and held-out ones, their side in pixels (None: their own), epochs under
    Eq. (3) and (1), epochs at which pairs part, learning rate, batch, points of a line, seeds."""

    model: str
    width: int
    count: int
    held_out: int
    side: int | None
    epochs: tuple[int, int]
    at: tuple[int, ...]
    rate: float
    batch: int
    points: int
    seeds: int


SCALES = {
    "smoke": Scale("mlp1", 16, 60, 100, None, (4, 8), (0, 2), 3e-3, 20, 5, 2),
    "demo": Scale("mlp2", 64, 400, 597, None, (20, 100), (0, 1, 2, 4, 8, 16), 3e-3, 40, 21, 5),
    "small": Scale("convnet5", 25, 1280, 2000, 16, (40, 160), (0, 1, 2, 4, 8, 16), 1e-3, 64, 21, 3),
    "paper": Scale("batch_norm_cnn", 64, 10_240, 10_000, 32, (60, 600), (0, 1, 2, 4, 8, 16, 32), 2e-4, 512, 31, 3),
}


def networks(scale: Scale, of: Task, seed: int) -> Iterator[tuple[str, int, nn.Module, nn.Module]]:
    """Pairs by their kind and the epoch at which they part."""
    few, many = scale.epochs
    ways = {
        "generalize": (Way(0, few, scale.rate, scale.batch), scale.at),
        "as long": (Way(0, many, scale.rate, scale.batch), scale.at[:1]),
        "memorize": (Way(-1, many, scale.rate, scale.batch), scale.at),
    }
    start, other = (branches.started(scale.model, scale.width, of, number) for number in (seed, 1000 + seed))
    ends = {}
    for name, (way, partings) in ways.items():
        found = branches.parted(start, of, way, list(partings), [stream(name, seed, part) for part in range(3)])
        (elsewhere,) = branches.parted(other, of, way, [0], [stream(name, seed, part) for part in (0, 2)])[0]
        ends[name] = found[0][0]
        for at, (one, two) in found.items():
            yield name, at, one, two
        yield f"{name}, other start", 0, found[0][0], elsewhere
    yield "both", 0, ends["generalize"], ends["memorize"]


def measure(scale: Scale, folder: str | None) -> pandas.DataFrame:
    """A row for each pair, seed, point of its line, and whether its units are matched."""
    return pandas.concat([rows(scale, folder, seed) for seed in range(scale.seeds)], ignore_index=True)


def rows(scale: Scale, folder: str | None, seed: int) -> pandas.DataFrame:
    """Those of one seed; MLPs with one thread, as small products wait for a second one longer than they compute."""
    with threads_kept(1 if scale.model.startswith("mlp") else None):
        return _rows(scale, folder, seed)


def _rows(scale: Scale, folder: str | None, seed: int) -> pandas.DataFrame:
    tables, of = [], branches.task(seed, folder, scale.side, scale.count, scale.held_out)
    for pair, at, one, two in networks(scale, of, seed):
        for match in (False, True):
            end = matched(one, two)[0] if match else two
            train = along(one, end, of.train, of.labels, scale.points)
            new = along(one, end, of.held_out, of.held_out_labels, scale.points)
            found = {"place": train.at, "train_error": train.error, "train_loss": train.loss}
            found |= {"held_out_error": new.error, "held_out_loss": new.loss}
            values = {name: value.numpy() for name, value in found.items()}
            tables.append(pandas.DataFrame({"pair": pair, "at": at, "matched": match, "seed": seed, **values}))
    return pandas.concat(tables, ignore_index=True)


def describe(scale: Scale) -> list[str]:
    size = f" at {scale.side}x{scale.side}" if scale.side else ""
    return [
        f"{scale.count:,} images to learn, as many to unlearn, {scale.held_out:,} held out{size}, whitened",
        f"{scale.model}, width {scale.width}, softmax",
        f"{scale.epochs[0]} and {scale.epochs[1]} epochs of Eq. (3), {scale.epochs[1]} of Eq. (1)",
        f"Adam lr {scale.rate:g}, batch {scale.batch}",
        f"{scale.points} points a line",
        f"{scale.seeds} seeds (images, weights, orders)",
        f"dotted: {STABLE.bound:g}, above which two are not connected",
    ]


def barriers(table: pandas.DataFrame, column: str = "train_error") -> pandas.DataFrame:
    """A row a pair, epoch of parting, matching and seed, with the ``barrier`` of a column. Raises Refusal where one is
    missing."""
    by = ["pair", "at", "matched", "seed"]
    lines = table.sort_values([*by, "place"]).groupby(by)[column]
    heights = lines.agg(lambda values: height(torch.from_numpy(values.to_numpy(copy=True))))
    made = pandas.DataFrame({"barrier": heights}).reset_index()
    seeds = made.groupby(["pair", "at", "matched"]).seed.nunique()
    if set(made.pair) != {*PAIRS} or (seeds < made.seed.nunique()).any():
        raise Refusal("the figure needs the same seeds for every pair, and some are missing")
    return made


def draw(table: pandas.DataFrame) -> Figure:
    """Raises Refusal where pairs are missing."""
    found = barriers(table)
    figure, (line, parting, matching) = style.axes(3, width=11.0, height=3.8)
    for pair, (words, color, linestyle) in PAIRS.items():
        of = table[(table.pair == pair) & (table["at"] == 0) & ~table.matched]
        style.seeds(line, of.assign(value=of.train_error, run=of.seed), "place", color, linestyle, words)
        own = found[found.pair == pair]
        if own["at"].nunique() > 1:
            apart = own[~own.matched].assign(value=own.barrier, run=own.seed)
            style.seeds(parting, apart, "at", color, linestyle, words)
        whole = own[own["at"] == 0].assign(value=own.barrier, run=own.seed, x=own.matched.astype(int))
        style.seeds(matching, whole, "x", color, linestyle, words)
    line.set(xlabel="place on the line", ylabel="train error")
    parting.axhline(STABLE.bound, color="black", linewidth=0.8, linestyle=":")
    parting.set(xlabel="epochs together", ylabel="barrier of the train error")
    matching.set(xticks=(0, 1), xticklabels=("as they are", "matched"), ylabel="barrier of the train error")
    matching.set_xlim(-0.2, 1.2)
    style.legend_below(line)
    return figure


def summary(table: pandas.DataFrame) -> str:
    """Of every pair the errors of its ends and its barriers, with intervals over seeds, and whether it is connected."""
    found, texts = barriers(table), []
    ends = table[table.place.isin([0.0, 1.0]) & ~table.matched]
    for pair, at in found[["pair", "at"]].drop_duplicates().itertuples(index=False, name=None):
        own, end = (of[(of.pair == pair) & (of["at"] == at)] for of in (found, ends))
        told = []
        for match, words in ((False, "as they are"), (True, "matched")):
            interval = Mean(tuple(own[own.matched == match].barrier)).interval()
            told.append(f"{words} {interval}, connected: {STABLE.verdict(interval)}")
        texts.append(
            f"{PAIRS[pair][0]}, epochs together {at}: train error {end.train_error.mean():.3f}, held out "
            f"{end.held_out_error.mean():.3f}; barrier {'; '.join(told)}"
        )
    return "\n".join(texts)


EXPERIMENT = Exact(SCALES, measure, describe, draw, summary)
