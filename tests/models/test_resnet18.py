"""torchvision's ResNet18, and batch norm that never learns its statistics."""

from collections.abc import Callable

import pytest
import torch
from networks import gradient
from torch import nn
from torchvision.models import resnet18 as torchvision_resnet18

from rotelab.models.resnet18 import FrozenStatistics, resnet18


def statistics(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.named_buffers()}


def frozen(channels: int) -> FrozenStatistics:
    norm = FrozenStatistics(channels)
    with torch.no_grad():
        norm.weight.copy_(torch.arange(1.0, channels + 1))
        norm.bias.copy_(torch.arange(channels) / 2)
    return norm


def test_computes_what_torchvisions_computes() -> None:
    ours, theirs = resnet18((3, 32, 32), 10).eval(), torchvision_resnet18(num_classes=10).eval()
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
    images = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(ours(images), theirs(images))


def test_is_initialized_as_torchvisions_is() -> None:
    ours, theirs = (make.state_dict().values() for make in (resnet18((3, 32, 32), 10), torchvision_resnet18()))
    for mine, other in list(zip(ours, theirs, strict=True))[:-2]:  # but for the outputs, 10 and 1000
        assert mine.shape == other.shape
        if mine.is_floating_point() and mine.numel() > 1000:
            assert mine.std().item() == pytest.approx(other.std().item(), rel=0.1)


def test_width_multiplies_the_channels() -> None:
    network = resnet18((3, 32, 32), 10, width=0.25)
    channels = [module.out_channels for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert sorted(set(channels)) == [16, 32, 64, 128]
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_has_as_many_parameters_as_torchvisions() -> None:
    network = resnet18((3, 32, 32), 10)
    assert sum(parameter.numel() for parameter in network.parameters()) == 11_181_642


@pytest.mark.parametrize(
    ("shape", "classes", "head_classes", "outputs"),
    [((3, 32, 32), 10, None, 10), ((1, 28, 28), 7, None, 7), ((3, 32, 32), 10, 1000, 1000), ((1, 8, 8), 10, 10, 10)],
)
def test_output(shape: tuple[int, int, int], classes: int, head_classes: int | None, outputs: int) -> None:
    network = resnet18(shape, classes, head_classes=head_classes)
    assert network(torch.zeros(2, *shape)).shape == (2, outputs)


@pytest.mark.parametrize("prepare", [lambda norm: norm, lambda norm: norm.train(), lambda norm: norm.eval()])
def test_frozen_statistics_are_an_affine_map(prepare: Callable[[nn.BatchNorm2d], nn.BatchNorm2d]) -> None:
    norm = prepare(frozen(4))
    images = torch.randn(5, 4, 3, 3) * 7 + 2
    scale = (norm.weight / (1 + norm.eps) ** 0.5).reshape(4, 1, 1)
    torch.testing.assert_close(norm(images), images * scale + norm.bias.reshape(4, 1, 1))


def test_frozen_statistics_learn_their_affine_map() -> None:
    norm = frozen(4).train()
    norm(torch.randn(5, 4, 3, 3)).pow(2).sum().backward()
    assert gradient(norm.weight).abs().min() > 0
    assert gradient(norm.bias).abs().min() > 0


@pytest.mark.parametrize(("batch_norm", "changes"), [("batch", True), ("frozen_init", False)])
def test_only_batch_changes_its_statistics(batch_norm: str, changes: bool) -> None:
    network = resnet18((3, 32, 32), 10, batch_norm=batch_norm)
    before = statistics(network)
    assert len(before) == 3 * 20
    network(torch.randn(2, 3, 32, 32))  # as built, in train mode
    network.eval()
    network(torch.randn(2, 3, 32, 32))
    network.train()
    network(torch.randn(2, 3, 32, 32))
    same = [torch.equal(value, before[name]) for name, value in statistics(network).items()]
    assert not any(same) if changes else all(same)


def test_frozen_network_computes_the_same_in_both_modes() -> None:
    network, images = resnet18((3, 32, 32), 10, batch_norm="frozen_init"), torch.randn(4, 3, 32, 32)
    with torch.no_grad():
        as_built, evaluated = network(images), network.eval()(images)
        assert torch.equal(as_built, evaluated)
        assert torch.equal(network.train()(images), evaluated)


def test_refuses_fewer_outputs_than_classes() -> None:
    with pytest.raises(ValueError, match="head_classes = 5 is less than the 10 classes"):
        resnet18((3, 32, 32), 10, head_classes=5)


def test_refuses_an_unknown_batch_norm() -> None:
    with pytest.raises(ValueError, match="batch_norm = 'none'"):
        resnet18((3, 32, 32), 10, batch_norm="none")
