"""Several networks of one architecture as one: their weights lie in one tensor each, and one pass computes them all.

A small network leaves a GPU waiting for its next kernel. Stacked, R of them launch as many kernels as one.
"""

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float, Int64, Shaped
from torch import Tensor, nn
from torch.optim import Optimizer

from rotelab.training.stacks.rules import Weights, check, forward


class Stack:
    """``groups`` of networks, one after another. Every group has ``parameters`` of its own, stacked, which an optimizer
    can step with options of its own; the networks' own parameters and buffers become views of the stacked ones, so that
    whoever looks at a network sees what it has become.

    Raises CannotStack where there is no rule for a layer.
    """

    def __init__(self, groups: Sequence[Sequence[nn.Module]]) -> None:
        self.groups = [list(group) for group in groups]
        check(self.networks[0])
        self.parameters = [
            {name: nn.Parameter(value) for name, value in _stacked(group, "named_parameters")} for group in self.groups
        ]
        self.buffers = dict(_stacked(self.networks, "named_buffers"))
        self._point()

    @property
    def networks(self) -> list[nn.Module]:
        return [network for group in self.groups for network in group]

    def train(self, mode: bool = True) -> None:
        for network in self.networks:
            network.train(mode)

    def __call__(
        self, images: Float[Tensor, "run image channel height width"], runs: Int64[Tensor, " run"] | None = None
    ) -> Float[Tensor, "run image class"]:
        """The outputs of every network for its images; of some ``runs`` by their numbers, if given."""
        weights = self.weights()
        if runs is None:
            return forward(self.networks[0], images, weights)
        chosen = {name: _placed(value.index_select(0, runs)) for name, value in weights.items()}
        outputs = forward(self.networks[0], images, chosen)
        for name, value in self.buffers.items():  # running statistics: no gradient of an earlier pass needs them
            value.data.index_copy_(0, runs, chosen[name])
        return outputs

    def weights(self) -> Weights:
        """Of all runs; a copy where there are several groups."""
        filled = [group for group in self.parameters if group]
        if len(filled) == 1:
            return {**filled[0], **self.buffers}
        return {name: _placed(torch.cat([group[name] for group in filled])) for name in filled[0]} | self.buffers

    def leave(self, leaving: Sequence[nn.Module], optimizer: Optimizer) -> None:
        """These networks go, with copies of their weights; the ``optimizer``, whose parameter groups are those of the
        stack, goes on with the others as if nothing had happened."""
        for network in leaving:
            for tensor in (*network.parameters(), *network.buffers()):
                tensor.data = tensor.data.clone()
        kept = [i for i, network in enumerate(self.networks) if network not in leaving]
        self.buffers = {name: value[kept] for name, value in self.buffers.items()}
        for group, parameters, options in zip(self.groups, self.parameters, optimizer.param_groups, strict=True):
            kept = [i for i, network in enumerate(group) if network not in leaving]
            for name, old in list(parameters.items()):
                state = optimizer.state.pop(old, {})
                if not kept:
                    del parameters[name]
                    continue
                parameters[name] = new = nn.Parameter(_placed(old.detach()[kept]))
                optimizer.state[new] = {
                    key: _placed(value[kept]) if value.shape == old.shape else value for key, value in state.items()
                }
            options["params"] = list(parameters.values())
            group[:] = [group[i] for i in kept]
        self._point()

    def _point(self) -> None:
        """The networks' own tensors at their parts of the stacked ones."""
        for group, parameters in zip(self.groups, self.parameters, strict=True):
            for i, network in enumerate(group):
                for name, parameter in network.named_parameters():
                    parameter.data = parameters[name].data[i]
        for i, network in enumerate(self.networks):
            for name, buffer in network.named_buffers():
                buffer.data = self.buffers[name][i]

    def gradients(self) -> None:
        """Give the networks' own parameters their parts of the gradient, as a backward pass of their own would."""
        for group, parameters in zip(self.groups, self.parameters, strict=True):
            for i, network in enumerate(group):
                for name, parameter in network.named_parameters():
                    stacked = parameters[name].grad
                    assert stacked is not None, "a backward pass has left it"
                    parameter.grad = stacked[i]


def _stacked(networks: Sequence[nn.Module], kind: str) -> Iterator[tuple[str, Tensor]]:
    each = [dict(getattr(network, kind)()) for network in networks]
    for name in each[0]:
        yield name, _placed(torch.stack([tensors[name].detach() for tensors in each]))


def _placed(values: Shaped[Tensor, "run ..."]) -> Shaped[Tensor, "run ..."]:
    """Filters lie channels-last, those of all runs as one convolution's."""
    if values.dim() != 5:
        return values.contiguous()
    filters = values.flatten(0, 1).contiguous(memory_format=torch.channels_last)
    return filters.unflatten(0, (len(values), -1))
