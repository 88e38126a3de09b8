"""A part of a network is trained, and nothing else moves."""

from functools import partial
from pathlib import Path

import pytest
import torch
from composing import composed
from runs import recipe, trained
from torch import nn
from torch.optim import Adam

from rotelab.config import instantiate, schema
from rotelab.errors import NetworkError, Refusal
from rotelab.models.batch_norm_cnn import batch_norm_cnn
from rotelab.models.freezing import train_only
from rotelab.models.mlp import mlp


def network() -> nn.Module:
    return batch_norm_cnn((1, 4, 4), 3, width=2)


@pytest.mark.parametrize(
    ("part", "count"), [("all", None), ("batch_norm", 2 * (2 + 4 + 8 + 16)), ("head", 16 * 3 + 3)], ids=str
)
def test_what_is_left_to_train(part: str, count: int | None) -> None:
    made = network()
    train_only(made, part)
    left = sum(parameter.numel() for parameter in made.parameters() if parameter.requires_grad)
    assert left == (count or sum(parameter.numel() for parameter in made.parameters()))


def test_batch_norm_without_a_scale_or_none_at_all_is_refused() -> None:
    for made in (mlp((1, 4, 4), 3, [8]), nn.Sequential(nn.BatchNorm1d(3, affine=False), nn.Linear(3, 2))):
        with pytest.raises(Refusal, match="no batch norm"):
            train_only(made, "batch_norm")
    with pytest.raises(ValueError, match="part = 'body'"):
        train_only(network(), "body")
    built = instantiate.recipe(schema.check(composed("model=mlp_1x64", "optimizer.trained=batch_norm"))).network
    with pytest.raises(NetworkError, match="no batch norm"):
        built((1, 8, 8), 10)


@pytest.mark.parametrize("part", ["batch_norm", "head"])
def test_nothing_else_moves_under_weight_decay_or_decay_of_the_last_layer(tmp_path: Path, part: str) -> None:
    """What is trained does; running statistics of batch norm as well."""

    def built(shape: tuple[int, int, int], classes: int) -> nn.Module:
        made = batch_norm_cnn(shape, classes, width=2)
        train_only(made, part)
        return made

    made = recipe(network=built, optimizer=partial(Adam, lr=1e-2, weight_decay=0.1), head_decay=5.0)
    torch.manual_seed(made.seed)
    before = built((1, 4, 4), 2).state_dict()
    after = trained(made, tmp_path).network
    moved = {name for name, value in after.state_dict().items() if not torch.equal(value, before[name])}
    wanted = {name for name, parameter in after.named_parameters() if parameter.requires_grad}
    assert wanted <= moved
    assert moved - wanted == {name for name in before if "running" in name or "tracked" in name}
