"""The Fisher-Rao norm, against the gradient of every image and the closed form without biases."""

import pytest
import torch
from curved import curved
from torch.nn.functional import one_hot

from rotelab.measures.fisher_rao import fisher_rao_norm


def test_it_is_the_length_in_the_fisher_metric() -> None:
    of = curved()
    slopes = torch.autograd.functional.jacobian(of.losses, of.weights)
    metric = slopes.T @ slopes / len(of.images)
    expected = (of.weights @ metric @ of.weights).sqrt().item()
    assert fisher_rao_norm(of.folded, of.images, of.labels) == pytest.approx(expected, rel=1e-9)


def test_without_biases_it_is_one_of_the_outputs() -> None:
    of = curved(bias=False)
    outputs = of.network(of.images).detach()
    along = (outputs * (outputs.softmax(1) - one_hot(of.labels, 3))).sum(1)
    expected = 2 * along.square().mean().sqrt().item()
    assert fisher_rao_norm(of.folded, of.images, of.labels) == pytest.approx(expected, rel=1e-9)
