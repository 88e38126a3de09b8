"""Whether what a network says of an image depends on the others of its batch, or on chance."""

from copy import deepcopy

import torch
from torch import nn

NUDGE = 0.02
"""Deviation of what is added to each parameter of the copy that is tried: a last layer of zeros would hide all."""


def draws(network: nn.Module, image_shape: tuple[int, ...]) -> bool:
    """Whether a pass through a ``network`` in train mode draws random numbers, as dropout does. It is tried on a copy,
    and leaves the state of random numbers as it was."""
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        before = torch.get_rng_state()
        deepcopy(network).train()(torch.zeros(4, *image_shape))
        return not torch.equal(before, torch.get_rng_state())


def mixes(network: nn.Module, image_shape: tuple[int, ...]) -> bool:
    """Whether two batches through a ``network`` in train mode come out as something else than one after the other,
    beyond rounding: batch norm takes statistics of both, dropout draws anew. It is tried on a copy, and draws
    nothing."""
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        tried = deepcopy(network).train()
        for parameter in tried.parameters():
            parameter.add_(NUDGE * torch.randn(parameter.shape).to(parameter))
        one, other = torch.randn(2, 4, *image_shape)
        together, apart = tried(torch.cat([one, 3 * other])), torch.cat([tried(one), tried(3 * other)])
    return not torch.allclose(together, apart, rtol=1e-3, atol=1e-3 * float(apart.abs().max()))
