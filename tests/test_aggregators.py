"""How gradients become a step, against closed forms, plain Python and plain training."""

import statistics
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from composing import composed
from networks import gradient
from runs import recipe, weights
from torch import Tensor, nn
from torch.optim import SGD
from toy import Toy, batch, derivative

from rotelab.aggregators import Aggregator, Mean, Median, Rolling, mean, median, rolling_mean, rolling_median
from rotelab.config import schema
from rotelab.config.instantiate import recipe as recipe_of
from rotelab.errors import InputError
from rotelab.objectives import Objective, Split, Standard
from rotelab.randomness import stream
from rotelab.training.learner import Learner
from rotelab.training.recipe import Recipe

TRAIN = [(0.5, 0), (-1.0, 1), (2.0, 0)]
PSEUDO_TEST = [(1.5, 1), (0.3, 0), (-0.4, 0)]
TARGETS = [1.0, 2.0, 6.0, 1.0, 0.0, 0.0, -3.0, 8.0, 2.5]
MEDIANS = [partial(Median, groups=3), partial(rolling_median, steps=3), partial(rolling_mean, steps=3)]


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=stream("tests", *shape))


def pull(weight: Tensor, target: float) -> Tensor:
    """A loss whose derivative is the weight less the target."""
    return 0.5 * (weight - target).square().sum()


def path(
    aggregator: Aggregator, targets: Sequence[float], start: float = 0.0, loss: Callable[..., Tensor] = pull
) -> list[float]:
    """The weight after each step of 0.5 along what the aggregator makes of a loss a target."""
    weight, found = nn.Parameter(torch.tensor([start], dtype=torch.float64)), []
    optimizer = SGD([weight], lr=0.5)
    for target in targets:
        optimizer.zero_grad()
        aggregator.backward([loss(weight, target)], [weight])
        optimizer.step()
        found.append(weight.item())
    return found


def path_by_hand(
    statistic: Callable[..., float], steps: int, decay: float, targets: Sequence[float], start: float
) -> list[float]:
    weight, found, last = start, [], deque(maxlen=steps)
    for target in targets:
        last.append(weight - target + decay * weight)
        if len(last) == steps:
            weight -= 0.5 * statistic(last)
        found.append(weight)
    return found


def left_by(aggregator: Aggregator, losses: Callable[[Tensor], list[Tensor]], start: float = 0.0) -> float:
    weight = nn.Parameter(torch.tensor([start], dtype=torch.float64))
    aggregator.backward(losses(weight), [weight])
    return gradient(weight).item()


def pulls(*targets: float) -> Callable[[Tensor], list[Tensor]]:
    return lambda weight: [pull(weight, target) for target in targets]


def learner(aggregator: Aggregator, objective: Objective) -> Learner:
    made = Learner(Toy(0.7), objective, partial(SGD, lr=0.1), classes=2, aggregator=aggregator)
    made.metrics["accuracy/pseudo_test"] = 0.5
    made.on_train_epoch_start()
    return made


def step(made: Learner, train: Sequence[tuple[float, int]], pseudo_test: Sequence[tuple[float, int]]) -> float:
    """The gradient that is left for the optimizer."""
    weight = made.network.get_parameter("w")
    weight.grad = None
    made.backward(made.training_step((batch(*train), batch(*pseudo_test)), 0))
    return gradient(weight).item()


def descent(lr: float = 0.1, **changes: Any) -> Recipe:
    """No momentum, and nothing that makes a small difference large."""
    return recipe(optimizer=partial(SGD, lr=lr), **changes)


def test_median_is_the_one_in_the_middle() -> None:
    columns = torch.tensor([[1.0, -1.0, 7.0, 2.0], [5.0, 0.0, 7.0, 2.0], [3.0, 9.0, -7.0, 2.0]])
    assert median(columns).tolist() == [3.0, 0.0, 7.0, 2.0]


def test_median_of_an_even_number_is_the_mean_of_the_middle_two() -> None:
    assert median(torch.tensor([[4.0], [-100.0], [1.0], [6.0]])).item() == 2.5
    assert median(torch.tensor([[4.0], [1.0]])).item() == 2.5


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8])
def test_median_is_that_of_every_component(count: int) -> None:
    gradients = drawn(count, 50).round(decimals=1)  # some are equal
    expected = [statistics.median(column) for column in gradients.T.double().tolist()]
    torch.testing.assert_close(median(gradients), torch.tensor(expected), rtol=1e-6, atol=0)


def test_three_without_sorting_are_three_with() -> None:
    gradients = torch.cat([drawn(3, 1000), drawn(3, 1000).sign()], dim=1)
    assert torch.equal(median(gradients), gradients.sort(dim=0).values[1])


@pytest.mark.parametrize("outlier", [1e6, -1e6, 1e30, float("inf"), -float("inf")])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_median_ignores_one_that_is_far_away(outlier: float, position: int) -> None:
    gradients = torch.ones(3, 4)
    gradients[position] = outlier
    assert torch.equal(median(gradients), torch.ones(4))


@pytest.mark.parametrize("statistic", [mean, median])
@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_the_order_of_the_gradients_does_not_matter(statistic: Callable[[Tensor], Tensor], count: int) -> None:
    gradients = drawn(count, 20)
    order = torch.randperm(count, generator=stream("tests", "order", count))
    torch.testing.assert_close(statistic(gradients[order]), statistic(gradients))


@pytest.mark.parametrize(("aggregator", "expected"), [(Mean(3), -3.0), (Median(3), -2.0)])
def test_groups_become_one_gradient(aggregator: Aggregator, expected: float) -> None:
    assert left_by(aggregator, pulls(6.0, 1.0, 2.0)) == expected


def test_one_adversarial_group_is_outvoted() -> None:
    assert left_by(Median(3), pulls(1e9, 2.0, 2.0)) == left_by(Median(3), pulls(-1e9, 2.0, 2.0)) == -2.0


@pytest.mark.parametrize(
    ("aggregator", "expected"),
    [
        (Mean(), [0.5, 1.25, 3.625, 2.3125]),
        (rolling_median(3), [0.0, 0.0, 1.0, 2.0, 2.0, 1.0]),
        (rolling_mean(3), [0.0, 0.0, 1.5, 2.75]),
        (rolling_mean(2), [0.0, 0.75, 2.5625]),
    ],
)
def test_path_on_a_quadratic(aggregator: Aggregator, expected: list[float]) -> None:
    assert path(aggregator, TARGETS[: len(expected)]) == expected


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("steps", [2, 3, 4, 5])
@pytest.mark.parametrize(
    ("rolling", "statistic"), [(rolling_median, statistics.median), (rolling_mean, statistics.fmean)]
)
def test_rolling_has_each_gradient_at_its_own_weights(
    rolling: Callable[..., Rolling], statistic: Callable[..., float], steps: int, decay: float
) -> None:
    expected = path_by_hand(statistic, steps, decay, TARGETS, start=1.3)
    assert path(rolling(steps, weight_decay=decay), TARGETS, start=1.3) == pytest.approx(expected, rel=1e-12)
    assert expected[: steps - 1] == [1.3] * (steps - 1), "no update before there are enough"
    assert expected[steps - 1] != 1.3


def test_rolling_that_has_seen_nothing_else_is_plain_descent_two_steps_later() -> None:
    def slope(weight: Tensor, _: float) -> Tensor:
        return 3 * weight.sum()

    delayed = path(rolling_median(3), TARGETS, loss=slope)
    assert delayed == [0.0, 0.0, *path(Mean(), TARGETS, loss=slope)[:-2]]


def test_rollings_share_nothing() -> None:
    alone = path(rolling_median(3), TARGETS)
    first, second = rolling_median(3), rolling_median(3)
    path(first, TARGETS[:4])
    assert path(second, TARGETS) == alone
    assert first.last is not second.last


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_weight_decay_of_the_groups_is_that_of_their_median(decay: float) -> None:
    found = left_by(Median(3, weight_decay=decay), pulls(6.0, 1.0, 2.0), start=1.5)
    assert found == pytest.approx(1.5 - 2.0 + decay * 1.5)


@pytest.mark.parametrize(
    ("aggregator", "statistic"), [(partial(Mean, 3), statistics.fmean), (partial(Median, 3), statistics.median)]
)
@pytest.mark.parametrize(("objective", "sign"), [(Standard(), 0), (Split(), -1)])
def test_groups_are_of_both_batches(
    aggregator: Callable[[], Aggregator], statistic: Callable[..., float], objective: Objective, sign: int
) -> None:
    expected = statistic(
        derivative(0.7, *train) + sign * derivative(0.7, *other)
        for train, other in zip(TRAIN, PSEUDO_TEST, strict=True)
    )
    assert step(learner(aggregator(), objective), TRAIN, PSEUDO_TEST) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("rolling", "statistic"), [(rolling_mean, statistics.fmean), (rolling_median, statistics.median)]
)
def test_batches_one_after_the_other(rolling: Callable[..., Rolling], statistic: Callable[..., float]) -> None:
    made = learner(rolling(3), Standard())
    found = [step(made, [train], [train]) for train in [*TRAIN, (0.1, 1)]]
    each = [derivative(0.7, *train) for train in [*TRAIN, (0.1, 1)]]
    assert found == pytest.approx([0.0, 0.0, statistic(each[:3]), statistic(each[1:])], abs=1e-6)


@pytest.mark.parametrize(
    ("images", "others", "groups", "sizes"),
    [(3, 3, 5, [1, 1, 1]), (3, 2, 5, [2, 1]), (3, 1, 3, [3]), (3, 3, 2, [2, 1]), (3, 3, 1, [3])],
)
def test_a_batch_with_fewer_images_is_cut_into_fewer_groups(
    images: int, others: int, groups: int, sizes: list[int]
) -> None:
    made, seen = learner(Median(groups), Split()), []
    made.network.register_forward_hook(lambda _, arguments, __: seen.append(len(arguments[0])))
    step(made, TRAIN[:images], PSEUDO_TEST[:others])
    assert seen[::2] == sizes
    assert sum(seen[1::2]) == others
    assert len(made.losses) == len(sizes)


def test_the_loss_of_a_step_is_that_of_all_groups() -> None:
    pair = batch(*TRAIN), batch(*PSEUDO_TEST)
    whole, cut = (learner(Mean(groups), Split()).training_step(pair, 0).item() for groups in (1, 3))
    assert cut == pytest.approx(whole, rel=1e-6)


def test_mean_is_plain_training(tmp_path: Path) -> None:
    plain = weights(recipe(), tmp_path)
    assert torch.equal(weights(recipe(aggregator=partial(Mean, groups=1)), tmp_path), plain)


@pytest.mark.parametrize("groups", [2, 4])
def test_equal_groups_are_the_whole_batch(tmp_path: Path, groups: int) -> None:
    plain, cut = (weights(descent(aggregator=partial(Mean, groups=count)), tmp_path) for count in (1, groups))
    torch.testing.assert_close(cut, plain, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("aggregator", MEDIANS)
def test_same_recipe_same_weights(tmp_path: Path, aggregator: Callable[[], Aggregator]) -> None:
    made = descent(aggregator=aggregator)
    once = weights(made, tmp_path)
    assert torch.equal(weights(made, tmp_path), once), "nothing is left over from a fit"
    assert not torch.equal(weights(descent(), tmp_path), once)


def test_without_enough_steps_the_weights_stay(tmp_path: Path) -> None:
    def end(steps: int) -> Tensor:
        return weights(descent(aggregator=partial(rolling_median, 3), batch_size=20, max_epochs=steps), tmp_path)

    first, second, third = map(end, (1, 2, 3))
    assert torch.equal(first, second)
    assert not torch.equal(second, third)


@pytest.mark.parametrize("option", ["median", "rolling_median", "rolling_mean"])
@pytest.mark.parametrize(
    ("optimizer", "named"),
    [(["optimizer=adam"], "Adam"), (["optimizer=sgd", "optimizer.momentum=0.9"], "optimizer.momentum = 0.9")],
)
def test_a_mean_over_steps_is_refused(option: str, optimizer: list[str], named: str) -> None:
    with pytest.raises(InputError, match=named) as caught:
        schema.check(composed(f"aggregator={option}", *optimizer))
    assert "aggregator=mean" in str(caught.value) and "\n" not in str(caught.value)
    schema.check(composed("aggregator=mean", *optimizer))


@pytest.mark.parametrize(
    ("option", "kind", "decays"),
    [
        ("mean", Mean, False),
        ("median", Median, True),
        ("rolling_median", Rolling, True),
        ("rolling_mean", Rolling, True),
    ],
)
def test_weight_decay_is_added_once(option: str, kind: type, decays: bool) -> None:
    config = composed(f"aggregator={option}", "optimizer=sgd", "optimizer.momentum=0", "optimizer.weight_decay=0.01")
    made = recipe_of(schema.check(config))
    (group,) = made.optimizer(iter([nn.Parameter(torch.zeros(1))])).param_groups
    aggregator = made.aggregator()
    assert type(aggregator) is kind
    assert getattr(aggregator, "weight_decay", 0.0) == (0.01 if decays else 0.0)
    assert group["weight_decay"] == (0.0 if decays else 0.01)


@pytest.mark.parametrize(
    "override",
    [
        ["aggregator=median", "aggregator.groups=2"],
        ["aggregator=mean", "aggregator.groups=0"],
        ["aggregator=rolling_median", "aggregator.steps=1"],
        ["aggregator=rolling_mean", "aggregator.steps=1"],
    ],
)
def test_too_few_are_refused(override: list[str]) -> None:
    with pytest.raises(InputError, match=override[1].split("=")[0]):
        schema.check(composed("optimizer=sgd", "optimizer.momentum=0", *override))
