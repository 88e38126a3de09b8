"""Steps that are recorded and replayed, on a device that only pretends to: what a CUDA graph may rely on is what this
one checks."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from runs import recipe
from torch import Tensor, nn

from rotelab.errors import RunError
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.objectives import Objective, Schedule, Split, Standard, Target
from rotelab.training.graphs import WARM_UP, Graphs, Outputs
from rotelab.training.recipe import Recipe
from rotelab.training.run import assemble


class Pretended:
    """Calls what it records as often as a GPU would, keeps its outputs where they are, and fills them at a replay."""

    def __init__(self) -> None:
        self.recorded = 0

    def __call__(self, run: Callable[[], Outputs]) -> tuple[Outputs, Callable[[], None]]:
        self.recorded += 1
        for _ in range(WARM_UP + 1):
            outputs = run()
        for output in outputs:
            if output is not None:
                output.fill_(float("nan"))  # a graph computes nothing while it is recorded

        def replay() -> None:
            for place, output in zip(outputs, run(), strict=True):
                if place is not None and output is not None:
                    place.copy_(output)

        return outputs, replay


def state(made: Recipe, device: Pretended | None) -> dict[str, Tensor]:
    """Weights and buffers at the end, by graphs or one operation after another."""
    trainer, learner, data = assemble(made, (), made.max_epochs)
    if device:
        learner.graphs = Graphs(learner.network, device)
    trainer.fit(learner, datamodule=data)
    return learner.network.state_dict()


@pytest.mark.parametrize(
    ("objective", "kinds"),  # of 20 images to learn in batches of 8, and 12 to unlearn: batches of 8 or 4 each
    [(Standard(), 2), (Split(), 4), (Target(1.0, 1.0), 4), (Schedule(Standard(), Split(), epoch=2), 6)],
)
def test_every_sign_and_every_size_of_a_batch_is_a_graph_of_its_own(objective: Objective, kinds: int) -> None:
    made, device = recipe(objective=objective), Pretended()
    plain, graphed = state(made, None), state(made, device)
    assert all(torch.equal(plain[name], graphed[name]) for name in plain)
    assert device.recorded == kinds


@pytest.mark.parametrize(
    "changes",
    [
        {"network": partial(resnet18, width=0.1, batch_norm="batch")},
        {"network": partial(mlp, widths=[8]), "one_pass": True},
        {"precision": "bf16"},
        {"head_decay": 3.0, "lr_decay": 0.5},
    ],
)
def test_it_computes_what_single_operations_do(changes: dict[str, Any]) -> None:
    made = recipe(**changes)
    plain, graphed = state(made, None), state(made, Pretended())
    assert all(torch.equal(plain[name], graphed[name]) for name in plain)


class Unused(nn.Module):
    """A linear map, and a parameter that has no part in it."""

    def __init__(self, image_shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.linear, self.unused = nn.Linear(16, classes), nn.Parameter(torch.ones(3))

    def forward(self, images: Tensor) -> Tensor:
        return self.linear(images.flatten(1))


def test_a_parameter_without_a_gradient_stays_as_it_is() -> None:
    made = recipe(network=Unused)
    plain, graphed = state(made, None), state(made, Pretended())
    assert torch.equal(graphed["unused"], torch.ones(3))
    assert torch.equal(plain["linear.weight"], graphed["linear.weight"])


def test_recording_leaves_the_network_as_it_was() -> None:
    network = nn.BatchNorm1d(2)
    graphs = Graphs(network, Pretended())
    images = torch.tensor([[1.0, 2.0], [3.0, 5.0]])
    first = graphs("train", lambda x: (network(x).detach(),), images)[0]
    assert network.num_batches_tracked == 1
    other = nn.BatchNorm1d(2)
    assert first is not None and torch.equal(first, other(images).detach())
    assert all(torch.equal(*pair) for pair in zip(network.buffers(), other.buffers(), strict=True))


def test_a_machine_without_a_gpu_has_no_graphs() -> None:
    """And says so before it reads the images."""
    with pytest.raises(RunError, match="needs a GPU"):
        assemble(replace(recipe(graph=True), data=lambda device: pytest.fail("images were read")), (), 1)
