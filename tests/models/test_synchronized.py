"""Batch norm over several processes, in one of which there is nobody else: torch's, to rounding."""

from collections.abc import Generator
from functools import partial

import pytest
import torch
from torch import distributed, nn

from rotelab.errors import NetworkError
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import FrozenStatistics, resnet18
from rotelab.models.small_inception import small_inception
from rotelab.models.synchronized import BatchNorm, check_shared, synchronized

CPU = torch.device("cpu")


@pytest.fixture(scope="module", autouse=True)
def group() -> Generator[None, None, None]:
    """Of this process alone, with no port."""
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("momentum", [0.1, None])
@pytest.mark.parametrize("shape", [(6, 3), (6, 3, 4, 5)])
def test_it_is_torchs(affine: bool, momentum: float | None, shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    kind = nn.BatchNorm1d if len(shape) == 2 else nn.BatchNorm2d
    theirs = nn.Sequential(kind(3, momentum=momentum, affine=affine).double())
    ours = nn.Sequential(kind(3, momentum=momentum, affine=affine).double())
    synchronized(ours, CPU)
    assert type(ours[0]) is BatchNorm and ours.state_dict().keys() == theirs.state_dict().keys()
    for _ in range(2):
        images, weights = (torch.randn(shape, dtype=torch.double) for _ in range(2))
        found = []
        for network in (ours, theirs):
            given = (3 + images).requires_grad_()
            outputs = network(given)
            (outputs * weights).sum().backward()
            found.append([outputs, given.grad, *(parameter.grad for parameter in network.parameters())])
        for one, other in zip(*found, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)
    for name, tensor in theirs.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], tensor, rtol=1e-12, atol=0)
    given = torch.randn(shape, dtype=torch.double)
    torch.testing.assert_close(ours.eval()(given), theirs.eval()(given), rtol=1e-12, atol=1e-12)


def test_frozen_statistics_stay_what_they_are() -> None:
    network = resnet18((3, 16, 16), 2, width=0.05, batch_norm="frozen_init")
    synchronized(network, CPU)
    assert any(isinstance(module, FrozenStatistics) for module in network.modules())
    assert not any(isinstance(module, BatchNorm) for module in network.modules())


class Idle(nn.Module):
    """One layer of it has no part in the outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.used, self.idle = nn.Linear(4, 2), nn.Linear(4, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.used(images)


class OwnBatchNorm(nn.BatchNorm1d):
    """Which may compute anything."""


@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        (Idle(), r"takes no part in a step \(idle.weight\)"),
        (nn.Sequential(nn.Linear(4, 8), nn.Dropout(), nn.Linear(8, 2)), "this network draws"),
        (nn.Sequential(nn.Linear(4, 8), OwnBatchNorm(8), nn.Linear(8, 2)), "or mixes the images of a batch"),
    ],
    ids=["idle", "dropout", "own"],
)
def test_what_has_no_shares_is_refused(network: nn.Module, sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence):
        check_shared(network, (4,))


def test_others_are_not() -> None:
    frozen = Idle()
    frozen.idle.requires_grad_(False)
    check_shared(frozen, (4,))
    for build in (partial(mlp, widths=[8]), partial(small_inception, width=0.05), partial(resnet18, width=0.1)):
        before = torch.get_rng_state()
        network = build((3, 16, 16), 2)
        state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        torch.set_rng_state(before)
        check_shared(network, (3, 16, 16))
        assert torch.equal(torch.get_rng_state(), before)
        assert all(torch.equal(tensor, state[name]) for name, tensor in network.state_dict().items())
