"""A permuted copy is matched back, a single layer's matching is the best there is, and functions stay what they are."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from itertools import permutations

import pytest
import torch
from torch import nn

from rotelab.errors import Refusal
from rotelab.measures.connectivity import barrier
from rotelab.models.batch_norm_cnn import batch_norm_cnn
from rotelab.models.convnet5 import convnet5
from rotelab.models.matching import hidden, matched
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.randomness import stream

SHAPE = (1, 8, 8)
IMAGES = torch.rand(30, *SHAPE, generator=stream("matching"))
LABELS = torch.arange(30) % 3
NETWORKS = {
    "one layer": partial(mlp, widths=[7]),
    "three layers": partial(mlp, widths=[7, 6, 5]),
    "convnet5": partial(convnet5, width=0.1),
    "batch norm": partial(batch_norm_cnn, width=3),
}


def permuted(network: nn.Module) -> nn.Module:
    copy = deepcopy(network)
    with torch.no_grad():
        for number, layer in enumerate(hidden(copy)):
            layer.permute(torch.randperm(layer.units, generator=stream("order", number)))
    return copy


@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
def test_a_permuted_copy_has_a_barrier_and_matched_none(build: Callable[..., nn.Module]) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(build(SHAPE, 3), nn.Softmax(dim=1))
    network.train()(IMAGES)  # statistics of batch norms
    network.eval()
    copy = permuted(network)
    assert torch.allclose(network(IMAGES), copy(IMAGES), atol=1e-6)
    assert barrier(network, copy, IMAGES, LABELS).loss > 1e-6
    back, _ = matched(network, copy)
    for name, value in back.state_dict().items():
        assert torch.equal(value, network.state_dict()[name])
    assert barrier(network, back, IMAGES, LABELS) == pytest.approx((0, 0), abs=1e-6)


@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
def test_it_computes_what_the_other_does(build: Callable[..., nn.Module]) -> None:
    one, other = build(SHAPE, 3).eval(), build(SHAPE, 3).eval()
    found, orders = matched(one, other)
    assert torch.allclose(found(IMAGES), other(IMAGES), atol=1e-6)
    assert all(sorted(order.tolist()) == list(range(len(order))) for order in orders)


def test_of_one_layer_it_is_the_best_of_all() -> None:
    torch.manual_seed(1)
    one, other = mlp(SHAPE, 3, [5]), mlp(SHAPE, 3, [5])

    def likeness(order: list[int]) -> float:
        copy = deepcopy(other)
        with torch.no_grad():
            hidden(copy)[0].permute(torch.tensor(order))
        pairs = zip(one.parameters(), copy.parameters(), strict=True)
        return float(sum(((a * b).sum() for a, b in pairs), torch.zeros(())).detach())

    _, (order,) = matched(one, other)
    best = max(likeness(list(every)) for every in permutations(range(5)))
    assert likeness(order.tolist()) == pytest.approx(best, rel=1e-5)
    assert likeness(list(range(5))) < best


def test_what_is_no_chain_is_refused() -> None:
    with pytest.raises(Refusal, match="no matching of the units of"):
        matched(*(resnet18((3, 16, 16), 3, width=0.05, batch_norm="batch") for _ in range(2)))
    with pytest.raises(Refusal, match="other numbers of units"):
        matched(mlp(SHAPE, 3, [5]), mlp(SHAPE, 3, [6]))
