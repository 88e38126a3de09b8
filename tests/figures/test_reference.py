"""The author's curves: read, cut and compared."""

from math import isnan
from pathlib import Path

import pandas
import pytest

from rotelab.figures import reference

RECORD = pandas.DataFrame(
    [
        *(("eq1", "train", epoch, 0.1 * epoch) for epoch in (2, 0, 1)),
        *(("eq1", "test", epoch, 0.05 * epoch) for epoch in (0, 1, 2, 3)),
        ("eq1", "holdout", 0, 0.3),
        ("eq3", "train", 0, 0.9),
    ],
    columns=["series", "split", "epoch", "accuracy"],
)


def curve(values: list[float], first: int = 0) -> pandas.Series:
    return pandas.Series(values, index=range(first, first + len(values)))


def test_a_record_is_read_from_its_folder(tmp_path: Path) -> None:
    RECORD.assign(note="more").to_csv(tmp_path / reference.FILE, index=False)
    assert reference.load(tmp_path)[list(RECORD)].equals(RECORD)
    assert len(reference.load(str(tmp_path))) == len(RECORD)


def test_a_record_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"there is no .*paper_curves\.csv"):
        reference.load(tmp_path)


def test_a_record_of_other_columns(tmp_path: Path) -> None:
    RECORD.drop(columns=["split", "accuracy"]).to_csv(tmp_path / reference.FILE, index=False)
    with pytest.raises(ValueError, match="no column accuracy, split"):
        reference.load(tmp_path)


def batches(**more: int) -> pandas.DataFrame:
    """The index of a record: of 10 batches trained on, so many more were evaluated, by series."""
    rows = [(series, "train", 10, 10 + count) for series, count in more.items()]
    return pandas.DataFrame(rows, columns=["series", "split", "batches_trained_inferred", "batches_evaluated"])


@pytest.mark.parametrize(("more", "expected"), [(0, "accuracy"), (1, "legacy_accuracy"), (2, None)])
def test_an_index_says_which_accuracy_was_recorded(more: int, expected: str | None, tmp_path: Path) -> None:
    RECORD.to_csv(tmp_path / reference.FILE, index=False)
    batches(eq1=more, eq3=1).to_csv(tmp_path / reference.INDEX, index=False)
    record = reference.load(tmp_path)
    assert record[list(RECORD)].equals(RECORD)
    for split in ("train", "pseudo_test", "gap"):
        assert reference.metric(record, "eq1", split) == expected
    assert reference.metric(record, "eq1", "held_out") == "accuracy"  # of which there was no batch more
    assert reference.metric(record, "eq3", "train") == "legacy_accuracy"


def test_without_an_index_one_batch_more_was_evaluated() -> None:
    assert reference.metric(RECORD, "eq1", "train") == "legacy_accuracy"
    assert reference.metric(RECORD, "eq1", "held_out") == "accuracy"


def test_a_curve_is_of_one_series_and_split_in_order() -> None:
    assert reference.curve(RECORD, "eq1", "train").to_dict() == pytest.approx({0: 0, 1: 0.1, 2: 0.2})
    assert list(reference.curve(RECORD, "eq1", "train").index) == [0, 1, 2]
    assert reference.curve(RECORD, "eq1", "held_out").to_dict() == {0: 0.3}
    assert reference.curve(RECORD, "eq2", "train").empty


def test_the_gap_is_train_minus_test_where_both_are() -> None:
    assert reference.curve(RECORD, "eq1", "gap").to_dict() == pytest.approx({0: 0, 1: 0.05, 2: 0.1})
    assert reference.curve(RECORD, "eq3", "gap").empty


def test_curves_a_constant_apart_are_that_far_from_each_other() -> None:
    ours = curve([0.02 * epoch for epoch in range(30)])
    assert reference.distance(ours, ours) == 0
    assert reference.distance(ours, ours + 0.1) == pytest.approx(0.1)
    assert reference.distance(ours + 0.1, ours) == pytest.approx(0.1)


def test_only_epochs_of_both_count() -> None:
    ours, recorded = curve([0.5] * 30), curve([0.4] * 15 + [0.9] * 30, first=-1)
    assert reference.distance(curve([0.5] * 6), recorded) == pytest.approx(0.1)
    assert reference.distance(ours, recorded) == pytest.approx(0.4)
    assert isnan(reference.distance(curve([0.5] * 5), curve([0.5] * 5, first=5)))  # nowhere


def test_a_curve_that_goes_on_for_longer_is_no_further_away() -> None:
    rising = curve([0.02 * epoch for epoch in range(30)])
    assert reference.distance(rising, rising[:20]) == 0
    assert reference.distance(rising[:20], rising) == 0
    assert reference.distance(rising, rising[::5]) == 0


def test_a_jump_of_one_epoch_is_averaged_away() -> None:
    ours = curve([0.5] * 30)
    jump = ours.where(ours.index != 15, 0.95)
    assert reference.distance(ours, jump) == pytest.approx(0.45 / reference.WINDOW)
