"""An audit that was made up: nothing is trained, and one class and one file have hostile names."""

import numpy
import pandas
import torch
from reporting import HOSTILE

from rotelab.audit import properties
from rotelab.audit.audit import Audit, Suspects
from rotelab.audit.calibration import Planted
from rotelab.audit.cartography import Map
from rotelab.audit.copies import EXACT, MIRRORED, Copies, Copy
from rotelab.audit.images import Images
from rotelab.audit.memorization import KINDS, OBJECTIVES
from rotelab.audit.plan import Looking, Memorizing
from rotelab.claims.verdicts import Interval

COUNT = 120


def images(divided: bool = False) -> Images:
    draw = torch.Generator().manual_seed(0)
    pixels = torch.randint(256, (COUNT, 3, 32, 32), generator=draw, dtype=torch.uint8)
    pixels[5] = 0
    labels = torch.arange(COUNT) % 3
    part = (torch.arange(COUNT) % 5 == 0).long()
    files = [f"train/{HOSTILE}/{number}.png" for number in range(COUNT)]
    sizes = numpy.tile([32, 32], (COUNT, 1))
    skipped = (f"train/cat/{HOSTILE}.jpg",)
    return Images(
        pixels,
        labels,
        part,
        ("train", "test"),
        files,
        sizes,
        (HOSTILE, "cat", "dog"),
        divided,
        skipped,
        ("empty: fox",),
    )


def curves(split: float = 0.05, random: float = 0.1) -> pandas.DataFrame:
    """Accuracies from a third on, which grow by .1 an epoch under plain training, and by so much under splitting."""
    rows = [
        (f"{kind}-{name}-{seed}", kind, name, seed, epoch, 10 * epoch, 100 * epoch, where, metric, value)
        for kind in KINDS
        for name in OBJECTIVES
        for seed in range(3)
        for epoch in range(21)
        for speed in [0.1 if name == "standard" else split if kind == "images" else random]
        for value in [min(1.0, 1 / 3 + (speed + 0.001 * seed) * epoch)]
        for where in ("train", "pseudo_test", "held_out")
        for metric in ("accuracy", "loss")
    ]
    columns = ["run", "kind", "objective", "seed", "epoch", "step", "images", "split", "metric", "value"]
    return pandas.DataFrame(rows, columns=columns)


def audit(divided: bool = False, **changes: object) -> Audit:
    draw = numpy.random.default_rng(0)
    made = images(divided)
    score = (draw.permutation(COUNT) + 1) / COUNT
    wrong = score > 0.95
    outlook = draw.dirichlet([1, 1, 1], COUNT)
    learned = draw.integers(0, 6, COUNT)
    plantings = [
        Planted("any wrong class", score, wrong),
        Planted("a class that is like it", score[::-1].copy(), wrong),
    ]
    drawn = Map(draw.random(COUNT), draw.random(COUNT) / 2, learned, outlook.argmax(axis=1) == made.labels.numpy())
    values: dict[str, object] = {
        "images": made,
        "minutes": 10.0,
        "seconds": 580.0,
        "device": "cpu",
        "looking": Looking(COUNT, 32, 1, 60, 300.0),
        "memorizing": Memorizing(40, 3, 800),
        "suspects": Suspects(numpy.arange(COUNT), score, outlook, drawn, plantings, 60),
        "curves": curves(),
        "copies": Copies([Copy(0, 4, MIRRORED, 0.99), Copy(1, 4, EXACT, 1.0)], COUNT),
        "odd": properties.odd(made),
        "told_apart": None if divided else Interval(0.52, 0.45, 0.59, 96),
    }
    return Audit(**(values | changes))  # ty: ignore[invalid-argument-type]  # each is of its field's type
