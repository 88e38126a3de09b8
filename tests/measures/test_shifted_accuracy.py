"""Accuracy on corrupted held-out images."""

from pathlib import Path

import pandas
import pytest
import torch
from runs import recipe, trained, vector

from rotelab.data import inputs
from rotelab.measures import options
from rotelab.measures.shifted_accuracy import ShiftedAccuracy
from rotelab.training.evaluation import accuracy, evaluated

NOISE, BLUR = {"none": 0.0, "all": 1.0}, {"none": 0.0, "some": 2.0}


def test_measuring_changes_nothing_and_happens_when_due_and_at_the_end(tmp_path: Path) -> None:
    plain = trained(recipe(max_epochs=6), tmp_path)
    looked = trained(recipe(max_epochs=6, measures=[ShiftedAccuracy(NOISE, BLUR, 1, 3)]), tmp_path)
    assert torch.equal(vector(plain.network), vector(looked.network))
    table = pandas.read_csv(tmp_path / "curve.csv")
    before = table[(table.metric == "accuracy") & (table.split == "held_out")].set_index("epoch").value
    for metric, names in (("noise_accuracy", NOISE), ("blur_accuracy", BLUR)):
        for name in names:
            of = table[(table.metric == metric) & (table.split == name)].set_index("epoch").value
            assert of.index.tolist() == [0, 1, 3, 5, 6]
            if name == "none":
                assert of.tolist() == before[of.index].tolist(), "no shift changes nothing"


def test_it_is_the_accuracy_on_images_that_are_corrupted_once_more(tmp_path: Path) -> None:
    made = recipe(max_epochs=1, measures=[ShiftedAccuracy({"half": 0.5}, {}, 7, 3)])
    outcome = trained(made, tmp_path)
    data = made.data()
    data.setup()
    corruption = inputs.Corruption(lambda image, draw: inputs.gaussian_blend(image, draw, 0.5), 7, ("held_out",))
    images, labels = data.shifted("held_out", corruption), data.splits["held_out"].evaluated[1]
    assert images.shape == data.splits["held_out"].evaluated[0].shape
    assert not torch.equal(images[:], data.splits["held_out"].evaluated[0][:])
    expected = accuracy(evaluated(outcome.network, images), labels).item()
    assert outcome.metrics["noise_accuracy/half"] == pytest.approx(expected)


@pytest.mark.parametrize("shares", [{"a": 1.1}, {"a": -0.1}, {"a": "much"}, {"a": True}, [0.5], None])
def test_what_is_no_share_is_refused(shares: object) -> None:
    with pytest.raises(ValueError, match="noise"):
        options.ShiftedAccuracy("", noise=shares, blur={}, seed=0, per_decade=1)


@pytest.mark.parametrize(("epochs", "times"), [(5, 4), (6, 5)])  # due after 1, 3 and 5, and measured before the first
def test_an_end_that_was_just_measured_is_not_measured_again(
    epochs: int, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure, looked = ShiftedAccuracy(NOISE, {}, 1, 3), []
    look = measure.look
    monkeypatch.setattr(measure, "look", lambda *of: (looked.append(0), look(*of)))
    trained(recipe(max_epochs=epochs, measures=[measure]), tmp_path)
    assert len(looked) == times
