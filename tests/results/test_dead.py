"""A run is dead when one class has won and its losses don't change any more, to the last bit."""

from pathlib import Path

import pytest
import yaml

from rotelab.config import identity
from rotelab.results import dead
from rotelab.results.dead import Vitals

CONF = Path(__file__).parents[2] / "conf"


def metrics(
    train: float, pseudo_test: float = 2.0, classes: float | None = 1.0, accuracy: float = 0.1
) -> dict[str, float]:
    found = {"loss/train": train, "loss/pseudo_test": pseudo_test, "accuracy/train": accuracy}
    return found if classes is None else found | {"classes/train": classes}


def watched(epochs: int | None, looks: list[dict[str, float]]) -> list[int | None]:
    vitals = Vitals(epochs)
    return [vitals.dead_since(epoch, look) for epoch, look in enumerate(looks)]


@pytest.mark.parametrize("classes", [1.0, None])
def test_dead_after_so_many_epochs_without_a_change(classes: float | None) -> None:
    looks = [metrics(train, classes=classes) for train in (2.3, 2.4, 2.5, 2.5, 2.5, 2.5)]
    assert watched(2, looks) == [None, None, None, None, 2, 2]
    assert watched(3, looks) == [None, None, None, None, None, 2]
    assert watched(4, looks) == [None] * 6
    assert watched(None, looks) == [None] * 6


@pytest.mark.parametrize(
    "change", [metrics(2.5000000000000004), metrics(2.5, pseudo_test=2.0000000000000004), metrics(2.5, classes=2.0)]
)
def test_the_last_bit_and_a_second_class_are_life(change: dict[str, float]) -> None:
    still = metrics(2.5)
    assert watched(2, [still, still, change, still, still])[:4] == [None] * 4
    assert watched(2, [still, still, still])[-1] == 0


def test_several_classes_are_alive_however_still() -> None:
    assert watched(2, [metrics(2.5, classes=2.0)] * 9) == [None] * 9


def test_what_is_right_on_most_images_has_not_died() -> None:
    """A network that has memorized all of them saturates its softmax as well, on the right class."""
    assert watched(2, [metrics(1.46, classes=None, accuracy=1.0)] * 9) == [None] * 9


def test_one_class_is_dead_however_many_images_are_of_it() -> None:
    assert watched(2, [metrics(0.9, classes=1.0, accuracy=0.7)] * 3)[-1] == 0


def test_the_option_leaves_the_names_of_old_runs_alone() -> None:
    """The default of the configuration is what runs from before the option are taken to have had."""
    default = yaml.safe_load((CONF / "train.yaml").read_text())["stop"]["dead_epochs"]
    assert identity.LATER["stop", "dead_epochs"] == dead.FORMER_EPOCHS == default
