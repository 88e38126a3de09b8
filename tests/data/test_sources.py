"""Sources: shapes and ranges, what is missing in one sentence, an image folder from every side."""

import json
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from PIL import Image
from toy import AS_IT_IS

from rotelab.data import bad_images, image_files, memory, sources
from rotelab.data.cached_files import CachedFiles
from rotelab.data.formats import readable
from rotelab.data.image_files import ImageFiles
from rotelab.data.module import ImageData
from rotelab.data.sources import Source, cifar10, digits, fashion_mnist, image_folder
from rotelab.data.stored import short_hash
from rotelab.errors import InputError, Notice, RunError

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
    def read(side: int | None = None, storage: str = "memory", on_bad_image: str = "error") -> Source:
        return image_folder(side, str(folder), str(tmp_path / "cache"), storage, on_bad_image)

    return read


def images(source: Source, part: str = "train") -> torch.Tensor:
    """All images of a part, kept as ImageData has them kept."""
    of = source.parts[part]
    of.keep(torch.arange(len(of.labels)))
    return torch.stack([of.images[index] for index in range(len(of.labels))])


def greys(source: Source, part: str = "train") -> list[int]:
    return images(source, part)[:, 0, 0, 0].tolist()


def test_digits() -> None:
    source = digits(None)
    part = source.parts["all"]
    assert part.images.shape == (1797, 1, 8, 8)
    found = images(source, "all")
    assert (found.min(), found.max()) == (0, 255)
    assert source.classes == tuple("0123456789")
    assert part.labels[:10].tolist() == list(range(10))


def test_digits_resized() -> None:
    assert digits(16).parts["all"].images.shape == (1797, 1, 16, 16)


@pytest.mark.parametrize(("read", "name"), [(cifar10, "CIFAR10"), (fashion_mnist, "FashionMNIST")])
def test_a_download_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[..., Source], name: str
) -> None:
    def fail(*_: object, **__: Any) -> None:
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
    assert source.parts["train"].images[0][:, 5, 5].tolist() == [0, 7, 0]
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
    images(read())
    assert sorted(folder.rglob("*")) == before
    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".bin"]


def test_images_are_decoded_once(read: Callable[..., Source], monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = read()
    before = {name: images(decoded, name) for name in decoded.parts}
    monkeypatch.setattr(image_files, "decode", None)
    cached = read()
    assert cached.classes == decoded.classes
    for name, part in decoded.parts.items():
        assert torch.equal(images(cached, name), before[name])
        assert torch.equal(cached.parts[name].labels, part.labels)


@pytest.mark.parametrize(
    ("change", "expected"),
    [("size", [0, 10, 99]), ("time", [0, 10, 21]), ("more", [0, 10, 20, 30]), ("fewer", [0, 10])],
)
def test_images_are_decoded_again_when_the_folder_changes(
    read: Callable[..., Source], folder: Path, change: str, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    images(read())
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
    monkeypatch.setattr(image_files, "decode", None)
    assert greys(read()) == expected, "cached anew"


def test_another_side_has_a_cache_of_its_own(read: Callable[..., Source], tmp_path: Path) -> None:
    assert images(read(2)).shape[-2:] == (2, 2)
    assert images(read()).shape[-2:] == (4, 4)
    assert images(read(2)).shape[-2:] == (2, 2)
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_a_file_that_is_no_image(read: Callable[..., Source], folder: Path, tmp_path: Path) -> None:
    (folder / "train/dog/1.png").write_text("no image")
    with pytest.raises(InputError, match=f"{folder}/train/dog/1.png can't be read as an image"):
        images(read())
    assert not [*(tmp_path / "cache").iterdir()]


def test_sizes_that_differ(read: Callable[..., Source], folder: Path) -> None:
    save(folder / "train/cat/2.png", 20, size=(6, 5))
    with pytest.raises(InputError, match=r"train/cat/2.png is 5x6, .*train/cat/0.png is 4x4: .*data.side=N"):
        images(read())
    assert images(read(3)).shape == (3, 3, 3, 3)


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


def test_a_class_that_a_part_lacks_is_named(read: Callable[..., Source], folder: Path) -> None:
    save(folder / "train/emu/3.png", 30)
    with pytest.raises(InputError, match=f"^{folder}/test lacks the class emu$"):
        read().complete()
    save(folder / "train/fox/3.png", 30)
    with pytest.raises(InputError, match=f"^{folder}/test lacks the classes emu, fox$"):
        read().complete()


def test_a_folder_without_classes_is_no_part(read: Callable[..., Source], folder: Path) -> None:
    save(folder / "extra/0.png", 1)
    assert list(read().parts) == ["test", "train"]


def test_a_class_without_images(read: Callable[..., Source], folder: Path) -> None:
    (folder / "test/dog/1.png").unlink()
    with pytest.raises(InputError, match=f"^{folder}/test lacks the class dog$"):
        read().complete()


@pytest.mark.parametrize(
    ("files", "said"), [(["a.txt", "b.txt", "c.xyz"], "2 .txt, 1 .xyz"), (["a"], "1 without an ex")]
)
@pytest.mark.parametrize("name", ["dog", "fox"])
def test_a_class_that_loses_all_of_its_files_is_refused(
    read: Callable[..., Source], folder: Path, name: str, files: list[str], said: str
) -> None:
    (folder / "test/dog/1.png").unlink()
    (folder / "test/cat/1.png").symlink_to("0.png")
    for file in files:
        (folder / "test" / name).mkdir(exist_ok=True)
        (folder / "test" / name / file).touch()
    with pytest.raises(InputError, match=f"^{folder}/test/{name} holds no image that can be read here, but {said}"):
        read()


def test_what_was_found_is_said_once(read: Callable[..., Source], folder: Path, capsys: pytest.CaptureFixture) -> None:
    read()
    read(3, "stream", "skip")
    assert capsys.readouterr().out.count(f"{folder}: 3 train images in 2 classes, 2 test\n") == 1
    for name in ("train/cat/a.txt", "train/dog/deep/b.txt", "test/cat/c.xyz"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    os.mkfifo(folder / "train/cat/pipe.png")
    save(folder / "0.png", 0)
    for name in ("train/fox", "test/fox", "extra/empty"):
        (folder / name).mkdir(parents=True)
    read()
    assert capsys.readouterr().out == (
        f"{folder}: 3 train images in 2 classes, 2 test; left out: 2 .txt, 1 .xyz, 1 special (pipes, devices), "
        "1 images in no class; empty: extra/empty, test/fox, train/fox\n"
    )


@pytest.mark.parametrize("kind", ["gif", "jfif", "jp2", "avif"])
def test_images_of_other_formats_count(read: Callable[..., Source], folder: Path, kind: str) -> None:
    if not readable(f".{kind}"):
        pytest.skip(f"this Pillow reads no .{kind}")
    frames = [Image.new("RGB", (4, 4), (grey, grey, grey)) for grey in (120, 250)]
    options: dict[str, Any] = {"save_all": True, "append_images": frames[1:]} if kind == "gif" else {}
    frames[0].save(folder / "train/dog" / f"3.{kind}", **options)
    for storage in ("memory", "stream"):
        grey = int(images(read(None, storage))[3].float().mean())
        assert grey == pytest.approx(120, abs=2)


def test_names_that_are_no_utf_8(read: Callable[..., Source], folder: Path, capsys: pytest.CaptureFixture) -> None:
    save(folder / "train/cat/\udcff.png", 70)
    (folder / "train/cat/\udcfe.png").write_text("no image")
    for part in ("train", "test"):
        save(folder / part / "\udcfd/9.png", 90)
    source = read(None, "memory", "skip")
    assert greys(source) == [0, 10, 20, 90, 70]
    assert source.classes == ("cat", "dog", "\\xfd")
    assert source.skipped == ("train/cat/\\xfe.png",)
    capsys.readouterr().out.encode()
    assert read(None, "stream", "skip").skipped == source.skipped, "from the cache"


def test_leftovers_in_the_cache_go_with_the_next_start(
    read: Callable[..., Source], folder: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    old = cache / f"image_folder-{short_hash(f'{folder}:{None}')}.pt"  # of the format before this one
    for path in (old, cache / "image_folder-1.x.partial", cache / "other.pt"):
        path.touch()
    images(read())
    assert sorted(path.suffix for path in cache.iterdir()) == [".bin", ".pt"]
    assert not old.exists()


def test_too_little_memory_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 2**30)
    with pytest.raises(RunError, match=r"^1,797 images of data.side = 4096 need 28.1 GiB of memory, 1.0 GiB are"):
        digits(4096)


def test_a_folder_without_parts(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty holds no images"):
        image_folder(None, str(tmp_path / "empty"), str(tmp_path), "memory", "error")


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"there is no folder {tmp_path}/nowhere"):
        image_folder(None, f"{tmp_path}/nowhere", str(tmp_path), "memory", "error")


@pytest.mark.parametrize("side", [None, 3])
def test_streamed_images_and_labels_are_those_in_memory(
    read: Callable[..., Source], tmp_path: Path, side: int | None
) -> None:
    streamed = read(side, "stream")
    assert not (tmp_path / "cache").exists(), "nothing decoded up front"
    memorized = read(side)
    assert (streamed.classes, list(streamed.parts)) == (memorized.classes, list(memorized.parts))
    for name, part in streamed.parts.items():
        assert part.images.shape == memorized.parts[name].images.shape
        assert torch.equal(torch.stack([*part.images]), images(memorized, name))
        assert torch.equal(part.labels, memorized.parts[name].labels)


def test_streaming_opens_no_image_until_it_is_asked_for(
    read: Callable[..., Source], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "train/dog/1.png").write_text("no image")
    files = read(None, "stream").parts["train"].images
    assert files[0].shape == (3, 4, 4)
    with pytest.raises(InputError, match=f"{folder}/train/dog/1.png can't be read as an image"):
        files[1]


def test_streamed_parts_whose_sizes_differ(read: Callable[..., Source], folder: Path) -> None:
    for name in ("test/cat/0.png", "test/dog/1.png"):
        save(folder / name, 200, size=(6, 5))
    with pytest.raises(InputError, match=r"train holds 4x4, .*test 5x6: give data\.side=N"):
        read(None, "stream")


def test_auto_keeps_what_fits_in_memory(
    read: Callable[..., Source], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    needed = len(GREYS) * 3 * 4 * 4 * 5
    monkeypatch.setattr(memory, "available", lambda: 2 * needed)
    assert isinstance(read(None, "auto").parts["train"].images, CachedFiles)
    assert "data.storage" not in capsys.readouterr().out

    monkeypatch.setattr(memory, "available", lambda: 2 * needed - 1)
    assert isinstance(read(None, "auto").parts["train"].images, ImageFiles)
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "data.storage=auto: 5 images would take 0.0 GiB, 0.0 GiB are available" in said
    assert "data.storage=memory" in said
    assert isinstance(read(2, "auto").parts["train"].images, CachedFiles), "smaller ones fit"


@pytest.mark.parametrize("options", [("disk", "error"), ("memory", "ignore")])
def test_options_that_there_are_not(read: Callable[..., Source], options: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match=r"(storage = 'disk'|on_bad_image = 'ignore') is not one of"):
        read(None, *options)


BAD = ("test/dog/broken.jpg", "train/cat/0.a.png", "train/dog/0.b.PNG")


@pytest.fixture
def damaged(folder: Path) -> Path:
    """With a truncated file, an empty one and one that is no image, two of them the first of their part."""
    Image.fromarray(numpy.arange(3 * 64**2, dtype=numpy.uint8).reshape(64, 64, 3)).save(folder / BAD[0])
    os.truncate(folder / BAD[0], 900)
    (folder / BAD[1]).touch()
    (folder / BAD[2]).write_text("no image")
    return folder


@pytest.mark.parametrize("storage", ["memory", "stream"])
def test_bad_images_are_skipped(
    read: Callable[..., Source], damaged: Path, storage: str, capsys: pytest.CaptureFixture
) -> None:
    source = read(None, storage, "skip")
    assert source.skipped == BAD
    assert "decoding 8 images once" in (said := capsys.readouterr().out)
    assert "3 can't be decoded (" in said
    for part, expected in {"train": [0, 10, 20], "test": [200, 210]}.items():
        assert [int(image[0, 0, 0]) for image in source.parts[part].images] == expected
    assert source.parts["train"].labels.tolist() == [0, 1, 0]


def test_which_images_are_bad_is_remembered(
    read: Callable[..., Source], damaged: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    read(None, "stream", "skip")
    capsys.readouterr()
    with monkeypatch.context() as context:
        context.setattr(bad_images, "rgb", None)
        assert read(None, "stream", "skip").skipped == BAD
        assert read(3, "memory", "skip").skipped == BAD, "whatever the side and the storage"
        context.setattr(image_files, "decode", None)
        assert read(3, "memory", "skip").skipped == BAD
        assert capsys.readouterr().out == ""
    (damaged / BAD[1]).unlink()
    assert read(3, "memory", "skip").skipped == (BAD[0], BAD[2])
    assert "decoding 7 images" in capsys.readouterr().out


def with_bad(bad: object, mended: bool = False) -> Callable[[dict], str]:
    """The list with other names; ``mended``: and with their checksum."""

    def change(content: dict) -> str:
        return json.dumps(
            content | {"bad": bad} | ({"sum": bad_images.checksum(content["stamp"], bad)} if mended else {})
        )

    return change


def without_sum(content: dict) -> str:
    return json.dumps({key: value for key, value in content.items() if key != "sum"})


DAMAGES = {
    **{text: lambda _, text=text: text for text in ("", "[]", "{}", '{"stamp": 1, "bad"', "\0")},
    "nested": lambda _: "[" * 100_000,
    "cut": lambda content: json.dumps(content)[:-9],
    "no checksum": without_sum,
    "one more": with_bad([*BAD, "train/dog/1.png"]),
    "one fewer": with_bad(BAD[1:]),
    "a letter": with_bad([*BAD[:2], BAD[2].replace("0", "1")]),
    "numbers": with_bad([1, 2]),
    "lists": with_bad([[]], mended=True),
    "a text": with_bad("", mended=True),
    "a file that is not there": with_bad(["train/dog/gone.png"], mended=True),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_list_of_bad_images_is_made_anew_and_it_is_said(
    read: Callable[..., Source], damaged: Path, tmp_path: Path, damage: Callable[[dict], str]
) -> None:
    read(None, "stream", "skip")
    (remembered,) = (tmp_path / "cache").glob("bad_images-*.json")
    before = remembered.read_text()
    remembered.write_text(damage(json.loads(before)))
    with pytest.warns(Notice, match=rf"^data.cache: {remembered} is damaged \(.*\): decoded anew$") as said:
        assert read(None, "stream", "skip").skipped == BAD
    assert (len(said), remembered.read_text()) == (1, before)


def test_what_was_skipped_is_still_an_error_without_skipping(read: Callable[..., Source], damaged: Path) -> None:
    message = "can't be read as an image"
    for _ in range(2):
        assert read(3, "memory", "skip").skipped == BAD
        with pytest.raises(InputError, match=message):
            images(read(3, "memory", "error"))
    files = read(3, "stream", "error").parts["train"].images
    assert len(files) == 5
    with pytest.raises(InputError, match=message):
        files[0]


def test_skipping_nothing_is_the_same_cache(read: Callable[..., Source], monkeypatch: pytest.MonkeyPatch) -> None:
    images(read(None, "memory", "error"))
    monkeypatch.setattr(image_files, "decode", None)
    source = read(None, "memory", "skip")
    assert (greys(source), source.skipped) == ([0, 10, 20], ())


@pytest.mark.parametrize("limit", [15, 7])  # 16 pixels: Pillow itself warns above the limit, and refuses above twice it
def test_decompression_bombs_are_skipped(
    read: Callable[..., Source], folder: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    for name in set(GREYS) - {"train/cat/2.png"}:
        save(folder / name, GREYS[name], size=(2, 2))
    read(2, "memory", "skip")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    save(folder / "train/cat/3.png", 30, size=(2, 2))
    assert read(2, "memory", "skip").skipped == ("train/cat/2.png",)
    with pytest.raises(InputError, match=r"train/cat/2.png is not decoded, since it has more pixels"):
        images(read(2, "memory", "error"))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 16)
    assert read(2, "memory", "skip").skipped == (), "another limit is another list"


@pytest.mark.parametrize("storage", ["memory", "stream"])
def test_another_size_is_not_skipped(read: Callable[..., Source], folder: Path, storage: str) -> None:
    save(folder / "train/cat/2.png", 20, size=(6, 5))
    with pytest.raises(InputError, match=r"train/cat/2.png is 5x6, .*train/cat/0.png is 4x4: .*data.side=N"):
        _ = [*read(None, storage, "skip").parts["train"].images]


@pytest.mark.parametrize(
    ("bad", "named"), [(["test/dog/1.png"], "test/dog"), (["test/dog/1.png", "test/cat/0.png"], "test")]
)
def test_a_class_or_a_part_of_bad_images_alone(
    read: Callable[..., Source], folder: Path, bad: list[str], named: str
) -> None:
    for name in bad:
        (folder / name).write_text("no image")
    with pytest.raises(InputError, match=f"{folder}/{named}: none of its images can be decoded"):
        read(None, "stream", "skip")


def test_bad_images_are_found_by_several_processes(damaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bad_images, "IMAGES_PER_PROCESS", 2)
    names = sorted((*GREYS, *BAD))
    flags = bad_images.are_bad([damaged / name for name in names], damaged, processes=2)
    assert [name for name, flag in zip(names, flags, strict=True) if flag] == list(BAD)


def test_a_file_that_can_t_be_read_is_not_skipped(damaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bad_images, "IMAGES_PER_PROCESS", 2)
    with pytest.raises(InputError, match=f"^{damaged}/gone.png: No such file or directory$"):
        bad_images.are_bad([damaged / name for name in (*GREYS, "gone.png")], damaged, processes=2)


@pytest.mark.parametrize("on_bad_image", ["error", "skip"])
def test_links_that_lead_nowhere(read: Callable[..., Source], folder: Path, on_bad_image: str) -> None:
    (folder / "train/cat/loop.png").symlink_to("loop.png")
    with pytest.raises(InputError, match=r"train/cat/loop.png: Too many levels of symbolic links"):
        read(None, "stream", on_bad_image)
    (folder / "train/cat/loop.png").unlink()
    (folder / "train/cat/up").symlink_to("..")
    with pytest.raises(InputError, match=r"train/cat/up: a link to .*/train, which it lies in"):
        read(None, "stream", on_bad_image)


def test_by_name_is_the_original_order_of_cifar10(shared_cifar10: Path, tmp_path: Path) -> None:
    for name in os.listdir(shared_cifar10 / "test"):
        (tmp_path / "images" / "test" / name).mkdir(parents=True)
        for index in range(60):
            file = shared_cifar10 / "test" / name / f"{index:05}.jpg"
            if file.exists():
                shutil.copy(file, tmp_path / "images" / "test" / name)
    data = ImageData(
        load=partial(image_folder, None, str(tmp_path / "images"), str(tmp_path / "cache"), "memory", "error"),
        split={"train": "test[:20]", "pseudo_test": "test[20:40]", "held_out": "test[40:]"},
        batch_size=8,
        **AS_IT_IS,
    )
    data.setup()
    assert [len(split) for split in data.splits.values()] == [20, 20, 20]
    # the first labels of CIFAR-10's own test_batch
    assert data.splits["train"].evaluated[1][:10].tolist() == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1]
    with Image.open(shared_cifar10 / "test" / "ship" / "00001.jpg") as image:
        expected = torch.from_numpy(numpy.array(image)).permute(2, 0, 1) / 255
    torch.testing.assert_close(data.splits["train"].evaluated[0][:][1], expected)
