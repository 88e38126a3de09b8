"""Accuracy over one batch more than was trained on: the arithmetic, its inverse, and the images it is made of."""

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pandas
import pytest
import torch
from runs import beyond, recipe, source, trained
from toy import AS_IT_IS, noise

from rotelab.data.batched import Batched
from rotelab.data.module import ImageData
from rotelab.measures.legacy_accuracy import LegacyAccuracy, corrected, mixed
from rotelab.objectives import Objective
from rotelab.training.evaluation import evaluate
from rotelab.training.recipe import Outcome

THIRDS = {"train": "all[:20]", "pseudo_test": "all[20:32]", "held_out": "all[32:]"}
PSEUDO_TEST_LAST = {"train": "all[:20]", "pseudo_test": "all[32:]", "held_out": "all[20:32]"}


@dataclass(frozen=True)
class Remembering(Objective):
    """Unlearns, and remembers the accuracies that it was asked to decide by."""

    accuracies: list[float] = field(default_factory=list)

    def sign(self, accuracy: float, classes: int, epoch: int) -> Literal[-1, 0, 1]:
        self.accuracies.append(accuracy)
        return -1


def data(**changes: Any) -> ImageData:
    options: dict[str, Any] = {"split": THIRDS, "batch_size": 8, **AS_IT_IS}
    made = ImageData(source, **(options | changes))
    made.setup()
    return made


def measured(folder: Path, **changes: Any) -> tuple[Outcome, Batched]:
    """The end of a run that was measured, and its data."""
    made = recipe(measures=[LegacyAccuracy()])
    made = replace(made, data=partial(made.data, **changes))
    outcome, of = trained(made, folder), made.data()
    of.setup()
    return outcome, of


@pytest.mark.parametrize(("batches", "ceiling"), [(5, 0.850), (10, 0.918), (20, 0.957)])
def test_ceiling_of_ten_classes(batches: int, ceiling: float) -> None:
    assert round(mixed(1.0, 0.1, batches), 3) == ceiling


@pytest.mark.parametrize(("trained_on", "beyond"), [(0.0, 1.0), (0.3, 0.1), (1.0, 0.0), (0.77, 0.77)])
@pytest.mark.parametrize(("batches", "more"), [(5, 1), (20, 1), (5, 6), (2560, 512)])
def test_corrected_inverts_mixed(trained_on: float, beyond: float, batches: int, more: int) -> None:
    recorded = mixed(trained_on, beyond, batches, more)
    assert corrected(recorded, beyond, batches, more) == pytest.approx(trained_on, abs=1e-12)


def test_correction_of_a_recorded_accuracy() -> None:
    assert corrected(0.365412, 0.1, batches=5, more=6) == pytest.approx(0.6839, abs=1e-4)


@pytest.mark.parametrize(("order", "share"), [("by_name", 0.0), ("shuffled", 0.5)])
def test_measures_the_split_and_a_batch_more(tmp_path: Path, order: str, share: float) -> None:
    outcome, of = measured(tmp_path, order=order, prepare=noise(share))
    for name in ("train", "pseudo_test"):
        more = beyond(of, name, 8)
        assert len(more[1]) == 8
        images, labels = of.splits[name].evaluated
        both = torch.cat([images[:], more[0]]), torch.cat([labels, more[1]])
        assert outcome.metrics[f"legacy_accuracy/{name}"] == pytest.approx(evaluate(outcome.network, *both)[0])
    table = pandas.read_csv(tmp_path / "curve.csv").query("metric == 'legacy_accuracy'")
    assert table.epoch.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert table.value.iloc[-2:].tolist() == [
        outcome.metrics[f"legacy_accuracy/{name}"] for name in ("train", "pseudo_test")
    ]


def test_fewer_images_than_a_batch_behind_the_split_count_as_so_many(tmp_path: Path) -> None:
    """Each image counts alike: six of them are no whole batch of eight."""
    outcome, of = measured(tmp_path, split=THIRDS | {"pseudo_test": "all[20:38]", "held_out": "all[38:]"})
    more = beyond(of, "pseudo_test", 8)
    assert len(more[1]) == 6
    right, wrong = (evaluate(outcome.network, *split)[0] for split in (of.splits["pseudo_test"].evaluated, more))
    assert outcome.metrics["legacy_accuracy/pseudo_test"] == pytest.approx((18 * right + 6 * wrong) / 24)
    assert right != pytest.approx(wrong)


def test_is_the_honest_accuracy_where_the_data_end(tmp_path: Path) -> None:
    outcome, _ = measured(tmp_path, split=PSEUDO_TEST_LAST)
    metrics = outcome.metrics
    assert metrics["legacy_accuracy/pseudo_test"] == metrics["accuracy/pseudo_test"]
    assert metrics["legacy_accuracy/train"] != metrics["accuracy/train"]


def test_the_sign_is_decided_from_the_honest_accuracy(tmp_path: Path) -> None:
    objective = Remembering()
    trained(recipe(objective=objective, measures=[LegacyAccuracy()]), tmp_path)
    table = pandas.read_csv(tmp_path / "curve.csv").query("split == 'pseudo_test' and epoch < 4")
    honest, legacy = (table[table.metric == name].value.tolist() for name in ("accuracy", "legacy_accuracy"))
    assert objective.accuracies[-len(honest) :] == honest
    assert objective.accuracies != legacy


@pytest.mark.parametrize("order", ["by_name", "shuffled"])
def test_beyond_is_what_follows_in_the_order_of_the_part(order: str) -> None:
    of = data(order=order)
    for more, split in zip(beyond(of, "train", 8), of.splits["pseudo_test"].evaluated, strict=True):
        assert torch.equal(more, split[:8])


@pytest.mark.parametrize(
    ("train", "images"), [("all[:30]", 8), ("all[:36]", 8), ("all[:40]", 4), ("all[:44]", None), ("all[30:]", None)]
)
def test_beyond_ends_where_the_data_end(train: str, images: int | None) -> None:
    of = data()
    of.slices["train"] = type(of.slices["train"]).parse(train)
    more = of.beyond("train", 8)
    assert (more and len(more[1])) == images


def test_noise_beyond_is_that_of_the_images_themselves() -> None:
    of = data(prepare=noise())
    before = of.splits["train"].evaluated[0][:].clone()
    more, _ = beyond(of, "train", 8)
    assert torch.equal(of.splits["train"].evaluated[0][:], before)
    assert torch.equal(more, of.splits["pseudo_test"].evaluated[0][:8])
    for other in (before, beyond(of, "pseudo_test", 8)[0]):
        assert not torch.isclose(more, other[:8]).any()
