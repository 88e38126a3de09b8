"""Spectral norms of convolutions: the matrix's and the operator's, against the matrix of the whole map, written out."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad

from rotelab.errors import Refusal
from rotelab.measures.folding import fold
from rotelab.measures.weight_norms import group_norm, operator, schatten, spectral, spectral_norms
from rotelab.randomness import stream


def kernel(*shape: int) -> Tensor:
    return torch.randn(shape, generator=stream("kernel", *shape), dtype=torch.float64)


def written_out(weight: Tensor, sides: tuple[int, int], stride: int = 1) -> Tensor:
    """The matrix of a convolution with circular padding: what each image with a single 1 becomes."""
    inputs = weight.shape[1] * sides[0] * sides[1]
    images = torch.eye(inputs, dtype=torch.float64).view(inputs, weight.shape[1], *sides)
    high, wide = weight.shape[2:]
    return conv2d(pad(images, (0, wide - 1, 0, high - 1), mode="circular"), weight, stride=stride).flatten(1)


@pytest.mark.parametrize("shape", [(3, 2, 3, 3), (2, 3, 3, 3), (2, 2, 1, 1), (3, 2, 5, 3)])
@pytest.mark.parametrize(("sides", "stride"), [((5, 6), 1), ((6, 6), 2), ((6, 9), 3)])
def test_the_operator_against_its_matrix(shape: tuple[int, ...], sides: tuple[int, int], stride: int) -> None:
    weight = kernel(*shape)
    expected = torch.linalg.svdvals(written_out(weight, sides, stride))[0]
    assert operator(weight, sides, (stride, stride)) == pytest.approx(float(expected), rel=1e-12)


def test_operators_by_hand() -> None:
    """Of ``1.5 x``, of the sum of neighbours and of their difference: ``|1 - exp(i t)|`` is at most 2, and with an odd
    number n of places at most ``2 cos(pi / 2 n)``."""
    sum_ = torch.ones(1, 1, 1, 2, dtype=torch.float64)
    difference = torch.tensor([[[[1.0, -1.0]]]], dtype=torch.float64)
    assert operator(1.5 * torch.ones(1, 1, 1, 1), (4, 4)) == pytest.approx(1.5)
    assert operator(sum_, (3, 5)) == pytest.approx(2)
    assert operator(difference, (1, 4)) == pytest.approx(2)
    assert operator(difference, (1, 5)) == pytest.approx(2 * torch.cos(torch.tensor(torch.pi / 10)).item())


def test_a_kernel_larger_than_the_images_winds_around_them() -> None:
    weight = kernel(2, 2, 3, 3)
    assert operator(weight, (1, 1)) == pytest.approx(spectral(weight.sum((2, 3))))


def test_the_matrix_is_below_the_operator_and_that_below_k_times_it() -> None:
    weight = kernel(4, 3, 3, 3)
    assert spectral(weight) <= operator(weight, (8, 8)) <= 3 * spectral(weight)
    assert spectral(weight) == pytest.approx(float(torch.linalg.matrix_norm(weight.flatten(1), 2)))


def test_a_stride_that_does_not_divide_the_sides_rounds_them_up() -> None:
    weight = kernel(2, 2, 3, 3)
    assert operator(weight, (7, 5), (2, 2)) == operator(weight, (8, 6), (2, 2))


def test_norms_by_hand() -> None:
    weight = torch.tensor([[3.0, -4.0], [0.0, 5.0]], dtype=torch.float64)
    assert group_norm(weight, 1, torch.inf) == 7
    assert group_norm(weight, 2, 1) == 10
    assert group_norm(weight, 2, 2) == pytest.approx(50**0.5)
    assert schatten(torch.diag(torch.tensor([3.0, 4.0])), 1) == pytest.approx(7)
    assert schatten(weight, 2) == pytest.approx(50**0.5)


def test_a_number_that_is_none_stays_one() -> None:
    assert torch.isnan(torch.tensor(spectral(torch.full((2, 2), torch.nan, dtype=torch.float64))))


def test_the_operator_of_a_dilated_convolution_is_refused_and_its_matrix_is_not() -> None:
    folded = fold(nn.Sequential(nn.Conv2d(2, 2, 3, dilation=2)), torch.ones(1, 2, 7, 7))
    assert len(spectral_norms(folded, folded.weights, as_operator=False)) == 1
    with pytest.raises(Refusal, match="has a dilation"):
        spectral_norms(folded, folded.weights, as_operator=True)
