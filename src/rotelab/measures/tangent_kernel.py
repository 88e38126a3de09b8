"""The empirical tangent kernel of a network at its weights (Jacot, Gabriel, Hongler 2018)."""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call, vjp, vmap

from rotelab.errors import Refusal
from rotelab.models.parameters import in_eval_mode, trained

NUMBERS = 2**26
"""Slopes that are kept at once: half a GiB in double precision, twice."""


def tangent_kernel(
    network: nn.Module, one: Tensor, other: Tensor | None = None, numbers: int = NUMBERS
) -> Float[Tensor, "one other"]:
    """``K(x, x') = 1/C sum_c <df_c(x)/dw, df_c(x')/dw>`` over the C outputs and all trained weights, in eval mode.

    Slopes are vector-Jacobian products, a block of inputs and an output at a time, of at most ``numbers`` numbers (but
    of one input at least), so that the Jacobian is never there as a whole; blocks are formed again for each other
    block. Without ``other`` the kernel is of ``one`` with itself. Raises Refusal where nothing is trained.
    """
    weights = {name: parameter.detach() for name, parameter in trained(network).items()}
    if not weights:
        raise Refusal("no parameter of the network is trained: it has no tangent kernel")
    block = max(1, numbers // sum(weight.numel() for weight in weights.values()))
    with in_eval_mode(network):
        with torch.no_grad():
            outputs = network(one[:1]).shape[-1]
        columns = one if other is None else other
        rows = []
        for some in one.split(block):
            left = [*_slopes(network, weights, some, outputs)]
            rows.append(
                torch.cat(
                    [
                        sum(
                            (a @ b.T for a, b in zip(left, _slopes(network, weights, more, outputs), strict=True)),
                            torch.zeros(()),
                        )
                        for more in columns.split(block)
                    ],
                    dim=1,
                )
            )
    return torch.cat(rows) / outputs


def _slopes(
    network: nn.Module, weights: dict[str, Tensor], inputs: Tensor, outputs: int
) -> Iterator[Float[Tensor, "input weight"]]:
    """Of each output in turn, of each input."""

    def of_one(one: Tensor, output: Tensor) -> Tensor:
        pull = vjp(lambda of: functional_call(network, of, (one[None],))[0], weights)[1]
        return torch.cat([slope.flatten() for slope in pull(output)[0].values()])

    for output in torch.eye(outputs, dtype=inputs.dtype):
        yield vmap(of_one, in_dims=(0, None))(inputs, output)
