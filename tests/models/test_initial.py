"""How weights are drawn: moments, the last layer, and runs that keep their names without it."""

from functools import partial
from typing import Any

import pytest
import torch
from composing import composed
from networks import part
from torch import nn

from rotelab.config import choices, identity, schema
from rotelab.config.instantiate import recipe
from rotelab.errors import InputError, NetworkError, Refusal
from rotelab.models.convnet5 import convnet5
from rotelab.models.inception_v3 import inception_v3
from rotelab.models.initial import he, head, scale_head
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.models.resnet50 import resnet50
from rotelab.models.small_alexnet import small_alexnet
from rotelab.models.small_inception import small_inception

SHAPE = (3, 16, 16)
NETWORKS = {
    "convnet5": partial(convnet5, width=0.5),
    "mlp": partial(mlp, widths=[64]),
    "resnet18": partial(resnet18, width=0.1),
    "resnet50": partial(resnet50, width=0.1),
    "inception_v3": lambda shape, classes: inception_v3((shape[0], 75, 75), classes, width=0.1),
    "small_alexnet": partial(small_alexnet, width=0.5),
    "small_inception": partial(small_inception, width=0.2),
}


def network(*options: str, seed: int = 0, shape: tuple[int, ...] = SHAPE) -> nn.Module:
    made = recipe(schema.check(composed("data.side=16", *options)))
    torch.manual_seed(seed)
    return made.network(shape, 10)


@pytest.mark.parametrize("model", NETWORKS)
def test_he_has_the_variance_of_its_source(model: str) -> None:
    torch.manual_seed(0)
    made: nn.Module = NETWORKS[model](SHAPE, 10)
    he(made)
    looked = 0
    for layer in made.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d) and layer.weight.numel() > 2000:
            fan_in = layer.weight[0].numel()
            assert layer.weight.var().item() == pytest.approx(2 / fan_in, rel=0.15)
            looked += 1
        if isinstance(layer, nn.Linear | nn.Conv2d) and layer.bias is not None:
            assert not layer.bias.any()
    assert looked >= 1


@pytest.mark.parametrize("model", NETWORKS)
def test_the_last_layer_has_an_output_a_class(model: str) -> None:
    made: nn.Module = NETWORKS[model](SHAPE, 7)
    found = head(made)
    own = dict(made.named_parameters())
    assert [name.rpartition(".")[2] for name in found] == ["weight", "bias"]
    assert all(own[name] is parameter and len(parameter) == 7 for name, parameter in found.items())


def test_the_last_layer_alone_is_scaled() -> None:
    plain, scaled = network("model=convnet5_quarter"), network("model=convnet5_quarter", "model.head_scale=0.25")
    last = head(plain)
    for (name, ours), other in zip(plain.named_parameters(), scaled.parameters(), strict=True):
        assert torch.equal(other, 0.25 * ours if name in last else ours)
    assert len(last) == 2


def test_a_network_that_is_one_layer() -> None:
    layer = nn.Linear(3, 2)
    before = layer.weight.detach().clone()
    scale_head(layer, 3.0)
    assert torch.equal(layer.weight, 3 * before) and list(head(layer)) == ["weight", "bias"]


def test_a_network_without_such_a_layer_is_refused() -> None:
    with pytest.raises(Refusal, match="no linear or convolutional layer"):
        head(nn.Sequential(nn.Flatten(), nn.Softmax(1)))
    scale_head(nn.Flatten(), 1.0)  # nothing is asked of it
    config = schema.check(composed("model=custom", "model.target=own_classes.flat", "model.head_scale=2"))
    with pytest.raises(NetworkError, match="no linear or convolutional layer"):
        recipe(config).network((1, 8, 8), 10)


def test_the_seed_draws_he_and_another_run_is_begun_with_as_it_was() -> None:
    options = ("model=mlp", "model.widths=[8]", "model.init=he")
    first, again, other = (network(*options, seed=seed) for seed in (0, 0, 1))
    weights = [part(made, "0.1", nn.Linear).weight for made in (first, again, other)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])
    assert not torch.equal(weights[0], part(network(*options[:2]), "0.1", nn.Linear).weight)


@pytest.mark.parametrize(
    ("usual", "other"),
    [
        ("model.init=default", "model.init=he"),
        ("model.head_scale=1", "model.head_scale=0.01"),
        ("optimizer.betas=[0.9,0.999]", "optimizer.betas=[0.9,0.95]"),
        ("optimizer.head_decay=0", "optimizer.head_decay=5"),
        ("optimizer.trained=all", "optimizer.trained=head"),
        ("data.whiten=null", "data.whiten=0.01"),
    ],
)
def test_runs_keep_their_names_under_the_usual_values(usual: str, other: str) -> None:
    def without(config: dict[str, Any]) -> dict[str, Any]:
        group, option = usual.partition("=")[0].split(".")
        return config | {group: {key: value for key, value in config[group].items() if key != option}}

    plain, same, changed = (schema.check(composed(*given)).values for given in ((), (usual,), (other,)))
    assert identity.digest(plain) == identity.digest(same) == identity.digest(without(plain))
    assert identity.digest(changed) != identity.digest(plain)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("model.init=xavier", "model.init = xavier is not one of default, he"),
        ("model.head_scale=-1", "model.head_scale = -1.0 is not in"),
        ("optimizer.betas=[0.9]", "optimizer.betas = .* is not two numbers in"),
        ("optimizer.betas=[0.9,1]", "optimizer.betas = .* is not two numbers in"),
        ("optimizer.head_decay=-1", "optimizer.head_decay = -1.0 is not in"),
        ("optimizer.trained=body", "optimizer.trained = body is not one of all, batch_norm, scattered, head"),
        ("data.whiten=0", "data.whiten = 0.0 is not greater than 0"),
    ],
)
def test_values_out_of_range_are_named(option: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        schema.check(composed(option))


@pytest.mark.parametrize("model", [name for name in choices.of("model") if name not in ("custom", "timm")])
def test_every_network_of_the_house_takes_them(model: str) -> None:
    width = composed(f"model={model}").model.get("width")  # a factor, or channels
    narrow = [] if width is None else [f"model.width={2 if isinstance(width, int) else 0.1}"]
    shape = (3, 75, 75) if model == "inception_v3" else SHAPE  # its least
    made = network(f"model={model}", "model.init=he", *narrow, shape=shape)
    assert all(torch.isfinite(parameter).all() for parameter in made.parameters())
