"""The Hessian by products, against the whole matrix."""

import pytest
import torch
from curved import Curved, curved

from rotelab.measures.hessian import Vector, product, top_eigenvalue, trace


def flat(of: Vector) -> torch.Tensor:
    return torch.cat([part.flatten() for part in of])


def matrix(of: Curved) -> torch.Tensor:
    return torch.autograd.functional.hessian(of.loss, of.weights)


def test_a_product_is_that_with_the_matrix() -> None:
    of = curved()
    like = [*of.folded.parameters().values()]
    vector = [torch.randn_like(part) for part in like]
    found = flat(product(of.folded, of.images, of.labels)(vector))
    torch.testing.assert_close(found, matrix(of) @ flat(vector))


def test_the_top_eigenvalue_is_the_matrix_s() -> None:
    of = curved()
    values = torch.linalg.eigvalsh(matrix(of))
    top = values[values.abs().argmax()].item()
    times, like = product(of.folded, of.images, of.labels), [*of.folded.parameters().values()]
    assert top_eigenvalue(times, like, steps=60) == pytest.approx(top, rel=1e-6)
    assert top_eigenvalue(times, like) == pytest.approx(top, rel=0.05)


def test_a_negative_eigenvalue_of_the_greatest_size_keeps_its_sign() -> None:
    values = torch.tensor([1.0, -3.0, 2.0])
    assert top_eigenvalue(lambda v: [values * v[0]], [values], steps=40) == pytest.approx(-3.0)
    assert top_eigenvalue(lambda v: [0 * v[0]], [values]) == 0.0


def test_the_trace_is_the_matrix_s() -> None:
    of = curved()
    whole = matrix(of)
    times, like = product(of.folded, of.images, of.labels), [*of.folded.parameters().values()]
    off = whole - whole.diag().diag()
    deviation = (2 * off.square().sum() / 100).sqrt().item()  # of the mean over so many draws of signs
    assert trace(times, like, draws=100) == pytest.approx(whole.trace().item(), abs=4 * deviation)
    diagonal = torch.tensor([1.0, -3.0, 2.5])
    assert trace(lambda v: [diagonal * v[0]], [diagonal], draws=1) == pytest.approx(0.5)
