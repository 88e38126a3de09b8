"""Tar archives as people have them, and each of their faults in a sentence."""

from pathlib import Path

import numpy
import pytest
from layouts import encoded, reading, save, write_tar

from rotelab.data.sources import Source
from rotelab.errors import InputError

PIXELS = encoded(numpy.zeros((4, 4, 3), numpy.uint8))
WHOLE = [("a.png", PIXELS), ("a.cls", b"1\n"), ("b.png", PIXELS), ("b.cls", b"0")]


def read(folder: Path, cache: Path) -> Source:
    return reading("webdataset", folder, cache, "stream")()


@pytest.mark.parametrize(
    "members",
    [
        WHOLE,
        [WHOLE[1], WHOLE[0], *WHOLE[2:], ("b.txt", b"a caption"), ("._a.png", b"")],
        [("x/a.png", PIXELS), ("x/a.cls", b"1"), ("y/a.png", PIXELS), ("y/a.cls", b"0")],
        [("a.seg.png", PIXELS), ("a.cls", b"1"), ("b.JPG", PIXELS), ("b.cls", b"0")],
        [("a.png", PIXELS), ("a.json", b'{"label": 1}'), ("b.png", PIXELS), ("b.json", b'{"cls": 0, "x": 2}')],
        [*WHOLE, ("a.json", b'{"label": 7}'), ("b.json", b'{"width": 4}')],
    ],
)
def test_keys_and_labels(tmp_path: Path, members: list[tuple[str, bytes]]) -> None:
    source = read(write_tar(tmp_path / "shard-000.tar", members), tmp_path)
    assert source.classes == ("0", "1")
    assert source.parts["all"].labels.tolist() == [1, 0]
    assert source.parts["all"].images[1].shape == (3, 4, 4)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([*WHOLE, ("a.jpg", PIXELS)], ": a.jpg and a.png share a key"),
        ([*WHOLE, ("a.png", PIXELS)], ": a.png and a.png share a key"),
        ([*WHOLE, ("a.cls", b"0")], ": a.cls is there twice"),
        ([*WHOLE, ("c.png", PIXELS)], ": c.png has no label: no .cls of its key, and no .json with a label"),
        ([*WHOLE, ("c.cls", b"0")], ": c has a label and no image that can be read here"),
        ([*WHOLE, ("c.png", PIXELS), ("c.cls", b" ")], ": c.cls is empty: it should be a label"),
        ([*WHOLE, ("c.png", PIXELS), ("c.cls", b"\xff")], ": c.cls can't be read as a label"),
        ([*WHOLE, ("c.png", PIXELS), ("c.json", b"[")], ": c.json can't be read as a label"),
        ([("a.txt", b"x")], " holds no images"),
        ([*WHOLE, ("new\nline.png", PIXELS)], r": new\\nline.png has no label"),
        ([*WHOLE, ("x" * 9000 + ".png", PIXELS)], ": x+[.]{3} has no label"),
    ],
)
def test_a_fault_is_a_sentence_with_the_archive(tmp_path: Path, members: list[tuple[str, bytes]], said: str) -> None:
    path = write_tar(tmp_path / "shard-000.tar", members)
    with pytest.raises(InputError, match=f"^{path}{said}") as raised:
        read(path, tmp_path)
    assert "\n" not in str(raised.value)


def test_an_archive_that_is_none_is_compressed_or_cut(tmp_path: Path) -> None:
    path = tmp_path / "shard.tar"
    said = f"^{path} can't be read as a tar archive that is not compressed: "
    whole = write_tar(path, WHOLE).read_bytes()
    for content in (b"no tar", whole[:600], write_tar(tmp_path / "x.tgz", WHOLE, "w:gz").read_bytes()):
        save(path, content)
        with pytest.raises(InputError, match=said):
            read(path, tmp_path)


def test_an_archive_that_is_neither_train_nor_test(tmp_path: Path) -> None:
    for name in ("train-0", "other"):
        write_tar(tmp_path / f"{name}.tar", WHOLE)
    with pytest.raises(InputError, match=r"other.tar is called neither train nor test, and others are"):
        read(tmp_path, tmp_path)
