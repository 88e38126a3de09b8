"""Networks of timm for the images of the house."""

import sys

import pytest
import torch

from rotelab.errors import Refusal
from rotelab.models.timm import timm


@pytest.mark.parametrize(
    ("name", "options"), [("test_resnet", None), ("test_vit", {"patch_size": 2}), ("test_resnet", {"drop_rate": 0.5})]
)
def test_takes_images_of_any_size_and_channels(name: str, options: dict | None) -> None:
    network = timm((1, 12, 12), 7, name, options)
    assert all(module.training for module in network.modules())
    assert network(torch.zeros(3, 1, 12, 12)).shape == (3, 7)


def test_random_weights_by_the_seed_alone() -> None:
    made = []
    for _ in range(2):
        torch.manual_seed(0)
        made.append(timm((3, 16, 16), 10, "test_resnet"))
    one, other = (network.state_dict() for network in made)
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert torch.initial_seed() == 0


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("restnet18", None, r"^model.name = 'restnet18' is no network of timm; it has .*resnet18"),
        ("nobody's", None, r"^model.name = \"nobody's\" is no network of timm$"),
        ("test_vit", {"patch_size": 20}, "^model.name = test_vit: timm can't build it .* of 1x12x12: "),
        ("test_resnet", {"depth": 3}, "^model.name = test_resnet: timm can't build it .*'depth'"),
    ],
)
def test_what_it_cannot_build_is_said(name: str, options: dict | None, message: str) -> None:
    with pytest.raises(Refusal, match=message):
        timm((1, 12, 12), 7, name, options)


def test_without_timm_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(Refusal, match=r"^model=timm needs timm: pip install 'rotelab\[timm\]'$"):
        timm((1, 12, 12), 7, "test_resnet")
