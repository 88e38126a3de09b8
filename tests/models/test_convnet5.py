"""The paper's small network."""

import pytest
import torch
from torch import nn

from rotelab.models.convnet5 import convnet5


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_has_as_many_parameters_as_the_papers() -> None:
    assert parameters(convnet5((3, 32, 32), 10)) == 905_930


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 16, 16), (3, 28, 20), (1, 4, 4), (2, 7, 9)])
@pytest.mark.parametrize("classes", [2, 10])
def test_output(shape: tuple[int, int, int], classes: int) -> None:
    assert convnet5(shape, classes, width=0.1)(torch.zeros(3, *shape)).shape == (3, classes)


@pytest.mark.parametrize(
    ("width", "channels"),
    [(1.0, [60, 80, 160, 320]), (0.5, [30, 40, 80, 160]), (2.0, [120, 160, 320, 640]), (1e-3, [1] * 4)],
)
def test_width_multiplies_channels(width: float, channels: list[int]) -> None:
    layers = [layer for layer in convnet5((3, 8, 8), 10, width) if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in layers] == channels


@pytest.mark.parametrize("shape", [(3, 3, 8), (3, 8, 3), (1, 1, 1)])
def test_images_that_are_too_small(shape: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=f"images of {shape[1]}x{shape[2]} are too small"):
        convnet5(shape, 10)
