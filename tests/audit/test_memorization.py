"""When curves reach a level, and how long one took over another; what is learned in place of images."""

from collections.abc import Mapping

import pandas
import pytest
import torch

from rotelab.audit.memorization import UNITS, Learned, ends, of_kind, times, whitened


def curves(speeds: Mapping[str, float], kind: str = "images", seeds: int = 2, epochs: int = 20) -> pandas.DataFrame:
    """Of ten classes: the accuracy grows from chance, by so much an epoch, to 1; held out it is a half of that."""
    rows = [
        (f"{kind}-{name}-{seed}", kind, name, seed, epoch, 10 * epoch, 100 * epoch, split, "accuracy", share * value)
        for name, speed in speeds.items()
        for seed in range(seeds)
        for epoch in range(epochs + 1)
        for value in [min(1.0, 0.1 + speed * epoch)]
        for split, share in (("train", 1.0), ("held_out", 0.5))
    ]
    columns = ["run", "kind", "objective", "seed", "epoch", "step", "images", "split", "metric", "value"]
    return pandas.DataFrame(rows, columns=columns)


def test_a_ratio_in_every_unit_and_level() -> None:
    found = times(curves({"standard": 0.3, "split": 0.1}), 0.1)
    assert {(time.unit, time.accuracy) for time in found} == {
        (unit, level) for unit in UNITS for level in (0.3, 0.5, 0.7, 0.9)
    }
    for time in found:
        assert time.ratios == pytest.approx((3.0, 3.0)) and not time.beyond
        assert time.interval.mean == pytest.approx(3.0)


def test_what_was_not_reached_is_a_bound() -> None:
    (time,) = (
        time
        for time in times(curves({"standard": 0.1, "split": 0.01}), 0.1)
        if time.unit == "epochs" and time.accuracy == 0.5
    )
    assert time.beyond == 2 and time.ratios == pytest.approx((5.0, 5.0))


def test_what_was_never_learned_is_not_compared() -> None:
    assert times(curves({"standard": 0.001, "split": 0.001}), 0.1) == []
    assert times(curves({"standard": 0.1}), 0.1) == []


def test_levels_are_relative_to_chance() -> None:
    found = times(curves({"standard": 0.3, "split": 0.1}), 0.5)
    assert {time.accuracy for time in found} == {0.6111, 0.7222, 0.8333, 0.9444}


def test_the_gap_is_that_of_plain_training() -> None:
    (found,) = ends(curves({"standard": 0.3, "split": 0.1}))
    assert found.gap == pytest.approx((0.5, 0.5))


def test_what_is_learned_in_place_of_images() -> None:
    draw = torch.Generator().manual_seed(0)
    images = torch.rand(80, 1, 4, 4, generator=draw)
    given = whitened(Learned(images[:60], torch.arange(60) % 3, images[60:], torch.arange(20) % 3))
    same, labels, noise = (of_kind(kind, given, 0) for kind in ("images", "labels", "noise"))
    assert same is given
    assert labels.inputs is given.inputs and noise.labels is given.labels
    both = torch.cat([labels.labels, labels.test_labels])
    assert torch.bincount(both).tolist() == torch.bincount(torch.cat([given.labels, given.test_labels])).tolist()
    assert (labels.labels != given.labels).any()
    assert noise.inputs.std() == pytest.approx(float(given.inputs.std()), abs=0.1)
    assert not torch.equal(of_kind("noise", given, 1).inputs, noise.inputs)
