"""A network that a run has kept, ready to predict."""

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from rotelab.data.preprocessing import Preprocessing
from rotelab.data.whitening import Whitening
from rotelab.errors import InputError


class Saved(nn.Module):
    """A network with the names of its ``classes``, in the order of its outputs, the ``image_shape`` that it takes, and
    ``about``, what its file says: of which ``run``, after which ``epoch`` and ``step``, ...

    Images of 8 bits, already of the run's side, are taken as it evaluated them: divided by 255, cropped in the middle,
    standardized and whitened as it was. Those of any other type are what the network itself gets.
    """

    def __init__(self, network: nn.Module, about: Mapping[str, Any], whitening: Whitening | None = None) -> None:
        super().__init__()
        self.network, self.about = network, dict(about)
        self.classes: tuple[str, ...] = tuple(about["classes"])
        self.image_shape: tuple[int, ...] = tuple(about["image_shape"])
        self.preprocessing = Preprocessing(about["crop"], about["standardize"], whitening=whitening)

    def forward(self, images: Shaped[Tensor, "image channel height width"]) -> Float[Tensor, "image class"]:
        """Raises InputError for images of another shape."""
        if images.dtype == torch.uint8:
            images = self.preprocessing.evaluated(images.float().div_(255))
        if tuple(images.shape[1:]) != self.image_shape:
            shapes = ("x".join(map(str, shape)) for shape in (self.image_shape, images.shape[1:]))
            raise InputError("this network takes images of {}, and these are of {}".format(*shapes))
        return self.network(images.contiguous(memory_format=torch.channels_last))
