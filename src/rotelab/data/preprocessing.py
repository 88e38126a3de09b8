"""From images in [0, 1] to what a network gets: crop, augment, standardize; for whole batches, on their device."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as transforms

from rotelab.data.whitening import Whitening
from rotelab.errors import InputError

Images = Float[Tensor, "image channel _ _"]


def standardized(images: Images) -> Images:
    """``(x - mean) / max(std, 1 / sqrt(N))`` of each image over all its N values (Zhang et al. 2017, App. A).

    ``std`` is the population's. The floor keeps an image of a single grey at 0.
    """
    deviation, mean = torch.std_mean(images, dim=(1, 2, 3), correction=0, keepdim=True)
    return (images - mean) / deviation.clamp_min(images[0].numel() ** -0.5)


def cropped(images: Float[Tensor, "*image height width"], side: int) -> Float[Tensor, "*image {side} {side}"]:
    """The ``side`` x ``side`` pixels in the middle. InputError for images smaller than that."""
    if min(images.shape[-2:]) < side:
        height, width = images.shape[-2:]
        raise InputError(f"data.crop = {side} is larger than the images, which are {height}x{width}")
    return transforms.center_crop(images, [side, side])


def augmentation(
    random_crop: int | None, flip: float, brightness: float, saturation: float, hue: float, rotation: float
) -> Callable[[Tensor], Tensor] | None:
    """torchvision's transforms of one image, each with its own random numbers; None where there is nothing to do.

    A crop of ``random_crop`` pixels a side anywhere in the image; ``flip`` is the probability of a horizontal flip;
    ``brightness``, ``saturation`` and ``hue`` as ColorJitter has them; up to ``rotation`` degrees to either side.
    """
    steps: list[v2.Transform] = []
    if rotation:
        steps.append(v2.RandomRotation([-rotation, rotation], interpolation=v2.InterpolationMode.BILINEAR))
    if random_crop is not None:
        steps.append(v2.RandomCrop(random_crop))
    if flip:
        steps.append(v2.RandomHorizontalFlip(flip))
    if brightness or saturation or hue:
        steps.append(v2.ColorJitter(brightness=brightness, saturation=saturation, hue=hue))
    return v2.Compose(steps) if steps else None


@dataclass(frozen=True)
class Preprocessing:
    """How images become what a network gets: as evaluated, and as trained on.

    ``crop``: pixels of a side, or None for all. The middle is taken before images are corrupted, so that a shuffled
    image holds every pixel that a clean one does; where training crops at random, it is taken after that.
    ``whitening``: what was found for the images of both halves, once it was.
    """

    crop: int | None = None
    standardize: bool = False
    augment: Callable[[Tensor], Tensor] | None = None
    crops_at_random: bool = False
    whitening: Whitening | None = None

    def before_corruption(self, image: Float[Tensor, "channel height width"]) -> Float[Tensor, "channel h w"]:
        return image if self.crop is None or self.crops_at_random else cropped(image, self.crop)

    def evaluated(self, images: Images) -> Images:
        """Cropped in the middle, standardized and whitened."""
        return self._scaled(images if self.crop is None else cropped(images, self.crop))

    def trained(self, images: Images, generator: Generator) -> Images:
        """Augmented, image by image, with the random numbers of ``generator``, standardized and whitened."""
        if self.augment is None:
            return self.evaluated(images)
        with torch.random.fork_rng(devices=[]):  # torchvision draws from the global state of the CPU
            torch.random.set_rng_state(generator.get_state())
            images = torch.stack([self.augment(image) for image in images])
        return self._scaled(images)

    def _scaled(self, images: Tensor) -> Tensor:
        images = standardized(images) if self.standardize else images
        return self.whitening(images) if self.whitening else images
