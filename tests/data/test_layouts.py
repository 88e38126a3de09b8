"""The same images, whatever the layout: the same splits to the last bit, and each layout is known when it is seen."""

from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from layouts import CLASSES, WRITE, as_csv, as_folders, as_parquet, encoded, pictures, reading, save, write_tar
from toy import AS_IT_IS

from rotelab.data.layouts import advice, found
from rotelab.data.module import ImageData, Preparation
from rotelab.data.preprocessing import Preprocessing
from rotelab.errors import InputError

SPLIT = {"train": "train[:8]", "pseudo_test": "train[8:16]", "held_out": "test"}


def splits(load: Any, workers: int = 0, **changes: Any) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    options: dict[str, Any] = AS_IT_IS | {"order": "shuffled", "batch_size": 4, "workers": workers} | changes
    data = ImageData(load, options.pop("split", SPLIT), Preparation(preprocess=Preprocessing(4)), **options)
    data.setup()
    assert data.classes == CLASSES
    return {name: (split.evaluated[0][:], split.evaluated[1]) for name, split in data.splits.items()}


@pytest.mark.parametrize("storage", ["memory", "stream"])
@pytest.mark.parametrize("layout", WRITE)
def test_every_layout_and_storage_gives_the_same_bits(layout: str, storage: str, tmp_path: Path) -> None:
    source, write = WRITE[layout]
    expected = splits(reading("image_folder", as_folders(tmp_path / "expected", pictures()), tmp_path / "cache"))
    folder = write(tmp_path / "images", pictures())
    assert found(folder) == source
    for name, (images, labels) in splits(reading(source, folder, tmp_path / "cache", storage)).items():
        assert images.dtype == torch.float32
        assert torch.equal(images, expected[name][0]), name
        assert torch.equal(labels, expected[name][1]), name


@pytest.mark.parametrize("layout", ["csv", "parquet", "npz", "webdataset"])
def test_workers_change_nothing(layout: str, tmp_path: Path) -> None:
    source, write = WRITE[layout]
    load = reading(source, write(tmp_path / "images", pictures()), tmp_path / "cache", "stream", side=4)
    data = ImageData(load, SPLIT, batch_size=4, workers=2, **AS_IT_IS)
    data.setup()
    blocks = torch.cat([*data.splits["train"].evaluated[0].split(3)])
    assert torch.equal(blocks, data.splits["train"].evaluated[0][:])


@pytest.mark.parametrize("layout", [name for name in WRITE if name not in ("npz", "Train and Validation")])
def test_a_single_part_is_divided_and_it_is_said(layout: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Into the same parts, wherever the images lie; by another seed into others."""
    source, write = WRITE[layout]
    load = reading(source, write(tmp_path / "images", pictures(30, 0)), tmp_path / "cache", "stream")
    expected = splits(reading("image_folder", as_folders(tmp_path / "a", pictures(30, 0)), tmp_path / "cache"))
    made = splits(load)
    assert (
        f"{tmp_path}/images: 30 train images in 3 classes; no test part: where slices ask for one it is a fifth of "
        "each class, 6 images, by data.order_seed\n" in capsys.readouterr().out
    )
    assert made["held_out"][1].bincount().tolist() == [2, 2, 2]
    assert all(torch.equal(made[name][0], expected[name][0]) for name in made)
    other = splits(load, order_seed=1)
    assert not torch.equal(made["held_out"][0], other["held_out"][0])


def test_classes_alone_are_a_part_called_all(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    folder = as_folders(tmp_path / "images", pictures(12, 0), {"train": ""})
    load = reading("image_folder", folder, tmp_path / "cache")
    assert list(load().parts) == ["all"]
    assert f"{folder}: 12 images in 3 classes; no test part" in capsys.readouterr().out
    thirds = {"train": "all[:4]", "pseudo_test": "all[4:8]", "held_out": "all[8:]"}
    assert [len(labels) for _, labels in splits(load, split=thirds).values()] == [4, 4, 4]
    halves = {"train": "train[:4]", "pseudo_test": "train[4:8]", "held_out": "test"}
    made = splits(load, split=halves, order="by_name")
    assert [len(labels) for _, labels in made.values()] == [4, 4, 3]
    assert found(folder) == "image_folder"


def test_a_test_part_needs_two_images_of_a_class(tmp_path: Path) -> None:
    folder = as_folders(tmp_path / "images", pictures(12, 0), {"train": ""})
    save(folder / "fox/x.png", encoded(numpy.zeros((6, 5, 3), numpy.uint8)))
    load = reading("image_folder", folder, tmp_path / "cache", "stream")
    data = ImageData(load, SPLIT, batch_size=4, **AS_IT_IS)
    with pytest.raises(InputError, match="a test part can't be drawn: class 'fox' has one image alone"):
        data.setup()


def test_two_names_of_one_part_overlap(tmp_path: Path) -> None:
    folder = as_folders(tmp_path / "images", pictures(), {"train": "Train"})
    load = reading("image_folder", folder, tmp_path / "cache", "stream")
    data = ImageData(load, SPLIT | {"pseudo_test": "Train[:8]"}, batch_size=4, **AS_IT_IS)
    with pytest.raises(InputError, match=r"data\.split: Train and train are the same images, by two names"):
        data.setup()


def test_slices_of_a_folder_of_one_part_are_what_they_were(tmp_path: Path) -> None:
    """Where they ask for no test part."""
    load = reading("image_folder", as_folders(tmp_path / "images", pictures(24, 0)), tmp_path / "cache", "stream")
    whole = {"train": "train[:8]", "pseudo_test": "train[8:16]", "held_out": "train[16:]"}
    made = splits(load, split=whole, order="by_name")
    files = load().parts["train"].images
    assert torch.equal(made["held_out"][0][0], files[16][:, 1:5, :4].float() / 255) or len(made["held_out"][1]) == 8
    assert [len(labels) for _, labels in made.values()] == [8, 8, 8]


@pytest.mark.parametrize("name", ["data.npz", "labels.csv", "a/train-0.parquet", "labels.TSV", "shard-0.tar"])
def test_a_file_is_known_by_its_name(tmp_path: Path, name: str) -> None:
    save(tmp_path / name, b"x")
    expected = {"npz": "npz", "csv": "csv", "parquet": "parquet", "tsv": "csv", "tar": "webdataset"}
    kind = expected[name.rpartition(".")[2].lower()]
    assert found(tmp_path / name) == kind
    assert found(tmp_path) == kind
    assert advice(tmp_path, "image_folder") == f": data={kind} reads it"
    assert advice(tmp_path, kind).startswith(": expected ")


def test_class_folders_win_against_a_table_beside_them(tmp_path: Path) -> None:
    folder = as_folders(tmp_path, pictures(6, 0))
    save(folder / "notes.csv", b"a,b\n")
    assert found(folder) == "image_folder"
    save(folder / "train/metadata.csv", b"file_name,label\n")
    assert found(folder) == "csv"


def test_flat_folders_with_a_table_are_a_csv(tmp_path: Path) -> None:
    folder = as_csv(tmp_path, pictures(6, 0))
    (folder / "images").rename(folder / "train")
    assert found(folder) == "csv"


@pytest.mark.parametrize("make", ["nothing", "pdf", "a file", "nowhere"])
def test_what_can_t_be_read_is_named_with_the_layouts_that_can(tmp_path: Path, make: str) -> None:
    folder = tmp_path / "own\nimages"
    folder.mkdir()
    if make == "pdf":
        save(folder / "a.pdf", b"x")
    if make == "a file":
        save(folder / "a.pdf", b"x")
        folder = folder / "a.pdf"
    if make == "nowhere":
        folder = folder / "nowhere"
    with pytest.raises(InputError) as raised:
        found(folder)
    said = {"nothing": "holds no files", "pdf": "holds 1 .pdf", "a file": "no layout", "nowhere": "no folder or file"}
    assert said[make] in str(raised.value)
    assert "own\\nimages" in str(raised.value) and "\n" not in str(raised.value)
    assert make == "nowhere" or "webdataset's .tar" in str(raised.value)


@pytest.mark.parametrize("source", ["image_folder", "csv", "npz", "webdataset"])
def test_another_layout_than_was_asked_for_is_told_the_right_source(source: str, tmp_path: Path) -> None:
    folder = as_parquet(tmp_path / "images", pictures(6, 0))
    with pytest.raises(InputError, match=f"^{folder} holds no .*: data=parquet reads it"):
        reading(source, folder, tmp_path / "cache")()


@pytest.mark.parametrize("layout", WRITE)
def test_a_change_while_images_are_in_use_is_noticed(layout: str, tmp_path: Path) -> None:
    source, write = WRITE[layout]
    folder = write(tmp_path / "images", pictures(6, 3))
    load = reading(source, folder, tmp_path / "cache", "stream")()
    load.check()
    file = next(path for path in sorted(folder.rglob("*")) if path.is_file())
    save(file, file.read_bytes() + b" ")
    with pytest.raises(RuntimeError, match="changed while they were in use"):
        load.check()


@pytest.mark.parametrize("layout", ["csv", "parquet", "webdataset"])
@pytest.mark.parametrize("storage", ["memory", "stream"])
def test_a_broken_image_is_named_or_skipped(layout: str, storage: str, tmp_path: Path) -> None:
    source, write = WRITE[layout]
    parts = pictures(6, 3)
    folder = write(tmp_path / "images", parts)
    broken, whole = encoded(parts["train"][1][2]), None
    for path in sorted(folder.rglob("*")):
        if path.is_file() and broken in (content := path.read_bytes()):
            whole = content
            save(path, content.replace(broken, broken[:20] + bytes(len(broken) - 20)))
    assert whole is not None
    where = {
        "csv": "images/train001.png",
        "parquet": "train-00000-of-00002.parquet, row 1",
        "webdataset": "train001.png",
    }
    part = reading(source, folder, tmp_path / "cache", storage)().parts["train"]
    with pytest.raises(InputError, match=f"{where[layout]} can't be read as an image"):
        part.keep(torch.arange(6))
        part.images[1]
    made = reading(source, folder, tmp_path / "cache", storage, on_bad_image="skip")()
    assert len(made.parts["train"].labels) == 5
    (skipped,) = made.skipped
    assert skipped.endswith(where[layout])


def test_a_gif_is_read_by_its_first_frame(tmp_path: Path) -> None:
    red = numpy.zeros((6, 5, 3), numpy.uint8) + numpy.array([255, 0, 0], numpy.uint8)
    members = [("a.gif", encoded(red, "gif")), ("a.cls", b"red"), ("b.png", encoded(red)), ("b.cls", b"other")]
    write_tar(tmp_path / "images.tar", members)
    made = reading("webdataset", tmp_path / "images.tar", tmp_path / "cache")().parts["all"]
    assert torch.equal(made.images[0], made.images[1])
