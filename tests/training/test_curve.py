"""curve.csv: tidy, on disk after every epoch, exact, and one sentence when the disk is full."""

import csv
import math
from pathlib import Path

import pandas
import pytest

from rotelab.errors import RunError
from rotelab.training.curve import COLUMNS, Curve

VALUES = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, 0.0, 1.0, 2.302585092994046]
FULL = Path("/dev/full")  # every write to it fails as on a full disk


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_is_tidy(tmp_path: Path) -> None:
    with Curve(tmp_path / "curve.csv") as curve:
        curve.append(0, 0, 0, {"accuracy/train": 0.25, "loss/pseudo_test": 2.5})
        curve.append(1, 5, 640, {"accuracy/train": 0.5, "sign/pseudo_test": -1})
    assert COLUMNS == ("epoch", "step", "images", "split", "metric", "value")
    assert rows(tmp_path / "curve.csv") == [
        list(COLUMNS),
        ["0", "0", "0", "train", "accuracy", "0.25"],
        ["0", "0", "0", "pseudo_test", "loss", "2.5"],
        ["1", "5", "640", "train", "accuracy", "0.5"],
        ["1", "5", "640", "pseudo_test", "sign", "-1"],
    ]


def test_an_epoch_is_on_disk_once_appended(tmp_path: Path) -> None:
    with Curve(tmp_path / "curve.csv") as curve:
        for epoch in range(3):
            curve.append(epoch, epoch, epoch, {"accuracy/train": 0.5})
            assert len(rows(tmp_path / "curve.csv")) == 2 + epoch


def test_values_read_back_to_the_same_bits(tmp_path: Path) -> None:
    with Curve(tmp_path / "curve.csv") as curve:
        for epoch, value in enumerate(VALUES):
            curve.append(epoch, 0, 0, {"loss/train": value})
        curve.append(len(VALUES), 0, 0, {"loss/train": math.nan})
    read = [float(row[-1]) for row in rows(tmp_path / "curve.csv")[1:]]
    assert [float(value).hex() for value in read[:-1]] == [float(value).hex() for value in VALUES]
    assert math.isnan(read[-1])
    assert pandas.read_csv(tmp_path / "curve.csv").value[0] == VALUES[0]


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_a_sentence() -> None:
    with pytest.raises(RunError, match=r"^the disk of /dev is full: full ends before epoch 7$"), Curve(FULL) as curve:
        curve.append(7, 0, 0, {"loss/train": 1.0})


def test_another_error_of_the_disk_is_not_taken_for_a_full_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def flush(self) -> None:
            raise OSError(5, "Input/output error")

        def close(self) -> None:
            pass

    with Curve(tmp_path / "curve.csv") as curve:
        curve.file.close()
        curve.writer = csv.writer((tmp_path / "other.csv").open("w"))
        monkeypatch.setattr(curve, "file", Broken())
        with pytest.raises(OSError, match="Input/output error"):
            curve.append(0, 0, 0, {"loss/train": 1.0})
