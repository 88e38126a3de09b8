"""What people call parts."""

import pytest

from rotelab.data.part_names import aliases, of_file, of_word, renamed


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("train-00000-of-00002.parquet", "train"),
        ("cifar10-TEST-0001.tar", "test"),
        ("validation/0000.parquet", "val"),
        ("train/test.csv", "test"),
        ("trainer.csv", None),
        ("data/0.tar", None),
    ],
)
def test_files(path: str, part: str | None) -> None:
    assert of_file(path) == part


def test_words_in_any_capitals() -> None:
    assert [of_word(word) for word in ("Train", " VALID ", "testing", "contest")] == ["train", "val", "test", None]


def test_aliases_where_there_is_one_meaning() -> None:
    assert aliases(["train", "test", "val"]) == {}
    assert aliases(["Train", "Validation"]) == {"train": "Train", "test": "Validation"}
    assert aliases(["train", "Test", "val"]) == {"test": "Test"}
    assert aliases(["Train", "training", "all"]) == {}


def test_validation_is_the_test_part_where_there_is_no_other() -> None:
    assert renamed({"train": 0, "val": 1}) == {"train": 0, "test": 1}
    assert renamed({"train": 0, "val": 1, "test": 2}) == {"train": 0, "val": 1, "test": 2}
