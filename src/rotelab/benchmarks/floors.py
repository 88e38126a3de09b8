"""What a device and a network set the least time of a step by: rates that are measured, operations and bytes that are
counted."""

from collections.abc import Sequence
from functools import partial

import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.functional import cross_entropy
from torch.utils.flop_counter import FlopCounterMode

from rotelab.data.batches import Labelled
from rotelab.training import precision
from rotelab.training.timing import seconds_of

BYTES = 4
"""Of a weight, its gradient, each of Adam's two averages."""


def matmul_rate(device: torch.device, name: str, sides: Sequence[int]) -> float:
    """Floating-point operations per second of a product of two square matrices in a precision; the best of ten of each
    size."""
    precision.allow_tf32(name)
    kind = torch.bfloat16 if name == "bf16" else torch.float32
    rates = []
    for side in sides:
        a, b = (torch.randn(side, side, device=device, dtype=kind) for _ in range(2))
        rates += [2 * side**3 / seconds_of(device, partial(torch.mm, a, b)) for _ in range(10)]
    return max(rates)


def copy_rate(device: torch.device, size: int) -> float:
    """Bytes read and written per second in a copy of so many bytes; the best of ten."""
    a, b = (torch.empty(size, dtype=torch.uint8, device=device).fill_(1) for _ in range(2))
    return 2 * size / min(seconds_of(device, lambda: b.copy_(a)) for _ in range(10))


def operations(network: nn.Module, batch: Labelled) -> int:
    """Floating-point operations of the forward and backward passes over a batch, a product and a sum being two."""
    with FlopCounterMode(display=False) as counter:
        cross_entropy(network(batch[0]), batch[1]).backward()
    return counter.get_total_flops()


def least_bytes(network: nn.Module, batch: Labelled) -> tuple[int, int]:
    """(of the passes over a batch, of a step of Adam): bytes that have to be read or written.

    What the forward pass keeps for the backward pass, each tensor once, is written and read; a weight is read by both
    passes and by the optimizer, which writes it; its gradient and the two averages are written and read.
    """
    parameters = {parameter.data_ptr() for parameter in network.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.data_ptr() not in parameters:
            kept[tensor.data_ptr()] = tensor.numel() * tensor.element_size()
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = cross_entropy(network(batch[0]), batch[1])
    del loss
    weights = sum(parameter.numel() for parameter in network.parameters()) * BYTES
    return 2 * sum(kept.values()) + 2 * weights, (2 + 2 + 4) * weights
