"""Kernels of infinite width against neural-tangents' values, wide networks, and what is known of their eigenvalues."""

import numpy
import pytest
import torch

from rotelab.errors import InputError
from rotelab.exact import infinite_width
from rotelab.exact.wide_network import WideNetwork, descended
from rotelab.measures.tangent_kernel import tangent_kernel

GENERATOR = numpy.random.default_rng(606)
POINTS = GENERATOR.standard_normal((8, 6))
POINTS[7] = 2 * POINTS[0]  # on one ray: without biases the kernel is singular
TARGETS = GENERATOR.standard_normal(8)
QUERIES = GENERATOR.standard_normal((4, 6))
HE, BIASED = (2.0, 0.0), (2.25, 0.01)
KNOWN = {  # hidden, variances -> T(0, 0 to 2), S(1, 2), T's greatest eigenvalue, predictions with a ridge of 0.01
    (1, HE): (
        [3.242900462449332, 0.4985843900505685, 0.9466504791909609, 0.9486507692124084, 18.086011913946273],
        [-0.8048636090952783, 0.5739346944656347, -0.919601086042054, -0.6924339515208153],
    ),
    (1, BIASED): (
        [4.136795897787436, 0.6553706042689271, 1.2243218073708064, 1.2203711501009686, 22.97019458268231],
        [-0.9036863653431091, 0.6834017850084244, -0.9568880859736404, -0.8148776009758949],
    ),
    (2, HE): (
        [4.864350693673998, 1.180057515171593, 1.7157953117905551, 1.2979568633278946, 28.05805262246281],
        [-0.778839094402457, 0.43843957389862, -0.8190883772191881, -0.5523835306276368],
    ),
    (2, BIASED): (
        [6.9964680775162975, 1.7279402905035286, 2.494597853448196, 1.87910339746713, 40.09245433601951],
        [-0.8262916470265456, 0.5144204245067083, -0.8382171861452585, -0.609676555682813],
    ),
}


@pytest.mark.parametrize(("hidden", "variances"), KNOWN)
def test_kernels_and_predictions_are_those_of_neural_tangents(hidden: int, variances: tuple[float, float]) -> None:
    numbers, predictions = KNOWN[hidden, variances]
    gram = infinite_width.kernels(POINTS, POINTS, hidden, *variances)
    cross = infinite_width.kernels(QUERIES, POINTS, hidden, *variances)
    found = [*gram.tangent[0, :3], gram.nngp[1, 2], numpy.linalg.eigvalsh(gram.tangent)[-1]]
    assert found == pytest.approx(numbers, abs=1e-6)
    assert infinite_width.regression(gram.tangent, cross.tangent, TARGETS, 0.01) == pytest.approx(predictions, abs=1e-6)


def test_without_a_ridge_and_of_bayes() -> None:
    gram = infinite_width.kernels(POINTS, POINTS, 2, *BIASED)
    cross = infinite_width.kernels(QUERIES, POINTS, 2, *BIASED)
    ridgeless = [-0.8319066073494676, 0.5211342306692508, -0.842583560512626, -0.6153384309296301]
    bayes = [-1.2666799999869056, 0.7885358910898503, -0.930010631399, -1.0139498815752859]
    assert infinite_width.regression(gram.tangent, cross.tangent, TARGETS) == pytest.approx(ridgeless, abs=1e-6)
    assert infinite_width.regression(gram.nngp, cross.nngp, TARGETS) == pytest.approx(bayes, abs=1e-6)
    late = infinite_width.descended(gram.tangent, cross.tangent, TARGETS, 0.3, 100_000)
    assert late == pytest.approx(ridgeless, abs=1e-6)


def test_descent_is_its_steps_one_by_one_on_singular_kernels_too() -> None:
    gram = infinite_width.kernels(POINTS, POINTS, 1).tangent
    function = numpy.zeros(8)
    for _ in range(50):
        function -= 0.3 * gram @ (function - TARGETS) / 8
    assert infinite_width.descended(gram, gram, TARGETS, 0.3, 50) == pytest.approx(function, abs=1e-9)


@pytest.mark.slow
def test_a_wide_network_is_trained_to_the_closed_form() -> None:
    """Within 2 %, the mean of a few; the closed form of another depth is further off."""
    limits = []
    for hidden in (1, 2):
        gram, cross = (infinite_width.kernels(of, POINTS, hidden).tangent for of in (POINTS, QUERIES))
        limits.append(infinite_width.descended(gram, cross, TARGETS, 0.3, 20))
    points, targets, queries = map(torch.tensor, (POINTS, TARGETS, QUERIES))
    mean = numpy.zeros(4)
    for seed in range(6):
        network = WideNetwork(6, 20_000, 1, torch.Generator().manual_seed(seed))
        mean += descended(network, points, targets, queries, 0.3, 20).numpy() / 6
    near, far = (numpy.linalg.norm(mean - limit) / numpy.linalg.norm(limit) for limit in limits)
    assert near < 0.02 < 0.1 < far


def test_the_kernel_of_two_hidden_layers_is_the_mean_of_networks() -> None:
    gram, points = infinite_width.kernels(POINTS, POINTS, 2).tangent, torch.tensor(POINTS)
    networks = (WideNetwork(6, 256, 2, torch.Generator().manual_seed(seed)) for seed in range(20))
    mean = sum(tangent_kernel(network, points).numpy() / 20 for network in networks)
    assert numpy.linalg.norm(mean - gram) < 0.05 * numpy.linalg.norm(gram)


def test_eigenvalues_on_a_circle_are_those_of_its_gram_matrix() -> None:
    points = infinite_width.circle(64, 1.0)
    gram = infinite_width.kernels(points, points, 2).tangent
    wave = numpy.cos(2 * numpy.pi * 3 * numpy.arange(64) / 64)
    assert gram @ wave / 64 == pytest.approx(infinite_width.harmonics(2, 1.0, 64)[3] * wave, abs=1e-12)


def test_what_can_not_be_used_is_said() -> None:
    gram = infinite_width.kernels(POINTS, POINTS, 1).tangent
    with pytest.raises(InputError, match="singular"):
        infinite_width.regression(gram, gram, TARGETS)
    with pytest.raises(InputError, match="0 hidden layers"):
        infinite_width.kernels(POINTS, POINTS, 0)
