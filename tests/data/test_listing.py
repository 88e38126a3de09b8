"""What lies in an image folder, and its digest."""

import hashlib
import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from rotelab.data import listing as listings
from rotelab.data.listing import check, listing, naming
from rotelab.errors import InputError, RunError, printable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("train/dog/0.png", "train/cat/1.png", "test/cat/0.png"):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "images"


def digest(folder: Path) -> str:
    return listing(folder).digest


def test_files_by_path_with_size_and_time(folder: Path) -> None:
    os.utime(folder / "test/cat/0.png", ns=(5, 7))
    found = listing(folder).images
    assert [(path, size) for path, size, _ in found] == [
        ("test/cat/0.png", 14),
        ("train/cat/1.png", 15),
        ("train/dog/0.png", 15),
    ]
    assert found[0][2] == 7


def test_the_digest_is_that_of_earlier_versions(folder: Path) -> None:
    """By which the runs of before are found."""
    files = [(folder / name, name) for name in ("test/cat/0.png", "train/cat/1.png", "train/dog/0.png")]
    old = [(name, path.stat().st_size, path.stat().st_mtime_ns) for path, name in files]
    assert digest(folder) == hashlib.sha256(repr(old).encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    "name",
    [
        ".hidden",
        ".hidden/x.png",
        "lost+found/x",
        "train/.DS_Store",
        "train/lost+found/x",
        "@eaDir/train/x.png",
        "train/@eaDir/x.jpg/SYNOPHOTO_THUMB_M.jpg",
        "train/cat/@eaDir/x.jpg/SYNOPHOTO_THUMB_M.jpg",
        "__MACOSX/train/x.png",
        "train/cat/Thumbs.db",
        "train/desktop.ini",
    ],
)
def test_ignored(folder: Path, name: str) -> None:
    before = listing(folder)
    (folder / name).parent.mkdir(exist_ok=True, parents=True)
    (folder / name).write_text("x")
    assert listing(folder) == before


@pytest.mark.parametrize("name", ["2.gif", "2.JFIF", "2.jp2"])
def test_more_formats_count(folder: Path, name: str) -> None:
    before = digest(folder)
    (folder / "train/cat" / name).write_text("x")
    assert digest(folder) != before


def test_what_is_left_out_is_counted(folder: Path) -> None:
    for name in ("train/cat/a.txt", "train/cat/deep/b.TXT", "train/cat/c", "test/cat/a.xyz", "2.png", "train/2.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    (folder / "train/fox").mkdir()
    before = digest(folder)
    found = listing(folder)
    assert found.left_out == {
        "train/cat": Counter({".txt": 2, "without an extension": 1}),
        "train/dog": Counter(),
        "train/fox": Counter(),
        "test/cat": Counter({".xyz": 1}),
    }
    assert found.outside == 2
    assert found.digest == before


@pytest.mark.parametrize("way", ["pipe", "link to a pipe", "link to a device"])
def test_pipes_and_devices_are_left_out(folder: Path, tmp_path: Path, way: str) -> None:
    before, image = digest(folder), folder / "train/cat/2.png"
    if way == "link to a device":
        image.symlink_to("/dev/zero")
    else:
        os.mkfifo(image if way == "pipe" else tmp_path / "pipe")
    if way == "link to a pipe":
        image.symlink_to(tmp_path / "pipe")
    assert digest(folder) == before
    assert listing(folder).left_out["train/cat"].total() == 1


@pytest.mark.parametrize("target", ["nowhere.png", "2.png"])
def test_a_link_that_leads_nowhere_is_named(folder: Path, target: str) -> None:
    (folder / "train/cat/2.png").symlink_to(target)
    with pytest.raises(InputError, match=f"^{folder}/train/cat/2.png: "):
        listing(folder)


@pytest.mark.parametrize("target", [".", "..", "../..", "../../../elsewhere"])
def test_a_link_to_a_folder_that_it_lies_in_is_named(folder: Path, target: str) -> None:
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "back").symlink_to(folder / "train/cat")
    (folder / "train/cat/up").symlink_to(target)
    back = "up/back" if target.endswith("elsewhere") else "up"
    lies_in = folder / "train/cat" if back == "up/back" else (folder / "train/cat" / target).resolve()
    with pytest.raises(InputError, match=f"^{folder}/train/cat/{back}: a link to {lies_in}, which it lies in$"):
        listing(folder)


def test_a_link_to_another_folder_holds_what_that_holds(folder: Path, tmp_path: Path) -> None:
    """Two of them as well, of which one lies in the other's way."""
    (tmp_path / "elsewhere/deep").mkdir(parents=True)
    (tmp_path / "elsewhere/deep/x.png").write_text("x")
    (folder / "train/cat/all").symlink_to(tmp_path / "elsewhere")
    (folder / "train/cat/some").symlink_to(tmp_path / "elsewhere/deep")
    (tmp_path / "link").symlink_to(folder)
    found = [path for path, _, _ in listing(tmp_path / "link").images if path.startswith("train/cat")]
    assert found == ["train/cat/1.png", "train/cat/all/deep/x.png", "train/cat/some/x.png"]


def test_a_name_that_is_no_utf_8(folder: Path) -> None:
    before = digest(folder)
    (folder / "train/cat/\udcff.png").write_text("x")
    assert digest(folder) != before
    assert printable(folder / "train/cat/\udcff.png") == f"{folder}/train/cat/\\xff.png"
    assert printable("\u00e9") == "\u00e9"


def test_runs_are_named_by_what_the_folder_held_at_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "_naming", {})
    before = digest(folder)
    check(folder, before)
    (folder / "train/cat/2.png").write_text("more")
    after = digest(folder)
    check(folder, after)
    with pytest.raises(RunError, match=f"^data.folder: images in {folder} changed while they were in use: start"):
        check(folder, before)
    assert naming(folder) == after
    (folder / "train/cat/2.png").unlink()
    assert naming(folder) == after, "all runs of a process have it"
    with pytest.raises(RunError, match="changed while"):
        check(folder, before)


def test_classes_without_parts(folder: Path) -> None:
    """Or where the folders have other folders each."""
    (folder / "train").rename(folder.parent / "classes")
    found = listing(folder.parent / "classes")
    assert [path for path, _, _ in found.images] == ["cat/1.png", "dog/0.png"]
    assert (found.depth, found.outside, set(found.left_out)) == (1, 0, {"cat", "dog"})
    for name in ("cat/tabby/2.png", "dog/poodle/3.png", "4.png", "dog/x.txt"):
        (folder.parent / "classes" / name).parent.mkdir(exist_ok=True)
        (folder.parent / "classes" / name).write_text("x")
    found = listing(folder.parent / "classes")
    assert (found.depth, len(found.images), found.outside) == (1, 4, 1)
    assert found.left_out == {"cat": Counter(), "dog": Counter({".txt": 1})}


def test_parts_of_any_name_have_the_same_classes(folder: Path) -> None:
    for part in ("a", "b"):
        for name in ("cat", "dog"):
            (folder.parent / "own" / part / name).mkdir(parents=True)
            (folder.parent / "own" / part / name / "0.png").write_text("x")
    assert listing(folder.parent / "own").depth == 2


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
