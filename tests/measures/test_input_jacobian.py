"""The input Jacobian's norm, against torch's own Jacobian."""

import pytest
import torch
from curved import curved

from rotelab.errors import Refusal
from rotelab.measures.input_jacobian import input_jacobian_norm


def test_it_is_the_jacobian_s_norm() -> None:
    of = curved()
    of.network.train()
    norms = [
        torch.autograd.functional.jacobian(lambda x: of.network(x).softmax(-1), image).norm() for image in of.images
    ]
    assert input_jacobian_norm(of.network, of.images) == pytest.approx(torch.stack(norms).mean().item(), rel=1e-9)
    assert of.network.training and not of.images.requires_grad
    assert all(value.grad is None for value in of.network.parameters())


def test_inputs_without_a_slope_are_refused() -> None:
    with pytest.raises(Refusal, match="int64"):
        input_jacobian_norm(curved().network, torch.ones(3, 3, dtype=torch.int64))
