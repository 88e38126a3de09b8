"""Every objective is a sign: tables, identities between the equations, values that are refused."""

import pytest

from rotelab.objectives import Objective, Schedule, Split, Standard, Target, Threshold

GRID = [i / 20 for i in range(21)]


@pytest.mark.parametrize(
    ("objective", "accuracy", "sign"),
    [
        (Standard(), 0.0, 0),
        (Standard(), 1.0, 0),
        (Split(), 0.0, -1),
        (Split(), 1.0, -1),
        (Threshold(0.2), 0.1, 0),
        (Threshold(0.2), 0.3, -1),
        (Target(0.2, 0.4), 0.1, 1),
        (Target(0.2, 0.4), 0.3, 0),
        (Target(0.2, 0.4), 0.5, -1),
        (Target(0.3, 0.3), 0.2, 1),
        (Target(0.3, 0.3), 0.4, -1),
    ],
)
def test_table_of_signs(objective: Objective, accuracy: float, sign: int) -> None:
    assert objective.sign(accuracy, classes=10, epoch=1) == sign


@pytest.mark.parametrize("objective", [Threshold(0.3), Target(0.3, 0.3), Target(0.3, 0.6), Target(0.1, 0.3)])
def test_comparison_is_strict(objective: Objective) -> None:
    assert objective.sign(0.3, classes=10, epoch=1) == 0


@pytest.mark.parametrize("k", GRID)
def test_threshold_is_target_from_zero(k: float) -> None:
    signs = [Threshold(k).sign(m, classes=10, epoch=1) for m in GRID]
    assert signs == [Target(0.0, k).sign(m, classes=10, epoch=1) for m in GRID]
    assert signs == [-1 if m > k else 0 for m in GRID]


def test_standard_is_target_of_the_whole_range() -> None:
    assert [Standard().sign(m, classes=10, epoch=1) for m in GRID] == [
        Target(0.0, 1.0).sign(m, classes=10, epoch=1) for m in GRID
    ]


@pytest.mark.parametrize(
    ("classes", "accuracy", "sign"), [(10, 0.109, 0), (10, 0.111, -1), (2, 0.111, 0), (2, 0.549, 0), (2, 0.551, -1)]
)
def test_threshold_in_multiples_of_chance(classes: int, accuracy: float, sign: int) -> None:
    assert Threshold(1.1, unit="chance").sign(accuracy, classes, epoch=1) == sign


@pytest.mark.parametrize("k", [1.7, -0.1, float("nan"), float("inf")])
def test_threshold_refuses_what_is_no_accuracy(k: float) -> None:
    with pytest.raises(ValueError, match=f"k = {k} is not in"):
        Threshold(k)


@pytest.mark.parametrize("k", [-0.1, float("nan"), float("inf")])
def test_threshold_refuses_what_is_no_multiple_of_chance(k: float) -> None:
    with pytest.raises(ValueError, match=f"k = {k} is not a multiple of chance"):
        Threshold(k, unit="chance")


def test_threshold_refuses_an_unknown_unit() -> None:
    with pytest.raises(ValueError, match="'percent'"):
        Threshold(0.2, unit="percent")


@pytest.mark.parametrize(
    ("l", "u", "message"),
    [
        (0.5, 0.4, "l = 0.5 is greater than u = 0.4"),
        (-0.1, 0.4, "l = -0.1 "),
        (0.1, 1.7, "u = 1.7 "),
        (float("nan"), 0.4, "l = nan "),
        (0.1, float("nan"), "u = nan "),
    ],
)
def test_target_refuses(l: float, u: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Target(l, u)


def signs(objective: Objective, epochs: int, accuracy: float = 0.5) -> list[int]:
    return [objective.sign(accuracy, classes=10, epoch=epoch) for epoch in range(1, epochs + 1)]


@pytest.mark.parametrize("epoch", [1, 2, 5])
def test_schedule_changes_after_its_epoch(epoch: int) -> None:
    assert signs(Schedule(Split(), Standard(), epoch), 7) == [-1] * epoch + [0] * (7 - epoch)
    assert signs(Schedule(Standard(), Split(), epoch), 7) == [0] * epoch + [-1] * (7 - epoch)


def test_schedules_nest() -> None:
    assert signs(Schedule(Split(), Schedule(Standard(), Target(1.0, 1.0), 4), 2), 6) == [-1, -1, 0, 0, 1, 1]
    assert signs(Schedule(Schedule(Split(), Standard(), 2), Target(1.0, 1.0), 4), 6) == [-1, -1, 0, 0, 1, 1]


def test_schedule_passes_accuracy_and_classes_on() -> None:
    schedule = Schedule(Threshold(1.1, unit="chance"), Target(0.2, 0.4), 1)
    assert [signs(schedule, 2, accuracy) for accuracy in (0.105, 0.3, 0.5)] == [[0, 1], [-1, 0], [-1, -1]]


@pytest.mark.parametrize("epoch", [0, -3])
def test_schedule_refuses_to_change_before_the_first_epoch(epoch: int) -> None:
    with pytest.raises(ValueError, match=f"epoch = {epoch} is less than 1"):
        Schedule(Split(), Standard(), epoch)
