"""Theorem 1's network: by hand for up to three points, exact to rounding for 2,000."""

import pytest
import torch

from rotelab import randomness
from rotelab.exact.expressivity import TwoLayers, represent


def doubles(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def drawn(points: int, dimensions: int, *names: int | str) -> torch.Tensor:
    return torch.rand(points, dimensions, generator=randomness.stream("test", *names), dtype=torch.float64)


def test_the_network_by_hand() -> None:
    network = TwoLayers(doubles(1, 2), doubles(0, 1), doubles(3, -1))
    points = torch.tensor([[1.0, 1.0], [0.5, 0.0], [-1.0, 0.0]])  # <a, x> = 3, 0.5, -1
    assert network(points).tolist() == [3 * 3 - 2, 3 * 0.5, 0]
    assert network(points.reshape(3, 1, 2, 1)).tolist() == network(points).tolist()


def test_one_point() -> None:
    (network, weights, lambda_min, w_max, residual) = represent(drawn(1, 3), doubles(-7), randomness.stream("a"))
    assert weights == 2 * 1 + 3
    assert lambda_min == pytest.approx(1)  # b_1 = z_1 - 1
    assert network.w.tolist() == pytest.approx([-7])
    assert w_max == pytest.approx(7)
    assert residual == pytest.approx(0, abs=1e-14)


def test_three_points_in_one_dimension() -> None:
    """On a line z = s x, of either sign, with a standard deviation of 1: the weights are ratios of differences."""
    x, y = doubles(0, 1, 3), doubles(5, 2, 4)
    network, weights, lambda_min, _, _ = represent(x[:, None], y, randomness.stream("a"))
    z = network.a.detach() * x
    assert float(z.std()) == pytest.approx(1)
    order = z.argsort()
    z, y = z[order], y[order]
    b = [z[0] - 1, (z[0] + z[1]) / 2, (z[1] + z[2]) / 2]
    first = y[0]  # at z_1 only the first unit is on, and it is 1
    second = (y[1] - first * (z[1] - b[0])) / (z[1] - b[1])
    third = (y[2] - first * (z[2] - b[0]) - second * (z[2] - b[1])) / (z[2] - b[2])
    assert network.b.tolist() == pytest.approx([float(number) for number in b])
    assert network.w.tolist() == pytest.approx([float(number) for number in (first, second, third)])
    assert lambda_min == pytest.approx(float(z.diff().min() / 2))
    assert weights == 2 * 3 + 1


@pytest.mark.parametrize("kind", ["integers", "numbers"])
def test_two_thousand_points(kind: str) -> None:
    points, generator = drawn(2000, 64, kind), randomness.stream("labels", kind)
    integers = torch.randint(10, (2000,), generator=generator).double()
    values = integers if kind == "integers" else torch.randn(2000, generator=generator, dtype=torch.float64)
    network, weights, lambda_min, w_max, residual = represent(points, values, randomness.stream("a", kind))
    assert weights == sum(parameter.numel() for parameter in network.parameters()) == 2 * 2000 + 64
    assert {name: len(parameter) for name, parameter in network.named_parameters()} == {"a": 64, "b": 2000, "w": 2000}
    with torch.no_grad():
        anew = float((network(points) - values).abs().max())
        backwards = float((network(points.flip(0)) - values.flip(0)).abs().max())
    assert anew == residual < 1e-3
    assert backwards < 1e-3
    assert 0 < lambda_min < 1e-4
    assert w_max > 1e4
    if kind == "integers":
        assert torch.equal(network(points).round(), values)


def test_more_directions_leave_a_wider_gap() -> None:
    points, values = drawn(500, 20), drawn(500, 1)[:, 0]
    one, many = (represent(points, values, randomness.stream("a"), directions) for directions in (1, 64))
    assert many.lambda_min > one.lambda_min


def test_the_scale_of_the_points_does_not_matter() -> None:
    points, values = drawn(100, 5), drawn(100, 1)[:, 0]
    one, thousand = (represent(factor * points, values, randomness.stream("a")) for factor in (1, 1000))
    assert thousand.lambda_min == pytest.approx(one.lambda_min)
    assert thousand.residual < 1e-9


def test_the_same_generator_gives_the_same_network() -> None:
    points, values = drawn(50, 5), drawn(50, 1)[:, 0]
    one, same, other = (represent(points, values, randomness.stream(name)).network for name in ("a", "a", "b"))
    assert torch.equal(one.w, same.w)
    assert not torch.equal(one.a, other.a)


def test_duplicates_are_refused() -> None:
    points = drawn(10, 4)
    points[7] = points[2]
    with pytest.raises(ValueError, match=r"points 2 and 7 project to the same number.*duplicates"):
        represent(points, drawn(10, 1)[:, 0], randomness.stream("a"))
    with pytest.raises(ValueError, match="duplicates"):
        represent(torch.ones(3, 2, dtype=torch.float64), doubles(1, 2, 3), randomness.stream("a"))


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        represent(drawn(2, 2), doubles(1, float("nan")), randomness.stream("a"))
    with pytest.raises(ValueError, match="not 0 and 16"):
        represent(drawn(0, 2), doubles(), randomness.stream("a"))
    with pytest.raises(ValueError, match="not 2 and 0"):
        represent(drawn(2, 2), doubles(1, 2), randomness.stream("a"), 0)
