"""Addition modulo p: the formula's solution, closed forms against autograd, and grokking itself."""

from itertools import islice

import pytest
import torch
from torch import Generator, Tensor
from torch.nn.functional import one_hot

from rotelab.exact import modular_addition
from rotelab.exact.modular_addition import Pairs, Task, Weights


def generators(count: int, first: int = 0) -> list[Generator]:
    return [Generator().manual_seed(first + seed) for seed in range(count)]


def made(p: int = 5, units: int = 8, seeds: int = 2) -> tuple[Task, Weights]:
    return modular_addition.task(p, 0.6, generators(seeds)), modular_addition.drawn(p, units, generators(seeds, 9))


def test_every_pair_is_learned_or_asked_about_once() -> None:
    of, _ = made()
    assert (of.train.inputs.shape, of.test.inputs.shape) == ((2, 15, 10), (2, 10, 10))
    for seed in range(2):
        inputs = torch.cat([of.train.inputs[seed], of.test.inputs[seed]])
        sums = torch.cat([of.train.sums[seed], of.test.sums[seed]])
        a, b = inputs[:, :5].argmax(dim=1), inputs[:, 5:].argmax(dim=1)
        assert len({*zip(a.tolist(), b.tolist(), strict=True)}) == 25
        assert torch.equal(sums, (a + b) % 5)
    assert not torch.equal(of.train.sums[0], of.train.sums[1]), "each seed has its own"


@pytest.mark.parametrize("fraction", [0.01, 1.0])
def test_an_empty_part_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match="pairs to learn"):
        modular_addition.task(5, fraction, generators(1))


def test_the_solution_by_formula_is_right_untrained_and_is_waves() -> None:
    weights = modular_addition.solution(23, 512)
    of = modular_addition.task(23, 0.5, generators(1))
    assert modular_addition.accuracy(weights, of.test).item() == 1
    assert modular_addition.periodicity(weights).item() == pytest.approx(1, abs=1e-5)
    assert modular_addition.periodicity(modular_addition.drawn(23, 128, generators(1))).item() < 0.4


@pytest.mark.parametrize("p", [6, 7])
def test_the_share_of_a_wave(p: int) -> None:
    """Two waves of powers 9 and 1; of an even p the shortest one is its own mirror image."""
    at, shortest = torch.arange(p), p // 2
    one = 3 * torch.cos(2 * torch.pi * at / p)
    other = torch.cos(2 * torch.pi * shortest * at / p) / (2**0.5 if p % 2 == 0 else 1)
    inner = torch.cat([5 + one + other, one - other])[None, None]
    weights = Weights(inner, torch.zeros(1, p, 1))
    assert modular_addition.periodicity(weights).item() == pytest.approx(0.9, abs=1e-5)


def test_loss_and_norm_by_hand() -> None:
    of, weights = made()
    nothing = Weights(*(torch.zeros_like(part) for part in weights))
    assert modular_addition.loss(nothing, of.train).tolist() == [1, 1]
    ones = Weights(torch.ones(2, 8, 10), torch.ones(2, 5, 8))
    assert modular_addition.norm(ones).tolist() == pytest.approx([120**0.5] * 2)


def test_coherence_is_that_of_the_gradients_of_pairs() -> None:
    of, weights = made(seeds=1)

    def gradient(inputs: Tensor, label: Tensor) -> Tensor:
        parts = [part[0].double().requires_grad_() for part in weights]
        outputs = (inputs.double() @ parts[0].T).square() @ parts[1].T
        loss = (outputs - one_hot(label, 5)).square().sum()
        return torch.cat([found.flatten() for found in torch.autograd.grad(loss, parts)])

    each = torch.stack([gradient(*pair) for pair in zip(of.train.inputs[0], of.train.sums[0], strict=True)])
    expected = each.sum(dim=0).square().sum() / each.square().sum()
    assert modular_addition.coherence(weights, of.train).item() == pytest.approx(expected.item(), rel=1e-9)


def test_coherence_of_one_pair_many_times_is_their_number() -> None:
    of, weights = made()
    same = Pairs(of.train.inputs[:, :1].expand(-1, 7, -1), of.train.sums[:, :1].expand(-1, 7))
    assert modular_addition.coherence(weights, same).tolist() == pytest.approx([7, 7])


def test_seeds_side_by_side_are_what_they_are_alone() -> None:
    of, weights = made()
    *_, both = islice(modular_addition.descent(of.train, weights, 0.01, 1.0), 5)
    for seed in range(2):
        alone = Weights(*(part[seed : seed + 1] for part in weights))
        pairs = Pairs(*(part[seed : seed + 1] for part in of.train))
        *_, found = islice(modular_addition.descent(pairs, alone, 0.01, 1.0), 5)
        for one, other in zip(found, both, strict=True):
            torch.testing.assert_close(one[0], other[seed], rtol=1e-5, atol=1e-6)
    assert not torch.equal(both.inner, weights.inner)


def test_test_accuracy_comes_long_after_the_fit_and_not_without_decay() -> None:
    """p = 23, 60 % of the pairs: recorded by other code, on other draws, are a fit at step 20 with a test accuracy of
    .01, .98 at step 200 with a decay of 1, and .11 at step 350 without."""
    of, weights = modular_addition.task(23, 0.6, generators(2)), modular_addition.drawn(23, 128, generators(2, 9))
    for decay, late in ((1.0, True), (0.0, False)):
        steps = [*islice(modular_addition.descent(of.train, weights, 0.01, decay), 300)]
        assert (modular_addition.accuracy(steps[39], of.train) > 0.99).all()
        assert (modular_addition.accuracy(steps[39], of.test) < 0.2).all()
        assert (modular_addition.accuracy(steps[-1], of.test) > 0.9).all() == late
