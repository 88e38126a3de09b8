"""How an image of a split comes to be: looked up in its part, cropped, corrupted. A pure function of its number."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rotelab.data import inputs
from rotelab.data.parts import Images
from rotelab.data.streaming import ahead

AT_ONCE = 64
"""Images that are read at once where all of a split are gone through."""


class Moments:
    """Mean and standard deviation of each channel over the images ``order`` of a part, in [0, 1].

    Looked at once, when they are first asked for; sums of whole numbers, so that no order of summing changes a bit.
    """

    def __init__(
        self,
        images: Images,
        order: Int64[Tensor, " chosen"],
        workers: int,
    ) -> None:
        self.images, self.order, self.workers = images, order, workers
        self.found: inputs.Moments | None = None

    def __call__(self) -> inputs.Moments:
        if self.found is None:
            count, total, squares = 0, torch.zeros(()), torch.zeros(())
            for values, of_values, of_squares in ahead(self._sums, self.order.split(AT_ONCE), self.workers):
                count, total, squares = count + values, total + of_values, squares + of_squares
            mean = total / count
            deviation = (squares / count - mean.square()).clamp_min(0).sqrt()
            self.found = (mean / 255).float(), (deviation / 255).float()
        return self.found

    def _sums(self, order: Tensor) -> tuple[int, Float[Tensor, " channel"], Float[Tensor, " channel"]]:
        images = torch.stack([self.images[index] for index in order.tolist()])
        values = images.transpose(0, 1).flatten(1).double()  # by channel; whole numbers are exact up to 2^53
        return values.shape[1], values.sum(1), values.square().sum(1)


@dataclass(frozen=True)
class Reader:
    """Image ``i`` of a split, in [0, 1]. ``order`` has its number in the ``part``; picklable, for other processes."""

    images: Images
    order: Int64[Tensor, " chosen"]
    split: str
    part: str
    crop: Callable[[Tensor], Tensor]
    corrupt: inputs.Corrupt
    moments: Moments

    def __call__(self, i: int) -> inputs.Image:
        index = int(self.order[i])
        image = self.crop(self.images[index].float().div_(255))
        return self.corrupt(image, self.split, self.part, index, self.moments)
