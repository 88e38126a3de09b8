"""Batch norm over the whole of a batch of which several processes have a share each, and what can't be shared."""

from copy import deepcopy
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, distributed, nn
from torch.nn.functional import batch_norm
from torch.nn.modules.batchnorm import _BatchNorm

from rotelab.errors import NetworkError
from rotelab.models.mixing import mixes
from rotelab.models.parameters import in_eval_mode, trained

KINDS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
"""Of torch, and none that is made of them: those compute something else."""


class Total(torch.autograd.Function):
    """The sum over all processes, of values and, on the way back, of what each of them makes of it."""

    @staticmethod
    def forward(context: Any, values: Float[Tensor, " value"]) -> Float[Tensor, " value"]:
        return _total(values)

    @staticmethod
    def backward(ctx: Any, *gradients: Float[Tensor, " value"]) -> Float[Tensor, " value"]:
        return _total(*gradients)


def _total(values: Float[Tensor, " value"]) -> Float[Tensor, " value"]:
    found = values.contiguous().clone()
    distributed.all_reduce(found)
    return found


class BatchNorm(_BatchNorm):
    """``(x - m) / sqrt(v + eps)``, times weight plus bias, with the mean ``m`` and the population's variance ``v`` of
    each channel over the images of all processes (Ioffe and Szegedy 2015, Algorithm 1). In eval mode, torch's.

    The running statistics are the same in every process. On a GPU ``torch.nn.SyncBatchNorm``, which no CPU has, takes
    its place.
    """

    def _check_input_dim(self, input: Tensor) -> None:
        """Of any number of dimensions."""

    def forward(self, input: Float[Tensor, "image channel ..."]) -> Float[Tensor, "image channel ..."]:
        if not self.training and self.running_mean is not None:
            running = self.running_mean, self.running_var
            return batch_norm(input, *running, self.weight, self.bias, False, 0.0, self.eps)
        dims = [dim for dim in range(input.ndim) if dim != 1]
        shape = [1, -1, *[1] * (input.ndim - 2)]
        values = input if input.dtype == torch.float64 else input.float()
        own = torch.full((1,), values.numel() / values.shape[1], dtype=values.dtype, device=values.device)
        total = Total.apply(torch.cat([values.sum(dims), own]))
        count, mean = total[-1].detach(), total[:-1] / total[-1].detach()
        centred = values - mean.view(shape)
        variance = Total.apply(centred.square().sum(dims)) / count
        self._remember(mean.detach(), variance.detach() * count / (count - 1))
        normal = centred * (variance + self.eps).rsqrt().view(shape)
        if self.weight is not None:
            normal = normal * self.weight.view(shape) + self.bias.view(shape)
        return normal.to(input.dtype)

    @torch.no_grad()
    def _remember(self, mean: Float[Tensor, " channel"], variance: Float[Tensor, " channel"]) -> None:
        """The variance of a sample, as torch keeps it."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked += 1
        share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean), share)
        self.running_var.lerp_(variance.to(self.running_var), share)


def synchronized(network: nn.Module, device: torch.device) -> None:
    """Put batch norm over all processes into a network in the place of torch's; names and tensors stay."""
    for module in [*network.modules()]:
        for name, child in module.named_children():
            if isinstance(child, _BatchNorm) and type(child) in KINDS:
                setattr(module, name, _synchronized(child, device))


def _synchronized(layer: _BatchNorm, device: torch.device) -> nn.Module:
    if device.type != "cpu":
        return nn.SyncBatchNorm.convert_sync_batchnorm(layer)
    made = BatchNorm(layer.num_features, layer.eps, layer.momentum, layer.affine, layer.track_running_stats)
    for tensors in ("_parameters", "_buffers"):
        setattr(made, tensors, getattr(layer, tensors))
    return made.train(layer.training)


def check_shared(network: nn.Module, image_shape: tuple[int, ...]) -> None:
    """Raises NetworkError where a parameter has no part in the outputs, for whose gradient all would wait, and where a
    share of a batch comes out as something else than in the whole one, and it is not torch's batch norm that is to
    blame: dropout, which draws, or a normalization of one's own. Tried on a copy."""
    parameters = trained(network)
    with in_eval_mode(network):
        outputs = network(torch.zeros(1, *image_shape))
    gradients = torch.autograd.grad(outputs.sum(), [*parameters.values()], allow_unused=True)
    if idle := next((name for name, found in zip(parameters, gradients, strict=True) if found is None), None):
        raise NetworkError(
            f"trainer.devices: a part of this network takes no part in a step ({idle}): freeze it, or trainer.devices=1"
        )
    tried = nn.Sequential(deepcopy(network))
    for module in [*tried.modules()]:
        for name, child in module.named_children():
            if type(child) in KINDS:
                setattr(module, name, nn.Identity())
    if mixes(tried, image_shape):
        raise NetworkError(
            "trainer.devices: this network draws, as dropout does, or mixes the images of a batch by other means than "
            "torch's batch norm: a device that has a share of it would compute something else; give trainer.devices=1"
        )
