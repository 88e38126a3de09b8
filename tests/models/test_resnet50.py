"""torchvision's ResNet-50."""

import pytest
import torch
from torch import nn
from torchvision.models import resnet50 as torchvision_resnet50

from rotelab.models.resnet50 import resnet50


@pytest.mark.parametrize(("classes", "parameters"), [(1000, 25_557_032), (10, 23_528_522)])
def test_has_as_many_parameters_as_torchvisions(classes: int, parameters: int) -> None:
    with torch.device("meta"):
        network = resnet50((3, 224, 224), classes)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


@pytest.mark.slow
def test_computes_what_torchvisions_computes() -> None:
    ours, theirs = resnet50((3, 32, 32), 10).eval(), torchvision_resnet50(num_classes=10).eval()
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
    images = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(ours(images), theirs(images))


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 8, 8)])
def test_width_multiplies_the_channels(shape: tuple[int, int, int]) -> None:
    network = resnet50(shape, 7, width=0.25)
    channels = [module.out_channels for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert sorted(set(channels)) == [16, 32, 64, 128, 256, 512] and len(channels) == 53
    assert network(torch.zeros(2, *shape)).shape == (2, 7)
