"""Arrays as people have them, and each of their faults in a sentence."""

import pickle
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from layouts import reading, save

from rotelab.data import memory
from rotelab.data.npz import Mapped
from rotelab.data.sources import Source
from rotelab.errors import InputError

GREY = numpy.arange(3 * 4 * 5, dtype=numpy.uint8).reshape(3, 4, 5)
COLOUR = numpy.arange(3 * 4 * 5 * 3, dtype=numpy.uint8).reshape(3, 4, 5, 3)
LABELS = numpy.array([1, 0, 1])


def read(path: Path, storage: str = "memory", **changes: Any) -> Source:
    return reading("npz", path, path.parent, storage, **changes)()


def written(folder: Path, **arrays: Any) -> Path:
    numpy.savez(folder / "own.npz", **arrays)
    return folder / "own.npz"


@pytest.mark.parametrize("storage", ["memory", "stream"])
@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (GREY, GREY[:, None]),
        (GREY[..., None], GREY[:, None]),
        (COLOUR, COLOUR.transpose(0, 3, 1, 2)),
        (numpy.ascontiguousarray(COLOUR.transpose(0, 3, 1, 2)), COLOUR.transpose(0, 3, 1, 2)),
    ],
)
def test_channels_last_or_first_or_none(
    tmp_path: Path, storage: str, images: numpy.ndarray, expected: numpy.ndarray
) -> None:
    part = read(written(tmp_path, images=images, labels=LABELS), storage).parts["all"]
    assert torch.equal(torch.stack([part.images[row] for row in range(3)]), torch.from_numpy(expected.copy()))
    assert tuple(part.images.shape) == expected.shape
    assert part.labels.tolist() == [1, 0, 1]
    assert part.streamed == (storage == "stream")


@pytest.mark.parametrize("storage", ["memory", "stream"])
def test_images_are_resized(tmp_path: Path, storage: str) -> None:
    path = written(tmp_path, images=COLOUR, labels=LABELS)
    assert torch.equal(read(path, storage, side=3).parts["all"].images[2], read(path, side=3).parts["all"].images[2])
    assert tuple(read(path, storage, side=3).parts["all"].images.shape) == (3, 3, 3, 3)


@pytest.mark.parametrize(
    "images", [GREY.astype(numpy.int64), GREY.astype(numpy.float32), GREY / 255, (GREY / 255).astype(numpy.float32)]
)
def test_levels_of_other_types(tmp_path: Path, images: numpy.ndarray) -> None:
    part = read(written(tmp_path, x=images, y=LABELS)).parts["all"]
    assert torch.equal(torch.stack([part.images[row] for row in range(3)]), torch.from_numpy(GREY[:, None].copy()))


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (LABELS[:, None], ("0", "1")),
        (numpy.eye(2)[LABELS], ("0", "1")),
        (LABELS.astype(float), ("0", "1")),
        (numpy.array(["dog", "cat", "dog"]), ("cat", "dog")),
        (numpy.array([b"dog", b"cat", b"dog"]), ("cat", "dog")),
    ],
)
def test_labels_of_other_shapes_and_types(tmp_path: Path, labels: numpy.ndarray, classes: tuple[str, ...]) -> None:
    source = read(written(tmp_path, train_images=GREY, train_labels=labels, val_images=GREY, val_labels=labels))
    assert source.classes == classes
    assert list(source.parts) == ["train", "test"]
    assert source.parts["test"].labels.tolist() == [1, 0, 1]


def test_names_of_classes(tmp_path: Path) -> None:
    names = numpy.array(["cat", "dog"])
    assert read(written(tmp_path, x=GREY, y=LABELS, class_names=names)).classes == ("cat", "dog")
    with pytest.raises(InputError, match="label 1 has no name among the 1"):
        read(written(tmp_path, x=GREY, y=LABELS, class_names=names[:1]))


def test_a_mapped_array_can_be_pickled_without_its_images(tmp_path: Path) -> None:
    images = read(written(tmp_path, x=numpy.tile(COLOUR, (1000, 1, 1, 1)), y=numpy.tile(LABELS, 1000)), "stream")
    mapped = images.parts["all"].images
    assert isinstance(mapped, Mapped)
    before = mapped[2999]
    text = pickle.dumps(mapped)
    assert len(text) < 1000
    assert torch.equal(pickle.loads(text)[2999], before)
    with pytest.raises(IndexError):
        mapped[3000]


def test_auto_streams_what_does_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, x=GREY, y=LABELS)
    assert not read(path, "auto").parts["all"].streamed
    monkeypatch.setattr(memory, "available", lambda: 2 * GREY.size * 5 - 1)
    assert read(path, "auto").parts["all"].streamed


def test_compressed_arrays_are_not_streamed(tmp_path: Path) -> None:
    numpy.savez_compressed(tmp_path / "own.npz", x=GREY, y=LABELS)
    assert len(read(tmp_path).parts["all"].labels) == 3
    with pytest.raises(InputError, match=f"^{tmp_path}/own.npz: x: data.storage=stream needs 8-bit .* not compressed"):
        read(tmp_path, "stream")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"a": GREY}, "holds a: expected x_train, y_train, ..., or images, labels"),
        ({"x": GREY, "y": LABELS[:2]}, ": x holds 3 images and y 2 labels"),
        ({"x": GREY[0], "y": LABELS}, r": x has the shape \(4, 5\): expected"),
        ({"x": GREY[:, :, :, None].repeat(2, 3), "y": LABELS}, r": x has the shape \(3, 4, 5, 2\): expected"),
        ({"x": GREY * 3.5 - 1, "y": LABELS}, ": x ranges from -1 to .*: expected 0 to 255, or fractions from 0 to 1"),
        ({"x": GREY * numpy.nan, "y": LABELS}, ": x ranges from nan to nan"),
        ({"x": GREY, "y": LABELS - 1}, ": y holds a label below 0, image 1"),
        ({"x": GREY, "y": LABELS / 2}, ": y holds labels that are no whole numbers"),
        ({"x": GREY, "y": numpy.array(["a", "", "a"])}, ": y: image 1 has no label"),
        ({"x": GREY, "y": numpy.ones((3, 2))}, r": y has the shape \(3, 2\), and its rows are not one-hot"),
        ({"x": GREY, "y": numpy.array([{}, 1, 2], object)}, ": y can't be read: it holds Python objects"),
        ({"x_train": GREY, "y_train": LABELS, "x_test": GREY, "y_test": LABELS * 0}, ": y_test lacks the class 1"),
        (
            {"x_train": GREY, "y_train": LABELS, "x_test": GREY[:, 1:], "y_test": LABELS},
            ": images of its parts are 1x4x5 and 1x3x5: data.side=N resizes all",
        ),
    ],
)
def test_a_fault_is_a_sentence_with_the_array(tmp_path: Path, arrays: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=f"^{tmp_path}/own.npz ?{said}"):
        read(written(tmp_path, **arrays))


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\3\4 cut"])
def test_a_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    save(tmp_path / "own.npz", content)
    with pytest.raises(InputError, match=f"^{tmp_path}/own.npz can't be read as .npz"):
        read(tmp_path)


def test_several_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save(tmp_path / f"{name}.npz", b"")
    with pytest.raises(InputError, match=r"holds a.npz, b.npz: data.folder=<the one that is meant>"):
        read(tmp_path)
