"""What is measured: a trained network, what it was before training, and its train images."""

from dataclasses import dataclass, field
from functools import cached_property

from jaxtyping import Int64
from torch import Tensor, nn

from rotelab.data.batches import Labelled
from rotelab.data.streaming import Images
from rotelab.errors import Refusal
from rotelab.measures import layer_norms
from rotelab.measures.examples import margins
from rotelab.measures.folding import Folded, fold
from rotelab.measures.path_norms import path_norm
from rotelab.measures.sharpness import NOISES, Trial, scale
from rotelab.training.evaluation import evaluated

FEW = 128
"""Images that what needs gradients looks at, the first of the train split."""


@dataclass(frozen=True)
class Subject:
    """What the measures are of; each part is computed when one asks for it, and raises Refusal where it can't be."""

    network: nn.Module
    initial: nn.Module
    images: Images
    labels: Int64[Tensor, " image"]
    noise: str = "honest"
    trial: Trial = field(default_factory=Trial)

    @cached_property
    def margins(self) -> Tensor:
        return margins(evaluated(self.network, self.images).double(), self.labels)

    @cached_property
    def few(self) -> Labelled:
        return self.images[:FEW], self.labels[:FEW]

    @cached_property
    def folded(self) -> Folded:
        return fold(self.network, self.images[:1])

    @cached_property
    def weights(self) -> dict[str, Tensor]:
        return self.folded.weights

    @cached_property
    def initial_weights(self) -> dict[str, Tensor]:
        found = fold(self.initial, self.images[:1]).weights
        if {name: weight.shape for name, weight in found.items()} != {n: w.shape for n, w in self.weights.items()}:
            raise Refusal("the initial network has other layers")
        return found

    @cached_property
    def frobenius(self) -> layer_norms.Squares:
        return layer_norms.frobenius(self.weights, self.initial_weights)

    @cached_property
    def matrices(self) -> layer_norms.Squares:
        return layer_norms.spectral(self.folded, self.weights, self.initial_weights, as_operator=False)

    @cached_property
    def operators(self) -> layer_norms.Squares:
        return layer_norms.spectral(self.folded, self.weights, self.initial_weights, as_operator=True)

    @cached_property
    def squared_paths(self) -> float:
        return path_norm(self.folded, self.images[:1])

    def sigma(self, which: str) -> float:
        """The noise that the network stands: see ``sharpness``."""
        deviation, right = NOISES[self.noise][which], self.margins > 0
        return scale(lambda s: self.trial.fall(self.folded, self.images, self.labels, right, lambda p: deviation(s, p)))
