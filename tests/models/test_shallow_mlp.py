"""A hidden layer, by its width."""

import pytest
import torch

from rotelab.models.shallow_mlp import shallow_mlp


@pytest.mark.parametrize(("width", "parameters"), [(3, 235), (4, 310), (10, 760), (14, 1_060)])
def test_parameters_and_output(width: int, parameters: int) -> None:
    network = shallow_mlp((1, 8, 8), 10, width)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters
    assert network(torch.zeros(3, 1, 8, 8)).shape == (3, 10)
