"""A part of a network is trained, and nothing else moves."""

from functools import partial
from pathlib import Path

import pytest
import torch
from composing import composed
from runs import recipe, trained
from torch import Tensor, nn
from torch.optim import Adam

from rotelab.config import instantiate, schema
from rotelab.errors import NetworkError, Refusal
from rotelab.models import pruning
from rotelab.models.batch_norm_cnn import batch_norm_cnn
from rotelab.models.freezing import train_only
from rotelab.models.held import FREE, VALUE, layers
from rotelab.models.mlp import mlp


def network() -> nn.Module:
    return batch_norm_cnn((1, 4, 4), 3, width=2)


CONVOLUTIONS = {name for name, layer in layers(network()) if isinstance(layer, nn.Conv2d)}


@pytest.mark.parametrize(
    ("part", "count"), [("all", None), ("batch_norm", 2 * (2 + 4 + 8 + 16)), ("head", 16 * 3 + 3)], ids=str
)
def test_what_is_left_to_train(part: str, count: int | None) -> None:
    made = network()
    train_only(made, part)
    left = sum(parameter.numel() for parameter in made.parameters() if parameter.requires_grad)
    assert left == (count or sum(parameter.numel() for parameter in made.parameters()))


def test_two_weights_of_each_channel_are_as_many_as_batch_norm_has() -> None:
    """Drawn by the global random state, as weights are."""

    def free(seed: int) -> list[Tensor]:
        torch.manual_seed(seed)
        made = network()
        train_only(made, "scattered")
        assert {name for name, weight in made.named_parameters() if weight.requires_grad} == CONVOLUTIONS
        return [layer.get_buffer(FREE) for _, layer in layers(made) if FREE in layer._buffers]

    one, again, other = free(0), free(0), free(1)
    assert [int(mask.sum()) for mask in one] == [2 * 2, 2 * 4, 2 * 8, 2 * 16]
    assert all((mask.flatten(1).sum(1) == 2).all() for mask in one)
    assert all(map(torch.equal, one, again)) and not all(map(torch.equal, one, other))


def test_a_channel_of_one_weight_has_no_second() -> None:
    made = nn.Sequential(nn.Conv2d(1, 3, 1), nn.Flatten(), nn.Linear(3, 2))
    train_only(made, "scattered")
    assert made[0].get_buffer(FREE).all()


def test_what_is_pruned_is_not_trained_in_part_as_well() -> None:
    made = network()
    pruning.prune(made, pruning.nonzero(pruning.weights(made)))
    with pytest.raises(Refusal, match="held already"):
        train_only(made, "scattered")


def test_batch_norm_without_a_scale_or_none_at_all_is_refused() -> None:
    for made in (mlp((1, 4, 4), 3, [8]), nn.Sequential(nn.BatchNorm1d(3, affine=False), nn.Linear(3, 2))):
        with pytest.raises(Refusal, match="no batch norm"):
            train_only(made, "batch_norm")
    with pytest.raises(ValueError, match="part = 'body'"):
        train_only(network(), "body")
    with pytest.raises(Refusal, match="no convolution"):
        train_only(mlp((1, 4, 4), 3, [8]), "scattered")
    built = instantiate.recipe(schema.check(composed("model=mlp_1x64", "optimizer.trained=batch_norm"))).network
    with pytest.raises(NetworkError, match="no batch norm"):
        built((1, 8, 8), 10)


def test_scattered_weights_alone_move(tmp_path: Path) -> None:
    """... from what the start has put there, under weight decay and an optimizer that remembers."""

    def built(shape: tuple[int, int, int], classes: int) -> nn.Module:
        made = batch_norm_cnn(shape, classes, width=2)
        train_only(made, "scattered")
        return made

    made = recipe(network=built, optimizer=partial(Adam, lr=1e-2, weight_decay=0.1), head_decay=5.0)
    torch.manual_seed(made.seed)
    before = built((1, 4, 4), 2)
    after = trained(made, tmp_path).network
    free = {name: layer.get_buffer(FREE) for name, layer in layers(before) if FREE in layer._buffers}
    for name, weight in after.named_parameters():
        moved = weight != before.get_parameter(name)
        assert torch.equal(moved, free.get(name, torch.zeros_like(moved)))


def test_weights_are_held_at_what_the_start_has_put_there() -> None:
    model = schema.check(composed("model=batch_norm_cnn", "optimizer.trained=scattered", "model.softmax=false")).model

    def ones(made: nn.Module) -> None:
        for weight in made.parameters():
            weight.data.fill_(1.0)

    made = instantiate.network(model, ones, "scattered")((1, 8, 8), 2)
    assert all(bool((layer.get_buffer(VALUE) == 1).all()) for _, layer in layers(made) if FREE in layer._buffers)


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
