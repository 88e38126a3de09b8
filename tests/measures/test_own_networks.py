"""Measures of networks that are not the house's: each against plain autograd, one example after another, or refused."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import rotelab

COUNT = 70
"""Examples: more than are taken at once."""


class Own(nn.Module):
    """A network whose pass is a function of its parts."""

    def __init__(self, forward: Callable[..., Tensor], **parts: nn.Module) -> None:
        super().__init__()
        self.compute = forward
        for name, part in parts.items():
            self.add_module(name, part)

    def forward(self, x: Tensor) -> Tensor:
        return self.compute(self, x)


def frozen(network: nn.Module, *names: str) -> nn.Module:
    for name in names:
        network.get_parameter(name).requires_grad_(False)
    return network


def tied() -> nn.Module:
    first, second = linear(6, 6), linear(6, 6)
    second.weight = first.weight
    return Own(lambda self, x: self.c(self.b(self.a(x).relu()).relu()), a=first, b=second, c=linear(6, 3))


def tied_embedding() -> nn.Module:
    """As language models have it."""
    words, out = nn.Embedding(9, 4), nn.Linear(4, 9)
    out.weight = words.weight
    return Own(lambda self, x: self.out(self.words(x).mean(1)), words=words, out=out)


def linear(of: int, to: int) -> nn.Linear:
    return nn.Linear(of, to)


def by_value(self: Any, x: Tensor) -> Tensor:
    """What no batch can take at once: another way for every example."""
    return torch.stack([self.a(row) if float(row.sum()) > 0 else self.b(row) for row in x])


def attention(self: Any, x: Tensor) -> Tensor:
    found, _ = self.attend(x, x, x)
    return self.out(found.mean(1))


class Doubled(nn.Linear):
    """A layer that is a kind of another and computes something else."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x * x)


VECTOR, IMAGE, TEXT, SEQUENCE = (6,), (2, 5, 5), (4,), (4, 6)
ZOO: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "frozen weights": (
        lambda: frozen(nn.Sequential(linear(6, 5), nn.ReLU(), linear(5, 3)), "0.weight", "0.bias"),
        VECTOR,
    ),
    "a frozen bias": (lambda: frozen(nn.Sequential(linear(6, 5), nn.ReLU(), linear(5, 3)), "0.bias"), VECTOR),
    "an unused layer": (lambda: Own(lambda self, x: self.a(x), a=linear(6, 3), b=linear(3, 3)), VECTOR),
    "tied layers": (tied, VECTOR),
    "tied words": (tied_embedding, TEXT),
    "a layer used twice": (
        lambda: Own(lambda self, x: self.b(self.a(self.a(x).relu())), a=linear(6, 6), b=linear(6, 3)),
        VECTOR,
    ),
    "several places": (
        lambda: Own(lambda self, x: self.b(self.a(x).relu().mean(1)), a=linear(6, 5), b=linear(5, 3)),
        SEQUENCE,
    ),
    "two axes of places": (lambda: Own(lambda self, x: self.a(x).mean((1, 2)), a=linear(5, 3)), IMAGE),
    "words": (lambda: nn.Sequential(nn.Embedding(9, 5), nn.Flatten(), linear(20, 3)), TEXT),
    "in place": (lambda: nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(inplace=True), nn.Flatten(), linear(36, 3)), IMAGE),
    "layer norm": (lambda: nn.Sequential(linear(6, 5), nn.LayerNorm(5), nn.GELU(), linear(5, 3)), VECTOR),
    "group norm": (lambda: nn.Sequential(nn.Conv2d(2, 4, 3), nn.GroupNorm(2, 4), nn.Flatten(), linear(36, 3)), IMAGE),
    "batch norm in train mode": (
        lambda: nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Dropout(), linear(36, 3)).train(),
        IMAGE,
    ),
    "batch norm of vectors": (lambda: nn.Sequential(linear(6, 5), nn.BatchNorm1d(5), linear(5, 3)).train(), VECTOR),
    "groups": (lambda: nn.Sequential(nn.Conv2d(2, 4, 3, groups=2), nn.Flatten(), linear(36, 3)), IMAGE),
    "attention": (
        lambda: Own(attention, attend=nn.MultiheadAttention(6, 2, batch_first=True), out=linear(6, 3)),
        SEQUENCE,
    ),
    "recurrence": (
        lambda: Own(
            lambda self, x: self.out(self.rnn(x)[0][:, -1]), rnn=nn.GRU(6, 5, batch_first=True), out=linear(5, 3)
        ),
        SEQUENCE,
    ),
    "a way for each value": (lambda: Own(by_value, a=linear(6, 3), b=linear(6, 3)), VECTOR),
    "no bias": (lambda: nn.Sequential(linear(6, 5), nn.Tanh(), nn.Linear(5, 3, bias=False)), VECTOR),
    "a layer of one's own kind": (lambda: nn.Sequential(Doubled(6, 5), nn.Tanh(), linear(5, 3)), VECTOR),
    "weights used without their layer": (
        lambda: Own(lambda self, x: nn.functional.linear(x, self.a.weight) + self.b(x), a=linear(6, 3), b=linear(6, 3)),
        VECTOR,
    ),
    "places along the first axis": (
        lambda: Own(lambda self, x: self.a(x.reshape(-1, 6)).reshape(len(x), 4, 3).tanh().mean(1), a=linear(6, 3)),
        SEQUENCE,
    ),
    "attention, in part": (
        lambda: frozen(
            Own(attention, attend=nn.MultiheadAttention(6, 2, batch_first=True), out=linear(6, 3)),
            "attend.in_proj_weight",
            "attend.in_proj_bias",
        ),
        SEQUENCE,
    ),
    "vanishing gradients": (lambda: Own(lambda self, x: 1e-23 * self.a(x), a=linear(6, 3)), VECTOR),
}


def case(name: str, kind: torch.dtype = torch.float32) -> tuple[nn.Module, Tensor, Tensor]:
    torch.manual_seed(3)
    made, shape = ZOO[name]
    network = made().to(kind)
    inputs = torch.randint(9, (COUNT, *shape)) if shape == TEXT else torch.randn(COUNT, *shape, dtype=kind)
    return network, inputs, torch.randint(3, (COUNT,))


def squared_error(outputs: Tensor, labels: Tensor) -> Tensor:
    return (outputs - labels[:, None]).square().sum(1)


def one_by_one(network: nn.Module, inputs: Tensor, labels: Tensor, loss: Any) -> Tensor:
    """Every example's gradient as a row, of what is trained, in float64."""
    network.eval()
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    rows = []
    for x, y in zip(inputs.split(1), labels.split(1), strict=True):
        parts = torch.autograd.grad(loss(network(x), y).sum(), weights, materialize_grads=True)
        rows.append(torch.cat([part.flatten() for part in parts]).double())
    return torch.stack(rows)


def nats(outputs: Tensor, labels: Tensor) -> Tensor:
    return nn.functional.cross_entropy(outputs, labels, reduction="none")


@pytest.mark.parametrize("loss", [nats, squared_error])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ZOO)
def test_it_is_right_against_a_loop(name: str, kind: torch.dtype, loss: Any) -> None:
    network, inputs, labels = case(name, kind)
    modes = [module.training for module in network.modules()]
    before = {key: value.clone() for key, value in network.state_dict().items()}
    state = torch.get_rng_state()
    found = {
        **rotelab.coherence(network, inputs, labels, loss),
        "norm": rotelab.gradient_norm(network, inputs, labels, loss),
    }
    cosines = rotelab.agreement(network, inputs, labels, loss)
    assert torch.equal(torch.get_rng_state(), state)
    assert modes == [module.training for module in network.modules()]
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert all(weight.grad is None for weight in network.parameters())
    rows = one_by_one(network, inputs, labels, loss)
    summed, r = rows.sum(0), float(rows.sum(0).square().sum() / rows.square().sum())
    expected = {"alpha": r / COUNT, "r": r, "norm": float(summed.norm()) / COUNT}
    assert found == pytest.approx(expected, rel=2e-4 if kind == torch.float32 else 1e-9)
    others = summed - rows
    of_rows = nn.functional.cosine_similarity(rows, others, dim=1, eps=0)
    torch.testing.assert_close(
        cosines.double(), of_rows.nan_to_num(), rtol=0, atol=2e-3 if kind == torch.float32 else 1e-7
    )


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (
            nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5, track_running_stats=False), nn.Linear(5, 3)),
            "1 .BatchNorm1d.",
        ),
        (nn.Sequential(nn.Conv1d(1, 2, 3), nn.InstanceNorm1d(2), nn.Flatten(), nn.LazyLinear(3)), "lazy layer"),
        (nn.Sequential(nn.Flatten()), "no parameter that is trained"),
        (frozen(nn.Linear(6, 3), "weight", "bias"), "no parameter that is trained"),
    ],
)
@pytest.mark.parametrize("measure", [rotelab.coherence, rotelab.gradient_norm, rotelab.agreement])
def test_what_can_not_be_measured_is_refused(network: nn.Module, words: str, measure: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=words):
        measure(network, torch.randn(8, 6), torch.randint(3, (8,)))


def test_radii_of_a_line_are_known() -> None:
    """The loss is the sum of the weights times the inputs: it moves by ``delta`` where they move by as much."""
    network = nn.Linear(4, 1, bias=False)
    nn.init.constant_(network.weight, 1.0)
    inputs, labels = torch.full((5, 4), 0.5), torch.zeros(5, dtype=torch.long)
    before, grads = network.weight.clone(), network.weight.requires_grad
    found = rotelab.stability_radii(network, inputs, labels, lambda outputs, _: outputs.sum(1), delta=0.5)
    assert found["parameter_radius_steepest"] == pytest.approx(0.5 / 2.0, rel=0.02)  # |w| |x| = 2 and 1
    assert found["input_radius_steepest"] == pytest.approx(0.5 / 2.0, rel=0.02)
    assert found["parameter_radius_median"] > found["parameter_radius_steepest"]
    assert torch.equal(network.weight, before) and network.weight.requires_grad == grads


@pytest.mark.parametrize("name", [name for name, (_, shape) in ZOO.items() if shape != TEXT])
def test_radii_leave_a_network_as_it_was(name: str) -> None:
    network, inputs, labels = case(name)
    modes = [module.training for module in network.modules()]
    before = {key: value.clone() for key, value in network.state_dict().items()}
    found = rotelab.stability_radii(network, inputs, labels, directions=2)
    assert all(1e-4 <= value <= 10 for value in found.values())
    assert modes == [module.training for module in network.modules()]
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert found == rotelab.stability_radii(network, inputs, labels, directions=2)


def test_words_can_not_be_moved() -> None:
    with pytest.raises(ValueError, match=r"torch.int64 can't be moved"):
        rotelab.stability_radii(*case("words"))


def test_a_loss_is_one_value_an_example() -> None:
    network, inputs, labels = case("no bias")
    with pytest.raises(ValueError, match=r"one value an example, and this one has the shape \(\)"):
        rotelab.gradient_norm(network, inputs, labels, nn.functional.cross_entropy)
