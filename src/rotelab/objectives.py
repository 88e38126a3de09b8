"""The objectives of "Why Deep Learning Generalizes" (Badger), each of them a sign, and one after another.

With ``m`` the pseudo-test accuracy at the start of an epoch, all of them minimize

    J = L(train) + s(m) L(pseudo-test)

and differ in ``s`` alone. ``s`` is +1 (learn the pseudo-test split too), 0 (leave it alone) or -1 (unlearn it). No
torch here: a value out of range is reported before it is imported.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from rotelab.errors import Refusal


class Objective(ABC):
    parts: ClassVar[tuple[str, ...]] = ()
    """Fields that are objectives themselves."""

    @property
    def least_epochs(self) -> int:
        """Of a training in which every part of the objective has ruled."""
        return 1

    @abstractmethod
    def sign(self, accuracy: float, classes: int, epoch: int) -> Literal[-1, 0, 1]:
        """``s(m)`` for ``epoch`` (1, 2, ...), which starts with pseudo-test ``accuracy`` ``m``, in [0, 1], on so many
        classes."""


@dataclass(frozen=True)
class Standard(Objective):
    """Eq. (3): ``J = L(train)``."""

    def sign(self, accuracy: float, classes: int, epoch: int) -> Literal[-1, 0, 1]:
        return 0


@dataclass(frozen=True)
class Split(Objective):
    """Eq. (1), gradient splitting: ``J = L(train) - L(pseudo-test)``."""

    def sign(self, accuracy: float, classes: int, epoch: int) -> Literal[-1, 0, 1]:
        return -1


@dataclass(frozen=True)
class Threshold(Objective):
    """Eq. (4): unlearn the pseudo-test split while ``m > k``, leave it alone otherwise.

    ``k`` is an accuracy in [0, 1] (``unit="accuracy"``), or a multiple of chance, ``1 / classes``, of at least 0
    (``unit="chance"``): the paper's k = 0.11 on ten classes is 1.1 times chance.
    """

    k: float
    """The accuracy above which the pseudo-test split is unlearned."""
    unit: str = "accuracy"
    """What k is: an `accuracy`, or a multiple of `chance`."""

    def __post_init__(self) -> None:
        if self.unit not in ("accuracy", "chance"):
            raise Refusal(f"unit = {self.unit!r} is neither 'accuracy' nor 'chance'")
        if self.unit == "accuracy":
            _check_accuracy("k", self.k)
        elif not 0 <= self.k < float("inf"):
            raise Refusal(f"k = {self.k} is not a multiple of chance, 0 or more")

    def sign(self, accuracy: float, classes: int, epoch: int) -> Literal[-1, 0, 1]:
        k = self.k if self.unit == "accuracy" else self.k / classes
        return -1 if accuracy > k else 0


@dataclass(frozen=True)
class Target(Objective):
    """Eq. (5): unlearn the pseudo-test split while ``m > u``, learn it while ``m < l``, leave it alone in between.

    ``l`` and ``u`` are accuracies in [0, 1] with ``l <= u``. The paper leaves ``l <= m <= u`` undefined; here it is
    plain training. With ``l > u`` both branches could hold at once, so that is refused.
    """

    l: float
    """The accuracy below which the pseudo-test split is learned."""
    u: float
    """The accuracy above which it is unlearned."""

    def __post_init__(self) -> None:
        _check_accuracy("l", self.l)
        _check_accuracy("u", self.u)
        if self.l > self.u:
            raise Refusal(f"l = {self.l} is greater than u = {self.u}")

    def sign(self, accuracy: float, classes: int, epoch: int) -> Literal[-1, 0, 1]:
        if accuracy > self.u:
            return -1
        return 1 if accuracy < self.l else 0


@dataclass(frozen=True)
class Schedule(Objective):
    """``first`` up to and including ``epoch`` (1, 2, ...), ``then`` from the epoch after it on.

    Weights and the optimizer's state go on as they are: it is one training, of which only the sign changes.
    """

    parts: ClassVar[tuple[str, ...]] = ("first", "then")

    first: Any  # both Objective, a class that OmegaConf's schemas can't express
    then: Any
    epoch: int
    """The last one of the first objective."""

    def __post_init__(self) -> None:
        if self.epoch < 1:
            raise Refusal(f"epoch = {self.epoch} is less than 1: the first objective would never rule")

    @property
    def least_epochs(self) -> int:
        return self.epoch + self.then.least_epochs

    def sign(self, accuracy: float, classes: int, epoch: int) -> Literal[-1, 0, 1]:
        return (self.first if epoch <= self.epoch else self.then).sign(accuracy, classes, epoch)


def _check_accuracy(name: str, value: float) -> None:
    if not 0 <= value <= 1:  # false for nan as well
        raise Refusal(f"{name} = {value} is not in [0, 1]")
