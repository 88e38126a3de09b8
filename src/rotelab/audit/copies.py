"""Copies of an image among the others: the same pixels, or recompressed, resized, darkened, mirrored, cropped a little.

Images are compared as 16x16 pixels in colours, by the correlation of what is left of them beyond the directions in
which the images of a set differ most, which all of a kind share: a shirt's outline, a bright sky.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import torch
from jaxtyping import Bool, Float32, Int64, UInt8
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate, normalize

SIDE = 16
COMMON, KEPT = 32, 256
"""So many directions are what images share, and so many behind them are what they are told apart by."""
STANDS_OUT = 2.2
"""A copy's correlation is so many times the median nearest neighbour's, by Fisher's z."""
CROPPED = 5000
"""Images up to which crops are looked for, which are nine times the work."""
CROP = 0.92
"""Of a side, that is left of one: it finds those that leave somewhat more or less as well."""
OF_EACH = 8
"""Neighbours of an image that may be copies."""
AT_ONCE = 512
EXACT, MIRRORED, NEAR = "the same pixels", "mirrored", "nearly the same"

Images = Float32[Tensor, "image channel height width"]


@dataclass(frozen=True)
class Copy:
    """Two images by their numbers, the first before the second, how they are alike, and their correlation."""

    first: int
    second: int
    how: str
    correlation: float


def copies(pixels: UInt8[Tensor, "image channel height width"]) -> list[Copy]:
    """All pairs, by numbers. An image of a single colour is a copy of one with the same pixels alone."""
    found = {pair: Copy(*pair, EXACT, 1.0) for pair in _same(pixels)}
    values, others, mirrored = _neighbours(_small(pixels))
    bound = torch.tanh(STANDS_OUT * torch.atanh(values[:, 0].clamp(0, 0.999).median()))
    for one, place in (values >= bound).nonzero().tolist():
        other, value = int(others[one, place]), float(values[one, place])
        pair = (min(one, other), max(one, other))
        if pair not in found:
            found[pair] = Copy(*pair, MIRRORED if mirrored[one, place] else NEAR, value)
    return sorted(found.values(), key=lambda copy: (copy.first, copy.second))


def _same(pixels: UInt8[Tensor, "image channel height width"]) -> Iterator[tuple[int, int]]:
    """Of many that are all the same, each with the first."""
    groups: dict[bytes, list[int]] = defaultdict(list)
    for number, image in enumerate(pixels.numpy()):
        groups[image.tobytes()].append(number)
    for first, *others in groups.values():
        yield from ((first, other) for other in others)


def _small(pixels: UInt8[Tensor, "image channel _ _"]) -> Images:
    images = pixels.float()
    return interpolate(images, (SIDE, SIDE), mode="area") if min(images.shape[2:]) > SIDE else images


def _neighbours(
    images: Images,
) -> tuple[Float32[Tensor, "image place"], Int64[Tensor, "image place"], Bool[Tensor, "image place"]]:
    """Of each image the most like it: correlations, numbers, and whether they are more like its mirror image."""
    plain = _patterns(images)
    mean = plain.mean(dim=0)
    _, directions = torch.linalg.eigh((plain - mean).T @ (plain - mean))
    common = min(COMMON, len(mean) // 4)
    kept = directions.flip(1)[:, common : common + KEPT]

    def told_by(view: Images) -> Float32[Tensor, "image direction"]:
        return normalize((_patterns(view) - mean) @ kept)

    ours, flat = told_by(images), images.flatten(1).std(dim=1) < 1
    views = [told_by(view) for view in _views(images)]
    mirrored = [told_by(view.flip(3)) for view in _views(images)]
    found = []
    for start in range(0, len(ours), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        straight, turned = (
            torch.stack([torch.maximum(ours[rows] @ of.T, of[rows] @ ours.T) for of in kind]).amax(dim=0)
            for kind in (views, mirrored)
        )
        most = torch.maximum(straight, turned)
        most[:, flat], most[flat[rows]] = -1, -1
        most[torch.arange(len(most)), torch.arange(len(most)) + start] = -1
        values, at = most.topk(min(OF_EACH, len(ours) - 1), dim=1)
        found.append((values, at, (turned > straight).gather(1, at)))
    values, at, turned = (torch.cat(each) for each in zip(*found, strict=True))
    return values, at, turned


def _patterns(images: Images) -> Float32[Tensor, "image value"]:
    """With mean 0 and length 1: neither brightness nor contrast is left."""
    rows = images.flatten(1)
    return normalize(rows - rows.mean(dim=1, keepdim=True))


def _views(images: Images) -> Iterator[Images]:
    """As they are and, of few, nine crops, in their place again."""
    yield images
    if len(images) <= CROPPED and min(images.shape[2:]) >= SIDE:
        for top, left in product((-1, 0, 1), repeat=2):
            shift = 1 - CROP
            place = torch.tensor([[CROP, 0, left * shift], [0, CROP, top * shift]]).expand(len(images), -1, -1)
            grid = affine_grid(place, list(images.shape), align_corners=False)
            yield grid_sample(images, grid, padding_mode="border", align_corners=False)
