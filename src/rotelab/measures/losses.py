"""Losses of single examples."""

from collections.abc import Callable

from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import cross_entropy

from rotelab.errors import Refusal

Loss = Callable[[Tensor, Tensor], Tensor]
"""Of outputs and labels, one value an example."""


def nats(outputs: Float[Tensor, "example class"], labels: Int64[Tensor, " example"]) -> Float[Tensor, " example"]:
    """The cross-entropy of every example."""
    return cross_entropy(outputs, labels, reduction="none")


def one_an_example(loss: Loss) -> Loss:
    """The same, which raises ValueError where it is a mean, or anything else but one value an example."""

    def checked(outputs: Tensor, labels: Tensor) -> Tensor:
        found = loss(outputs, labels)
        if found.shape != labels.shape[:1]:
            raise Refusal(f"a loss is one value an example, and this one has the shape {tuple(found.shape)}")
        return found

    return checked
