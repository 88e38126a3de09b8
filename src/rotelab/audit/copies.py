"""Copies of an image among the others: the same pixels, or recompressed, resized, darkened, mirrored, cropped a little.

Candidates are those of an image's neighbours, as small pictures and a few crops of them, that are most like it. Of each
pair the crop that makes them most alike is fitted. Two are copies if little of the one is not in the other, and if they
are much more alike than most images and their nearest neighbours are, beyond the directions in which the images of a
set differ most and which all of a kind share: a shirt's outline, a bright sky.
"""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, product

import torch
from jaxtyping import Bool, Float32, Int64, UInt8
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate, normalize
from torch.optim import Adam

from rotelab.randomness import stream
from rotelab.system.threads import threads_kept

SMALL, LARGE = 16, 32
"""Sides at which candidates are found and crops fitted, and at which pairs are judged."""
COMMON, KEPT = 32, 256
"""So many directions, a quarter at most of those that hold .99 of the variance, are what images share, and so many
behind them are what they are told apart by."""
STANDS_OUT = 2.0
"""A copy's correlation beyond what is shared is so many times the median nearest neighbour's, by Fisher's z."""
ALIKE = 0.945
"""A copy's correlation at least: nine tenths of what varies in the one are in the other."""
ALIKE_TINY = 0.99
"""The same below ``SMALL`` pixels a side, where two sevens of two hands may have .97."""
CROPPED = 5000
"""Images up to which crops are looked for, which are nine times the work and more."""
CROP = 0.92
"""Of a side, that is left of a candidate: it finds those that leave somewhat more or less as well."""
STEPS, RATE = 25, 0.01
"""Of Adam, by which a crop is fitted, from a side of 0.96 that is left."""
FITTED = 15_000
"""Pairs of which a crop is fitted, at most: the most alike. On one core that takes some ten seconds."""
OF_EACH = 8
"""Neighbours of an image that may be copies."""
AT_ONCE = 512
SEARCHED = 0.6
"""Of the time, until when neighbours are looked for: judging the pairs takes the rest, and is linear."""
EXACT, MIRRORED, NEAR = "the same pixels", "mirrored", "nearly the same"

Images = Float32[Tensor, "_ channel height width"]
Patterns = Float32[Tensor, "_ value"]
Likeness = Float32[Tensor, " pair"]
Place = Float32[Tensor, "pair four"]
"""Of a crop: its width and height, and its middle, where the whole is from -1 to 1."""


@dataclass(frozen=True)
class Copy:
    """Two images by their numbers, the first before the second, how they are alike, and their correlation."""

    first: int
    second: int
    how: str
    correlation: float


@dataclass(frozen=True)
class Copies:
    """The pairs that were found, and of how many images, drawn, the neighbours were looked at."""

    pairs: Sequence[Copy]
    looked_at: int


@dataclass(frozen=True)
class Pairs:
    """Images, the first before the second, of which the first is mirrored to be like the second; the most alike come
    first."""

    first: Int64[Tensor, " pair"]
    second: Int64[Tensor, " pair"]
    mirrored: Bool[Tensor, " pair"]

    def __len__(self) -> int:
        return len(self.first)

    def split(self, size: int) -> Iterator["Pairs"]:
        for at in range(0, len(self), size):
            rows = slice(at, at + size)
            yield Pairs(self.first[rows], self.second[rows], self.mirrored[rows])

    def of(self, images: Images) -> tuple[Images, Images]:
        first = images[self.first]
        return torch.where(self.mirrored[:, None, None, None], first.flip(3), first), images[self.second]


@threads_kept(1)  # on a busy machine so small steps wait for a second thread ten times as long as they compute
def copies(pixels: UInt8[Tensor, "image channel height width"], seconds: float = math.inf) -> Copies:
    """Sorted by numbers. An image of a single colour is a copy of one with the same pixels alone.

    Looking for neighbours takes a time that grows with the square of the number of images. When ``seconds`` are nearly
    over it ends: a pair is found if the neighbours of either image were looked at, and one with the same pixels anyway.
    """
    start = time.monotonic()
    found = {pair: Copy(*pair, EXACT, 1.0) for pair in _same(pixels)}
    pairs, looked_at = _candidates(_at_most(pixels, SMALL), start + SEARCHED * seconds)
    alike, standing = _likeness(pixels, pairs, start + seconds)
    least = ALIKE if min(pixels.shape[2:]) >= SMALL else ALIKE_TINY
    for place in ((alike >= least) & (standing >= STANDS_OUT)).nonzero().flatten().tolist():
        pair = int(pairs.first[place]), int(pairs.second[place])
        if pair not in found:
            found[pair] = Copy(*pair, MIRRORED if pairs.mirrored[place] else NEAR, float(alike[place]))
    return Copies(sorted(found.values(), key=lambda copy: (copy.first, copy.second)), looked_at)


def _same(pixels: UInt8[Tensor, "image channel height width"]) -> Iterator[tuple[int, int]]:
    """Of many that are all the same, each with the first."""
    groups: dict[bytes, list[int]] = defaultdict(list)
    for number, image in enumerate(pixels.numpy()):
        groups[image.tobytes()].append(number)
    for first, *others in groups.values():
        yield from ((first, other) for other in others)


def _at_most(pixels: UInt8[Tensor, "image channel _ _"], side: int) -> Images:
    images = pixels.float()
    return interpolate(images, (side, side), mode="area") if min(images.shape[2:]) > side else images


def _candidates(images: Images, end: float) -> tuple[Pairs, int]:
    """Each image with those that are most like it or like its mirror image; and of how many this was asked before the
    clock came to ``end``, of some at least."""
    told = _told_by(images)
    ours, flat = told(images), images.flatten(1).std(dim=1) < 1
    views = [told(view) for view in _views(images)]
    mirrored = [told(view.flip(3)) for view in _views(images)]
    found: dict[tuple[int, int, bool], float] = {}
    looked_at = 0
    for rows in torch.randperm(len(ours), generator=stream("copies of an audit")).split(AT_ONCE):
        if looked_at and time.monotonic() >= end:
            break
        straight, turned = _most(ours, rows, views), _most(ours, rows, mirrored)
        most = torch.maximum(straight, turned)
        most[:, flat], most[flat[rows]] = -1, -1
        most[torch.arange(len(rows)), rows] = -1
        nearest = most.topk(min(OF_EACH, len(ours) - 1), dim=1).indices
        for one, (number, others) in enumerate(zip(rows.tolist(), nearest.tolist(), strict=True)):
            for other in others:
                if most[one, other] > -1:
                    ends = sorted((number, other))
                    found[ends[0], ends[1], bool(turned[one, other] > straight[one, other])] = float(most[one, other])
        looked_at += len(rows)
    first, second, turns = zip(*sorted(found, key=lambda pair: -found[pair]), strict=True) if found else ((), (), ())
    return Pairs(torch.tensor(first).long(), torch.tensor(second).long(), torch.tensor(turns).bool()), looked_at


def _most(ours: Patterns, rows: Int64[Tensor, " row"], views: Sequence[Patterns]) -> Float32[Tensor, "row image"]:
    """How alike images are in the view that makes them most alike: of crops, of either of the two."""
    likeness = ours[rows] @ views[0].T
    for view in views[1:]:
        likeness = torch.maximum(likeness, torch.maximum(ours[rows] @ view.T, view[rows] @ ours.T))
    return likeness


def _likeness(pixels: UInt8[Tensor, "image channel _ _"], pairs: Pairs, end: float) -> tuple[Likeness, Likeness]:
    """Correlations, crops undone until the clock comes to ``end``, and how far they stand out of those of nearest
    neighbours."""
    small, large = (_at_most(pixels, side).mean(dim=1, keepdim=True) for side in (SMALL, LARGE))
    told = _told_by(large)
    alike, beyond = [torch.empty(0)], [torch.empty(0)]
    for fitted, some in zip(count(step=AT_ONCE), pairs.split(AT_ONCE)):
        one, other = some.of(large)
        crops = [(one, other)]
        if _are_cropped(small) and fitted < FITTED and time.monotonic() < end:
            small_one, small_other = some.of(small)
            crops.append((_cropped(one, _crop(small_one, small_other)), other))
            crops.append((one, _cropped(other, _crop(small_other, small_one))))
        plain = torch.stack([_correlation(_patterns(a), _patterns(b)) for a, b in crops])
        best = plain.argmax(dim=0, keepdim=True)
        alike.append(plain.gather(0, best)[0])
        beyond.append(torch.stack([_correlation(told(a), told(b)) for a, b in crops]).gather(0, best)[0])
    correlations = torch.cat(beyond)
    nearest = torch.full((len(pixels),), -1.0)
    for ends in (pairs.first, pairs.second):
        nearest = nearest.scatter_reduce(0, ends, correlations, "amax")
    usual = torch.atanh(nearest[nearest > -1].median().clamp(min=1e-3)) if len(pairs) else 1.0
    return torch.cat(alike), torch.atanh(correlations.clamp(-0.9999, 0.9999)) / usual


def _are_cropped(images: Images) -> bool:
    return len(images) <= CROPPED and min(images.shape[2:]) >= SMALL


def _crop(images: Images, likes: Images) -> Place:
    """Of each image, the crop that is most like another."""
    place = torch.tensor([0.96, 0.96, 0.0, 0.0]).repeat(len(images), 1).requires_grad_()
    optimizer, patterns = Adam([place], lr=RATE), _patterns(likes)
    for _ in range(STEPS):
        optimizer.zero_grad()
        (-_correlation(_patterns(_cropped(images, place)), patterns)).sum().backward()
        optimizer.step()
        with torch.no_grad():
            place[:, :2].clamp_(0.8, 1.05)
            place[:, 2:].clamp_(-0.2, 0.2)
    return place.detach()


def _cropped(images: Images, place: Place) -> Images:
    width, height, right, down = place.unbind(dim=1)
    none = torch.zeros_like(width)
    affine = torch.stack([width, none, right, none, height, down], dim=1).view(-1, 2, 3)
    grid = affine_grid(affine, list(images.shape), align_corners=False)
    return grid_sample(images, grid, padding_mode="border", align_corners=False)


def _correlation(ones: Patterns, others: Patterns) -> Likeness:
    return (ones * others).sum(dim=1)


def _told_by(images: Images) -> Callable[[Images], Patterns]:
    """What images are told apart by, beyond what those of a set share."""
    plain = _patterns(images)
    mean = plain.mean(dim=0)
    variances, directions = torch.linalg.eigh((plain - mean).T @ (plain - mean))
    held = variances.flip(0).clamp(min=0).cumsum(0)
    common = min(COMMON, int((held < 0.99 * held[-1]).sum()) // 4)
    kept = directions.flip(1)[:, common : common + KEPT]
    return lambda view: normalize((_patterns(view) - mean) @ kept)


def _patterns(images: Images) -> Patterns:
    """With mean 0 and length 1: neither brightness nor contrast is left."""
    rows = images.flatten(1)
    return normalize(rows - rows.mean(dim=1, keepdim=True))


def _views(images: Images) -> Iterator[Images]:
    """As they are and, of few, nine crops, in their place again."""
    yield images
    if _are_cropped(images):
        for top, left in product((-1, 0, 1), repeat=2):
            place = torch.tensor([CROP, CROP, left * (1 - CROP), top * (1 - CROP)])
            yield _cropped(images, place.repeat(len(images), 1))
