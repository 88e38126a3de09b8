"""Networks that part: together they are one, apart they differ, and by Eq. (1) one memorizes."""

import pytest
import torch

from rotelab.exact import branches
from rotelab.exact.branches import Task, Way
from rotelab.measures.connectivity import barrier
from rotelab.randomness import stream

pytestmark = pytest.mark.slow
PLAIN = Way(0, 6, 3e-3, 20)


@pytest.fixture(scope="module")
def task() -> Task:
    return branches.task(0, None, None, 80, 200)


def generators(last: int = 2) -> list[torch.Generator]:
    return [stream("branches", number) for number in (0, 1, last)]


def accuracy(network: torch.nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    return float((network(images).argmax(dim=1) == labels).float().mean())


def test_halves_are_of_the_same_classes_and_of_other_images(task: Task) -> None:
    assert torch.equal(task.labels, task.other_labels)
    assert task.train.shape == task.other.shape == (80, 1, 8, 8) and len(task.held_out) == 200
    nearest = torch.cdist(task.train.flatten(1), torch.cat([task.other, task.held_out]).flatten(1)).min()
    assert nearest > 0.1


def test_in_one_order_they_are_one_to_the_end(task: Task) -> None:
    start = branches.started("mlp1", 8, task, 0)
    (same,) = branches.parted(start, task, PLAIN, [0], generators(1)).values()
    assert barrier(*same, task.train, task.labels, 5) == (0, 0)
    assert all(torch.equal(one, other) for one, other in zip(same[0].parameters(), same[1].parameters(), strict=True))


def test_at_the_last_epoch_they_have_not_parted(task: Task) -> None:
    found = branches.parted(branches.started("mlp1", 8, task, 0), task, PLAIN, [0, 6], generators())
    early, late = ([torch.cat([p.flatten() for p in net.parameters()]) for net in found[at]] for at in (0, 6))
    assert torch.equal(*late) and not torch.equal(*early)


def test_a_start_is_its_seeds_and_leaves_the_global_state_alone(task: Task) -> None:
    before = torch.get_rng_state()
    one, same, other = (branches.started("mlp2", 8, task, seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(next(one.parameters()), next(same.parameters()))
    assert not torch.equal(next(one.parameters()), next(other.parameters()))


def test_one_memorizes_where_the_other_generalizes(task: Task) -> None:
    start = branches.started("mlp1", 32, task, 0)
    ends = {}
    for name, way in (("plain", Way(0, 30, 3e-3, 20)), ("split", Way(-1, 150, 3e-3, 20))):
        ends[name] = branches.parted(start, task, way, [0], generators())[0][0]
    assert accuracy(ends["plain"], task.train, task.labels) > 0.9
    assert accuracy(ends["split"], task.train, task.labels) > 0.7
    assert accuracy(ends["split"], task.other, task.other_labels) < 0.2
    assert accuracy(ends["plain"], task.other, task.other_labels) > 0.6


@pytest.mark.parametrize(("model", "width"), [("convnet5", 15), ("batch_norm_cnn", 4)])
def test_networks_of_convolutions_learn(model: str, width: int, task: Task) -> None:
    network = branches.started(model, width, task, 0)
    before = accuracy(network, task.train, task.labels)
    branches.train(network, task, 0, 15, 3e-3, 20, stream("order"))
    assert accuracy(network, task.train, task.labels) > before + 0.2
