"""An audit from the images to what a page says of them."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy
import pandas
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from rotelab.audit import cartography, copies, labels, memorization, plan, planting, properties, stack
from rotelab.audit.calibration import Planted
from rotelab.audit.cartography import Map
from rotelab.audit.copies import Copies
from rotelab.audit.images import Images, at_most, standardized
from rotelab.audit.labels import Looks
from rotelab.audit.plan import Looking, Memorizing
from rotelab.audit.progress import Progress
from rotelab.audit.properties import Odd
from rotelab.audit.suspicion import suspicion
from rotelab.claims.shares import exact
from rotelab.claims.verdicts import Interval
from rotelab.files import write
from rotelab.randomness import stream
from rotelab.training.recipe import Recipe

SIDE = 16
"""Pixels of a side, at most, of images that are memorized."""
PROBE = 400
"""Images that an epoch is timed with."""
COPIES, PLAN, SPENT = "copies.json", "plan.json", "spent.json"


@dataclass(frozen=True)
class Networks:
    """What networks are made of that look for wrong labels, and that memorize: recipes of any data."""

    looking: Recipe
    memorizing: Recipe


@dataclass(frozen=True)
class Suspects:
    """Of the images with these ``numbers``: the ``suspicion`` of each, what networks that have not learned it ``say``,
    and how sure they are of that and of the label; the map; the plantings by which the ranking is judged; and how many
    ``epochs`` there were."""

    numbers: Int64[numpy.ndarray, " image"]
    suspicion: Float[numpy.ndarray, " image"]
    outlook: Float[numpy.ndarray, "image class"]
    map: Map
    plantings: Sequence[Planted]
    epochs: int

    @property
    def says(self) -> Int64[numpy.ndarray, " image"]:
        return self.outlook.argmax(axis=1)


@dataclass(frozen=True)
class Audit:
    """All that was found. ``told_apart``: the share of images of which a network could tell whether they are of the
    train or of the test part; None where the parts were drawn here, or can't be compared."""

    images: Images
    minutes: int | float
    seconds: int | float
    device: str
    looking: Looking
    memorizing: Memorizing
    suspects: Suspects
    curves: pandas.DataFrame
    copies: Copies
    odd: Sequence[Odd]
    told_apart: Interval | None


def audit(images: Images, networks: Networks, minutes: int | float, folder: Path) -> Audit:
    """Of so many minutes, in a ``folder`` from which one that was stopped goes on."""
    folder.mkdir(parents=True, exist_ok=True)
    with _timed(folder, 60 * minutes) as progress:
        found = _copies(images, 60 * minutes * plan.COPIES, folder, progress)
        progress.begin("properties")
        odd = properties.odd(images)
        learned = _learned(images)
        looking, memorizing = _plans(images, learned, networks, minutes, folder, progress)
        suspicious, device = suspects(images, networks.looking, looking, folder, progress)
        told_apart = _told_apart(images, networks.looking, looking, 60 * minutes * plan.PARTS, folder, progress)
        left = max(1.0, 60 * minutes * plan.ALL - progress.spent)
        curves = _curves(learned, networks.memorizing, memorizing, left, folder, progress)
        progress.end()
        return Audit(
            images, minutes, progress.spent, device, looking, memorizing, suspicious, curves, found, odd, told_apart
        )


@contextmanager
def _timed(folder: Path, seconds: int | float) -> Generator[Progress, None, None]:
    """What an audit that was stopped has spent counts when it goes on."""
    file = folder / SPENT
    progress = Progress(seconds, json.loads(file.read_text()) if file.exists() else 0.0)
    try:
        yield progress
    finally:
        write(file, json.dumps(progress.spent))


def _copies(images: Images, seconds: float, folder: Path, progress: Progress) -> Copies:
    if not (file := folder / COPIES).exists():
        progress.begin("copies")
        with progress.uncounted_if_stopped():
            write(file, json.dumps(asdict(copies.copies(images.pixels, seconds))))
    found = json.loads(file.read_text())
    return Copies([copies.Copy(**pair) for pair in found["pairs"]], found["looked_at"])


def _watch(progress: Progress, what: str) -> stack.Watch:
    return lambda epoch, of: progress.say(f"{what}: epoch {epoch} of {of}")


def _inputs(images: Images, numbers: Tensor, side: int) -> Tensor:
    return standardized(at_most(images.pixels[numbers], side))


def _learned(images: Images) -> memorization.Learned:
    inputs, tested = standardized(at_most(images.pixels, SIDE)), images.tested
    return memorization.whitened(
        memorization.Learned(inputs[~tested], images.labels[~tested], inputs[tested], images.labels[tested])
    )


def _plans(
    images: Images,
    learned: memorization.Learned,
    networks: Networks,
    minutes: int | float,
    folder: Path,
    progress: Progress,
) -> tuple[Looking, Memorizing]:
    """As they were made when the audit began."""
    if not (file := folder / PLAN).exists():
        progress.begin("an epoch is timed")
        side = max(images.pixels.shape[2:])
        numbers = torch.randperm(len(images), generator=stream("probe of an audit"))[:PROBE]
        of = images.labels[numbers]
        probe = labels.recipes(networks.looking, _inputs(images, numbers, side), of, of, (0,), 2)
        looking = plan.looking(minutes, len(images), side, _per_image(folder / "probe-looking", probe, len(numbers)))
        largest = int((torch.bincount(images.labels[~images.tested]) // 2).sum())
        size = min(largest, PROBE // 4)
        probe = memorization.recipes(networks.memorizing, learned, size, range(plan.SEEDS), 2)
        seconds = _per_image(folder / "probe-memorizing", probe, size)
        memorizing = plan.memorizing(minutes, progress.spent, largest, seconds)
        write(file, json.dumps(plan.written(looking, memorizing)))
    one, other = json.loads(file.read_text())
    return Looking(**one), Memorizing(**other)


def _per_image(folder: Path, recipes: Mapping[str, Recipe], images: int) -> float:
    return stack.epoch_seconds(folder, recipes) / images


def suspects(images: Images, base: Recipe, looking: Looking, folder: Path, progress: Progress) -> tuple[Suspects, str]:
    """By networks of two plantings, the second of which is of the confusions of the first; and their device."""
    draw = stream("plantings of an audit")
    numbers = torch.randperm(len(images), generator=draw)[: looking.images].sort().values
    inputs, given = _inputs(images, numbers, looking.side), images.labels[numbers]
    chosen = planting.places(len(numbers), plan.PLANTINGS, draw)
    seeds, device = range(looking.seeds), ""
    found: list[tuple[Looks, Planted]] = []
    for words, place in zip(("any wrong class", "a class that networks confuse it with"), chosen, strict=True):
        made = (
            planting.confused(given, place, torch.from_numpy(found[0][0].outlook), draw)
            if found
            else planting.uniform(given, place, len(images.classes), draw)
        )
        what = f"wrong labels, {len(found) + 1} of {plan.PLANTINGS}"
        progress.begin(what)
        recipes = labels.recipes(base, inputs, given, made.labels, seeds, looking.epochs)
        ended = stack.train(folder / f"labels-{len(found)}", recipes, looking.seconds, _watch(progress, what))
        device = str(next(iter(ended.values())).about["device"])
        looks = labels.looks(ended, given, seeds)
        wrong = numpy.zeros(len(numbers), bool)
        wrong[place.numpy()] = True
        found.append((looks, Planted(words, suspicion(looks), wrong)))
    merged = labels.merged([(looks, ~planted.wrong) for looks, planted in found])
    plantings = [planted for _, planted in found]
    counted = numpy.stack([~of.wrong for of in plantings])
    score = numpy.average(numpy.stack([of.score for of in plantings]), axis=0, weights=counted)
    drawn = cartography.drawn(merged, given.numpy())
    return Suspects(numbers.numpy(), score, merged.outlook, drawn, plantings, len(merged.learned)), device


def _told_apart(
    images: Images, base: Recipe, looking: Looking, seconds: int | float, folder: Path, progress: Progress
) -> Interval | None:
    """Where a network, of as many images of each part and class, learns of which part they are."""
    tested = images.tested
    numbers = _alike(images.labels, tested)
    if images.divided or len(numbers) < 20:
        return None
    what = "train against test"
    progress.begin(what)
    given = tested[numbers].long()
    recipes = labels.recipes(base, _inputs(images, numbers, looking.side), given, given, (0,), looking.epochs)
    ended = stack.train(folder / "parts", recipes, seconds, _watch(progress, what))
    right = int((labels.looks(ended, given, (0,)).says == given.numpy()).sum())
    return Interval(right / len(numbers), *exact(right, len(numbers) - right), len(numbers))


def _alike(of: Int64[Tensor, " image"], tested: Bool[Tensor, " image"]) -> Int64[Tensor, " chosen"]:
    """As many images of each class that are tested as that are not, drawn."""
    draw, chosen = stream("parts of an audit"), []
    for label in of.unique():
        both = [((of == label) & kind).nonzero().flatten() for kind in (tested, ~tested)]
        both = [numbers[torch.randperm(len(numbers), generator=draw)] for numbers in both]
        chosen += [numbers[: min(map(len, both))] for numbers in both]
    return torch.cat(chosen)


def _curves(
    learned: memorization.Learned,
    base: Recipe,
    memorizing: Memorizing,
    seconds: int | float,
    folder: Path,
    progress: Progress,
) -> pandas.DataFrame:
    what = "will it be memorized?"
    progress.begin(what)
    seeds = range(memorizing.seeds)
    recipes = memorization.recipes(base, learned, memorizing.size, seeds, memorizing.epochs)
    return memorization.table(stack.train(folder / "memorization", recipes, seconds, _watch(progress, what)))
