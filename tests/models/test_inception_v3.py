"""torchvision's InceptionV3, without the auxiliary head."""

import pytest
import torch
from torch import nn
from torchvision.models import Inception3

from rotelab.errors import Refusal
from rotelab.models.inception_v3 import inception_v3


@pytest.mark.parametrize(("classes", "parameters"), [(1000, 23_834_568), (10, 21_806_058)])
def test_has_as_many_parameters_as_torchvisions(classes: int, parameters: int) -> None:
    with torch.device("meta"):
        network = inception_v3((3, 299, 299), classes)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


@pytest.mark.slow
def test_computes_what_torchvisions_computes() -> None:
    ours, theirs = inception_v3((3, 80, 80), 10).eval(), Inception3(10, aux_logits=False, init_weights=False).eval()
    theirs.load_state_dict(ours.state_dict())
    images = torch.rand(2, 3, 80, 80)
    torch.testing.assert_close(ours(images), theirs(images))


@pytest.mark.parametrize(("shape", "width", "first"), [((3, 75, 80), 0.25, 8), ((1, 75, 75), 0.05, 2)])
def test_width_multiplies_the_channels_by_sixteenths(shape: tuple[int, int, int], width: float, first: int) -> None:
    network = inception_v3(shape, 7, width=width)
    channels = [module.out_channels for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert channels[0] == first and len(channels) == 94 and max(channels) == 14 * first
    assert network(torch.zeros(2, *shape)).shape == (2, 7)


def test_weights_are_drawn_as_torchvisions() -> None:
    torch.manual_seed(0)
    weights = torch.cat(
        [weight.flatten() for weight in inception_v3((3, 75, 75), 10, 0.25).parameters() if weight.ndim > 1]
    )
    assert weights.std().item() == pytest.approx(0.1, rel=0.01) and weights.abs().max() <= 2


def test_dropout_is_that_of_the_last_inputs() -> None:
    kinds = [
        [module.p for module in inception_v3((3, 75, 75), 2, 0.05, p).modules() if isinstance(module, nn.Dropout)]
        for p in (0.0, 0.5)
    ]
    assert kinds == [[], [0.5]]


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((3, 74, 99), {}, "images of 74x99 are too small, 75x75 is the least"),
        ((3, 75, 75), {"dropout": 1.0}, "dropout = 1.0"),
    ],
)
def test_refused(shape: tuple[int, int, int], options: dict[str, float], message: str) -> None:
    with pytest.raises(Refusal, match=message):
        inception_v3(shape, 2, **options)
