"""What lies in an image folder, and its digest."""

import os
import shutil
from pathlib import Path

import pytest

from rotelab.data.listing import digest, listing
from rotelab.errors import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("train/dog/0.png", "train/cat/1.png", "test/cat/0.png"):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "images"


def test_files_by_path_with_size_and_time(folder: Path) -> None:
    os.utime(folder / "test/cat/0.png", ns=(5, 7))
    found = listing(folder)
    assert [(path, size) for path, size, _ in found] == [
        ("test/cat/0.png", 14),
        ("train/cat/1.png", 15),
        ("train/dog/0.png", 15),
    ]
    assert found[0][2] == 7


@pytest.mark.parametrize("name", [".hidden", ".hidden/x.png", "lost+found/x", "train/.DS_Store", "train/lost+found/x"])
def test_ignored(folder: Path, name: str) -> None:
    before = digest(folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x")
    assert digest(folder) == before


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"data.folder: there is no folder {tmp_path / 'nowhere'}"):
        listing(tmp_path / "nowhere")


def test_a_copy_that_keeps_the_times_has_the_same_digest(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    assert digest(tmp_path / "copy") == digest(folder)


def test_another_image_of_the_same_size_changes_the_digest(folder: Path) -> None:
    before, image = digest(folder), next(folder.glob("train/*/*.png"))
    image.write_bytes(bytes(reversed(image.read_bytes())))
    os.utime(image, ns=(0, image.stat().st_mtime_ns + 1))
    assert digest(folder) != before


def test_what_is_no_image_does_not_change_the_digest(folder: Path) -> None:
    before = digest(folder)
    (folder / "train/notes.txt").write_text("notes")
    (folder / "train/cat/notes.txt").write_text("notes")
    assert digest(folder) == before


def test_digest_changes_with_names_and_sizes(folder: Path) -> None:
    digests = {digest(folder)}
    (folder / "train/cat/2.png").write_text("more")
    digests.add(digest(folder))
    (folder / "train/cat/2.png").rename(folder / "train/dog/2.png")
    digests.add(digest(folder))
    (folder / "train/dog/2.png").write_text("longer")
    digests.add(digest(folder))
    assert len(digests) == 4
