"""Weights and losses are float32 in every precision; only what is multiplied is shorter."""

from functools import partial
from pathlib import Path

import pytest
import torch
from networks import gradient
from runs import recipe, vector
from torch import nn
from torch.optim import SGD

from rotelab.training.precision import LIGHTNING, allow_tf32
from rotelab.training.run import assemble, fit


class Spied(nn.Module):
    """Notes the types of what goes through a layer, in training and in evaluation."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.types = nn.Linear(16, 2), {True: set(), False: set()}

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        outputs = self.layer(images.flatten(1))
        self.types[self.training].add(outputs.dtype)
        return outputs


@pytest.mark.parametrize("precision", LIGHTNING)
def test_what_is_short(tmp_path: Path, precision: str) -> None:
    network = Spied()
    made = recipe(precision=precision, network=lambda *_: network, max_epochs=1, optimizer=partial(SGD, lr=0.1))
    outcome = fit(made, tmp_path / "curve.csv")
    product = torch.bfloat16 if precision == "bf16" else torch.float32
    assert network.types == {True: {product}, False: {product}}  # what is trained is what is evaluated
    assert {parameter.dtype for parameter in outcome.network.parameters()} == {torch.float32}
    assert {gradient(parameter).dtype for parameter in outcome.network.parameters()} == {torch.float32}
    assert torch.backends.cuda.matmul.allow_tf32 == torch.backends.cudnn.allow_tf32 == (precision == "tf32")


@pytest.mark.parametrize("precision", LIGHTNING)
def test_the_loss_is_not(precision: str) -> None:
    trainer, learner, data = assemble(recipe(precision=precision), (), 1)
    with trainer.precision_plugin.forward_context():
        assert learner.training_step(data.batches(lambda: 0).pair(0), 0).dtype == torch.float32


def test_bf16_is_near_and_not_the_same(tmp_path: Path) -> None:
    short, full = (vector(fit(recipe(precision=name), tmp_path / "curve.csv").network) for name in ("bf16", "fp32"))
    assert not torch.equal(short, full)
    assert torch.allclose(short, full, atol=0.006)  # no weight has moved by more than .012


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_tf32_is_forbidden_where_it_was_not_asked_for(precision: str) -> None:
    allow_tf32("tf32")
    allow_tf32(precision)
    assert not torch.backends.cuda.matmul.allow_tf32 and not torch.backends.cudnn.allow_tf32
