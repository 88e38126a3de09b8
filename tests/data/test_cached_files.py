"""Images that are decoded once: only those that are used, into a cache that is checked and mended."""

import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from rotelab.data import image_files
from rotelab.data.cached_files import CachedFiles
from rotelab.data.image_files import ImageFiles
from rotelab.data.places import Paths
from rotelab.errors import InputError, Notice

NAMES = [f"{number}.png" for number in range(8)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Images whose greys are 0, 10, 20, ..."""
    (tmp_path / "images").mkdir()
    for number, name in enumerate(NAMES):
        Image.new("L", (4, 5), 10 * number).save(tmp_path / "images" / name)
    return tmp_path / "images"


@pytest.fixture
def cached(root: Path, tmp_path: Path) -> Callable[..., CachedFiles]:
    def cached(stamp: str = "a") -> CachedFiles:
        return CachedFiles(ImageFiles(Paths(root, NAMES), None), tmp_path / "cache" / "image_folder-1.bin", stamp, root)

    return cached


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were decoded from then on, in order."""
    names, decode = [], image_files.decode

    def watched(path: Path, side: int | None) -> torch.Tensor:
        names.append(path.name)
        return decode(path, side)

    monkeypatch.setattr(image_files, "decode", watched)
    return names


def greys(files: CachedFiles, *numbers: int) -> list[int]:
    """Of these images, each of which has one."""
    images = [files[number] for number in numbers]
    assert all(image.shape == (3, 5, 4) and image.dtype == torch.uint8 for image in images)
    return [int(image.unique()) for image in images]


def test_only_what_is_kept_is_decoded_and_once(cached: Callable[..., CachedFiles], decoded: list[str]) -> None:
    files = cached()
    assert (len(files), files.shape) == (8, (8, 3, 5, 4))
    files.keep(torch.tensor([5, 2, 5]))
    assert decoded == ["2.png", "5.png"]
    assert greys(files, 5, 2, 5) == [50, 20, 50]
    files.keep(torch.tensor([2]))
    again = cached()
    again.keep(torch.tensor([2, 5]))
    assert greys(again, 2, 5) == [20, 50]
    assert len(decoded) == 2


def test_the_cache_grows(cached: Callable[..., CachedFiles], decoded: list[str]) -> None:
    files = cached()
    files.keep(torch.tensor([5, 2]))
    files.keep(torch.tensor([0, 5]))
    assert greys(files, 0, 2, 5) == [0, 20, 50]
    cached().keep(torch.tensor([7]))
    assert decoded == ["2.png", "5.png", "0.png", "7.png"]
    again = cached()
    again.keep(torch.tensor([7, 0, 2]))
    assert greys(again, 7, 0, 2) == [70, 0, 20]
    assert len(decoded) == 4


def test_an_image_that_is_not_kept_is_decoded_when_it_is_asked_for(
    cached: Callable[..., CachedFiles], decoded: list[str]
) -> None:
    files = cached()
    files.keep(torch.tensor([1]))
    assert greys(files, 3, 3) == [30, 30]
    assert decoded == ["1.png", "3.png", "3.png"]


def test_another_process_s_cache_changes_nothing(cached: Callable[..., CachedFiles]) -> None:
    files, other = cached(), cached("b")
    files.keep(torch.tensor([1, 2]))
    other.keep(torch.tensor([6, 1]))
    assert greys(files, 1, 2) == [10, 20]
    files.keep(torch.tensor([3]))
    assert greys(files, 1, 2, 3) == [10, 20, 30]
    assert greys(other, 6, 1) == [60, 10]


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def flip(path: Path, at: int, bit: int = 1) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= bit
    path.write_bytes(content)


def flip_a_pixel(path: Path) -> None:
    flip(path, -3 * 4 - 1)


def flip_a_sum(path: Path) -> None:
    flip(path, -1)


def flip_a_number(path: Path) -> None:
    """So that the image 2 goes by the number 6, which is wanted too."""
    flip(path, path.read_bytes().index(b"\n") + 1, 4)


def no_json(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + bytes(range(256)))


def nested(path: Path) -> None:
    """Deeper than a reader of JSON goes."""
    path.write_bytes(b"[" * 990)


def without_keys(path: Path) -> None:
    path.write_bytes(b"{}\n" + path.read_bytes())


def a_list(path: Path) -> None:
    path.write_bytes(b"[1]\n" + path.read_bytes())


def with_count(count: object) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        header, rest = path.read_bytes().split(b"\n", 1)
        path.write_bytes(json.dumps(json.loads(header) | {"count": count}).encode() + b"\n" + rest)

    write.__name__ = f"count_{count}"
    return write


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = [
    *(cut, halve, empty, lengthen, flip_a_pixel, flip_a_sum, flip_a_number, no_json, nested, without_keys, a_list),
    *(with_count(count) for count in (-1, 2, 10**30, "3", None, 1.5)),
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_cache_is_made_anew_and_it_is_said(
    cached: Callable[..., CachedFiles], decoded: list[str], damage: Callable
) -> None:
    first = cached()
    first.keep(torch.tensor([2, 4, 6]))
    damage(first.cache)
    decoded.clear()
    files = cached()
    with pytest.warns(Notice, match=rf"^data.cache: {files.cache} is damaged \(.*\): decoded anew$") as said:
        files.keep(torch.tensor([2, 4, 6]))
    assert greys(files, 2, 4, 6) == [20, 40, 60]
    assert decoded == ["2.png", "4.png", "6.png"]
    with warnings.catch_warnings(action="error"):
        cached().keep(torch.tensor([2, 4, 6]))
    assert (len(decoded), len(said)) == (3, 1)


def test_an_image_is_compared_when_it_is_used(cached: Callable[..., CachedFiles]) -> None:
    cached().keep(torch.tensor([2, 6]))
    flip_a_pixel(cached().cache)
    files = cached()
    with warnings.catch_warnings(action="error"):
        files.keep(torch.tensor([2]))  # which the damage is not in
    with pytest.warns(Notice, match=r"is damaged \(an image has another checksum\)"):
        files.keep(torch.tensor([6]))
    assert greys(files, 2, 6) == [20, 60]


def test_a_cache_that_can_be_neither_read_nor_replaced_is_a_sentence(cached: Callable[..., CachedFiles]) -> None:
    cached().keep(torch.tensor([1]))
    a_folder(cached().cache)
    with pytest.raises(InputError, match=r"^data.cache: .*/cache can't be written \(Is a directory\): choose another"):
        cached().keep(torch.tensor([1]))


def test_a_cache_of_another_stamp_is_made_anew_without_a_word(
    cached: Callable[..., CachedFiles], decoded: list[str], capsys: pytest.CaptureFixture
) -> None:
    cached().keep(torch.tensor([1]))
    cached("b").keep(torch.tensor([1]))
    assert (decoded, capsys.readouterr().out) == (["1.png", "1.png"], "")


def test_a_file_that_is_no_image_leaves_no_cache(cached: Callable[..., CachedFiles], root: Path) -> None:
    (root / "3.png").write_text("no image")
    files = cached()
    with pytest.raises(InputError, match=r"3.png can't be read as an image"):
        files.keep(torch.tensor([1, 3]))
    assert not [*files.cache.parent.iterdir()]
    files.keep(torch.tensor([1]))
    assert greys(files, 1) == [10]
