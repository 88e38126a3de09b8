"""Parquet files as people have them, and each of their faults in a sentence."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy
import pyarrow
import pytest
from layouts import encoded, reading, save
from pyarrow import parquet

from rotelab.data.sources import Source
from rotelab.errors import InputError

PIXELS = encoded(numpy.zeros((4, 4, 3), numpy.uint8))
STRUCT = {"bytes": PIXELS, "path": "a.png"}


def write(path: Path, names: list[str] | None = None, **columns: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pyarrow.table(columns)
    if names is not None:
        features = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
        table = table.replace_schema_metadata({"huggingface": json.dumps(features)})
    parquet.write_table(table, path)
    return path


def read(folder: Path, cache: Path, **changes: str) -> Source:
    return reading("parquet", folder, cache, "stream", **changes)()


@pytest.mark.parametrize("image", [STRUCT, PIXELS])
def test_images_as_bytes_alone_or_with_a_path(tmp_path: Path, image: object) -> None:
    source = read(write(tmp_path / "a.parquet", img=[image] * 2, fine_label=[10, 9], coarse_label=[0, 1]), tmp_path)
    assert source.classes == ("9", "10")
    assert source.parts["all"].images[1].shape == (3, 4, 4)
    assert read(tmp_path / "a.parquet", tmp_path, label_column="coarse_label").classes == ("0", "1")


def test_names_of_classes_keep_their_order_and_empty_ones_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = write(
        tmp_path / "data/train-00000-of-00001-abc.parquet", ["z", "fox", "a"], image=[STRUCT] * 2, label=[2, 0]
    )
    source = read(tmp_path / "data", tmp_path)
    assert source.classes == ("z", "a")
    assert source.parts["train"].labels.tolist() == [1, 0]
    assert "; empty: fox\n" in capsys.readouterr().out
    assert path.exists()


@pytest.mark.parametrize(
    ("names", "columns", "said"),
    [
        (
            ["a", "b"],
            {"image": [STRUCT] * 2, "label": [0, 2]},
            ", row 1: label 2 has no name among the 2 that there are",
        ),
        (["a", "b"], {"image": [STRUCT] * 2, "label": [0, -1]}, ", row 1: label -1 has no name"),
        (None, {"image": [STRUCT] * 2, "label": ["a", None]}, ", row 1 has no label"),
        (None, {"image": [STRUCT] * 2, "label": [0.5, 1]}, ", row 0: label is of double, no whole number and no text"),
        (None, {"image": [STRUCT] * 2, "size": [0, 1]}, " has no column called label or the like.* it has size$"),
        (
            None,
            {"image": ["a.png"], "label": [0]},
            r" has no column of images as bytes; it has image \(string\), label",
        ),
    ],
)
def test_a_fault_is_a_sentence_with_the_file(tmp_path: Path, names: Any, columns: dict[str, Any], said: str) -> None:
    path = write(tmp_path / "a.parquet", names, **columns)
    with pytest.raises(InputError, match=f"^{path}{said}"):
        read(path, tmp_path)


def test_a_row_without_an_image(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", image=[STRUCT, {"bytes": None, "path": "b.png"}, STRUCT], label=[0, 1, 1])
    with pytest.raises(InputError, match=f"^{path}, row 1 holds no bytes of an image .with data.on_bad_image=skip"):
        read(path, tmp_path).parts["all"].images[1]
    assert read(path, tmp_path, on_bad_image="skip").skipped == ("a.parquet, row 1",)


@pytest.mark.parametrize("content", [b"", b"no parquet at all", b"PAR1 PAR1"])
def test_a_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    save(tmp_path / "a.parquet", content)
    with pytest.raises(InputError, match=f"^{tmp_path}/a.parquet can't be read as parquet: ") as raised:
        read(tmp_path, tmp_path)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_neither_train_nor_test(tmp_path: Path) -> None:
    for name in ("train-0", "other"):
        write(tmp_path / f"{name}.parquet", image=[STRUCT], label=[0])
    with pytest.raises(InputError, match=r"other.parquet is called neither train nor test, and others are"):
        read(tmp_path, tmp_path)


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.parquet", image=[STRUCT], label=[0])
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InputError, match=r"^data=parquet needs pyarrow: pip install 'rotelab\[parquet\]'$"):
        read(path, tmp_path)
