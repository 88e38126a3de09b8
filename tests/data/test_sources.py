"""Sources: shapes and ranges, what is missing in one sentence, an image folder from every side."""

import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy
import pytest
import torch
from PIL import Image
from toy import AS_IT_IS

from rotelab.data import sources
from rotelab.data.module import ImageData
from rotelab.data.sources import Source, cifar10, digits, fashion_mnist, image_folder
from rotelab.errors import InputError

GREYS = {
    "train/cat/2.png": 20,
    "train/cat/0.png": 0,
    "train/dog/1.png": 10,
    "test/cat/0.png": 200,
    "test/dog/1.png": 210,
}


def save(path: Path, grey: int, size: tuple[int, int] = (4, 4)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, grey).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Images of a single grey, whose file names order them across classes."""
    for name, grey in GREYS.items():
        save(tmp_path / "images" / name, grey)
    return tmp_path / "images"


@pytest.fixture
def read(folder: Path, tmp_path: Path) -> Callable[..., Source]:
    def read(side: int | None = None) -> Source:
        return image_folder(side, str(folder), str(tmp_path / "cache"))

    return read


def greys(source: Source, part: str = "train") -> list[int]:
    return source.parts[part].images[:, 0, 0, 0].tolist()


def test_digits() -> None:
    source = digits(None)
    part = source.parts["all"]
    assert part.images.shape == (1797, 1, 8, 8)
    assert (part.images.min(), part.images.max()) == (0, 255)
    assert source.classes == tuple("0123456789")
    assert part.labels[:10].tolist() == list(range(10))


def test_digits_resized() -> None:
    assert digits(16).parts["all"].images.shape == (1797, 1, 16, 16)


@pytest.mark.parametrize(("read", "name"), [(cifar10, "CIFAR10"), (fashion_mnist, "FashionMNIST")])
def test_a_download_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[..., Source], name: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", fail)
    with pytest.raises(InputError, match=f"^{name} could not be downloaded into {tmp_path}: "):
        read(None, str(tmp_path), True)


@pytest.mark.parametrize(("read", "name"), [(cifar10, "CIFAR10"), (fashion_mnist, "FashionMNIST")])
def test_a_dataset_that_is_not_there(tmp_path: Path, read: Callable[..., Source], name: str) -> None:
    with pytest.raises(InputError, match=f"^{name} is not in {tmp_path}: .*data.folder.*data.download=true$"):
        read(None, str(tmp_path), False)


def test_cifar10_has_channels_first(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fake:
        classes = ("cat", "dog")

        def __init__(self, folder: Path, train: bool, download: bool) -> None:
            size = 3 if train else 2
            self.data = numpy.zeros((size, 32, 32, 3), dtype=numpy.uint8)
            self.data[..., 1] = 7
            self.targets = [0, 1, 1][:size]

    monkeypatch.setattr(sources, "CIFAR10", Fake)
    source = cifar10(None, "~", False)
    assert {name: part.images.shape for name, part in source.parts.items()} == {
        "train": (3, 3, 32, 32),
        "test": (2, 3, 32, 32),
    }
    assert source.parts["train"].images[0, :, 5, 5].tolist() == [0, 7, 0]
    assert source.parts["train"].labels.tolist() == [0, 1, 1]
    assert cifar10(8, "~", False).parts["test"].images.shape == (2, 3, 8, 8)


def test_fashion_mnist_has_one_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fake:
        classes = ("shirt", "shoe")

        def __init__(self, folder: Path, train: bool, download: bool) -> None:
            self.data, self.targets = torch.full((2, 28, 28), 9, dtype=torch.uint8), torch.tensor([1, 0])

    monkeypatch.setattr(sources, "FashionMNIST", Fake)
    source = fashion_mnist(None, "~", False)
    assert source.parts["test"].images.shape == (2, 1, 28, 28)
    assert source.parts["test"].labels.tolist() == [1, 0]
    assert source.classes == ("shirt", "shoe")


def test_images_are_in_the_order_of_their_names(read: Callable[..., Source]) -> None:
    source = read()
    assert source.classes == ("cat", "dog")
    assert greys(source) == [0, 10, 20]
    assert source.parts["train"].labels.tolist() == [0, 1, 0]
    assert greys(source, "test") == [200, 210]
    assert source.parts["train"].images.shape == (3, 3, 4, 4), "grey images become RGB"


def test_nothing_is_written_into_the_folder(read: Callable[..., Source], folder: Path, tmp_path: Path) -> None:
    before = sorted(folder.rglob("*"))
    read()
    assert sorted(folder.rglob("*")) == before
    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".pt"]


def test_images_are_decoded_once(read: Callable[..., Source], monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = read()
    monkeypatch.setattr(sources, "default_loader", None)
    cached = read()
    assert cached.classes == decoded.classes
    for name, part in decoded.parts.items():
        assert torch.equal(cached.parts[name].images, part.images)
        assert torch.equal(cached.parts[name].labels, part.labels)


@pytest.mark.parametrize(
    ("change", "expected"),
    [("size", [0, 10, 99]), ("time", [0, 10, 21]), ("more", [0, 10, 20, 30]), ("fewer", [0, 10])],
)
def test_images_are_decoded_again_when_the_folder_changes(
    read: Callable[..., Source], folder: Path, change: str, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    read()
    file = folder / "train/cat/2.png"
    before = file.stat()
    if change == "size":  # at the same time
        Image.fromarray(numpy.array([[99, 3, 141, 59]] + 3 * [[26, 53, 58, 97]], dtype=numpy.uint8)).save(file)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert file.stat().st_size != before.st_size
    elif change == "time":  # of the same size
        save(file, 21)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
        assert file.stat().st_size == before.st_size
    elif change == "more":
        save(folder / "train/dog/3.png", 30)
    else:
        file.unlink()
    assert greys(read()) == expected
    monkeypatch.setattr(sources, "default_loader", None)
    assert greys(read()) == expected, "cached anew"


def test_another_side_has_a_cache_of_its_own(read: Callable[..., Source], tmp_path: Path) -> None:
    assert read(2).parts["train"].images.shape[-2:] == (2, 2)
    assert read().parts["train"].images.shape[-2:] == (4, 4)
    assert read(2).parts["train"].images.shape[-2:] == (2, 2)
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_a_file_that_is_no_image(read: Callable[..., Source], folder: Path, tmp_path: Path) -> None:
    (folder / "train/dog/1.png").write_text("no image")
    with pytest.raises(InputError, match=f"{folder}/train/dog/1.png can't be read as an image"):
        read()
    assert not (tmp_path / "cache").exists()


def test_sizes_that_differ(read: Callable[..., Source], folder: Path) -> None:
    save(folder / "train/cat/2.png", 20, size=(6, 5))
    with pytest.raises(InputError, match=r"train/cat/2.png is 5x6, .*train/cat/0.png is 4x4: .*data.side=N"):
        read()
    assert read(3).parts["train"].images.shape == (3, 3, 3, 3)


def test_parts_whose_sizes_differ(read: Callable[..., Source], folder: Path) -> None:
    for name in ("test/cat/0.png", "test/dog/1.png"):
        save(folder / name, 200, size=(6, 5))
    with pytest.raises(InputError, match=r"5x6.*data\.side=N|data\.side=N.*5x6"):
        read()
    assert read(3).parts["test"].images.shape == (2, 3, 3, 3)


@pytest.mark.parametrize(
    "name",
    [
        "lost+found/x/0.png",
        ".hidden/x/0.png",
        "train/lost+found/0.png",
        "train/.x/0.png",
        "train/cat/.x/0.png",
        "train/cat/._2.png",
    ],
)
def test_what_is_ignored(read: Callable[..., Source], folder: Path, name: str) -> None:
    save(folder / name, 77)
    source = read()
    assert list(source.parts) == ["test", "train"]
    assert source.classes == ("cat", "dog")
    assert greys(source) == [0, 10, 20]


def test_parts_with_different_classes(read: Callable[..., Source], folder: Path) -> None:
    save(folder / "train/emu/3.png", 30)
    with pytest.raises(InputError, match=r"train has classes \['cat', 'dog', 'emu'\], .*test has \['cat', 'dog'\]"):
        read()


def test_a_folder_without_classes_is_no_part(read: Callable[..., Source], folder: Path) -> None:
    save(folder / "extra/0.png", 1)
    assert list(read().parts) == ["test", "train"]


def test_a_class_without_images(read: Callable[..., Source], folder: Path) -> None:
    (folder / "test/dog/1.png").unlink()
    with pytest.raises(InputError, match=f"{folder}/test has .*cat"):
        read()


def test_a_folder_without_parts(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty holds no images"):
        image_folder(None, str(tmp_path / "empty"), str(tmp_path))


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"there is no folder {tmp_path}/nowhere"):
        image_folder(None, f"{tmp_path}/nowhere", str(tmp_path))


def test_by_name_is_the_original_order_of_cifar10(shared_cifar10: Path, tmp_path: Path) -> None:
    for name in os.listdir(shared_cifar10 / "test"):
        (tmp_path / "images" / "test" / name).mkdir(parents=True)
        for index in range(60):
            file = shared_cifar10 / "test" / name / f"{index:05}.jpg"
            if file.exists():
                shutil.copy(file, tmp_path / "images" / "test" / name)
    data = ImageData(
        load=partial(image_folder, None, str(tmp_path / "images"), str(tmp_path / "cache")),
        split={"train": "test[:20]", "pseudo_test": "test[20:40]", "held_out": "test[40:]"},
        batch_size=8,
        **AS_IT_IS,
    )
    data.setup()
    assert [len(labels) for _, labels in data.splits.values()] == [20, 20, 20]
    # the first labels of CIFAR-10's own test_batch
    assert data.splits["train"][1][:10].tolist() == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1]
    with Image.open(shared_cifar10 / "test" / "ship" / "00001.jpg") as image:
        expected = torch.from_numpy(numpy.array(image)).permute(2, 0, 1) / 255
    torch.testing.assert_close(data.splits["train"][0][1], expected)
