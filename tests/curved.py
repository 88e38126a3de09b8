"""A tiny network in float64 whose loss has an explicit gradient and Hessian."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rotelab.measures.folding import Folded, fold


@dataclass
class Curved:
    network: nn.Sequential
    images: Tensor
    labels: Tensor

    @property
    def folded(self) -> Folded:
        return fold(self.network, self.images[:1])

    @cached_property
    def weights(self) -> Tensor:
        return torch.cat([value.detach().flatten() for value in self.network.parameters()])

    def losses(self, flat: Tensor) -> Tensor:
        named = dict(self.network.named_parameters())
        parts = flat.split([value.numel() for value in named.values()])
        weights = {name: part.view_as(value) for (name, value), part in zip(named.items(), parts, strict=True)}
        outputs = torch.func.functional_call(self.network, weights, (self.images,))
        return cross_entropy(outputs, self.labels, reduction="none")

    def loss(self, flat: Tensor) -> Tensor:
        return self.losses(flat).mean()


def curved(*, bias: bool = True) -> Curved:
    """Of 3 inputs, 4 units and 3 classes, with 100 images: more than are looked at at once."""
    generator = torch.Generator().manual_seed(3)
    network = nn.Sequential(nn.Linear(3, 4, bias), nn.ReLU(), nn.Linear(4, 3, bias)).double()
    for value in network.parameters():
        value.data = torch.randn(value.shape, generator=generator, dtype=torch.float64)
    images = torch.randn(100, 3, generator=generator, dtype=torch.float64)
    return Curved(network, images, torch.randint(3, (100,), generator=generator))
