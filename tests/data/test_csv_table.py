"""CSVs as people have them, and each of their faults in a sentence."""

from pathlib import Path

import numpy
import pytest
import torch
from layouts import encoded, reading, save

from rotelab.data.sources import Source
from rotelab.errors import InputError

IMAGES = ("a.png", "b.png", "c.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for grey, name in enumerate(IMAGES):
        save(tmp_path / "images" / name, encoded(numpy.full((4, 4, 3), grey, numpy.uint8)))
    return tmp_path / "images"


def read(folder: Path, cache: Path, **changes: str) -> Source:
    return reading("csv", folder, cache, "stream", **changes)()


def shown(source: Source, part: str = "all") -> list[tuple[int, str]]:
    """Grey and class of each image."""
    of = source.parts[part]
    return [(int(of.images[row].max()), source.classes[label]) for row, label in enumerate(of.labels.tolist())]


EXPECTED = [(1, "dog"), (0, "cat"), (2, "cat")]


@pytest.mark.parametrize(
    "text",
    [
        "file_name,label\nb.png,dog\na.png,cat\nc.png,cat\n",
        "\ufefffilename;class\r\nb.png;dog\r\na.png;cat\r\nc.png;cat\r\n",
        "label\timage\ndog\tb.png\n\ncat\ta.png\ncat\tc.png",
        'Path|Category|Note\n./b.png|dog|x\n"a.png"|cat|\nc.png| cat |"two\nlines"\n',
        "id_code,diagnosis\nb,dog\na,cat\nc,cat\n",
        "file_name,label\nelsewhere/b.png,dog\nelsewhere\\a.png,cat\nc.png,cat\n",
    ],
)
def test_delimiters_and_names_of_columns(folder: Path, tmp_path: Path, text: str) -> None:
    (folder / "labels.csv").write_bytes(text.encode())
    assert shown(read(folder, tmp_path)) == EXPECTED, "in the order of the rows"
    assert shown(read(folder / "labels.csv", tmp_path)) == EXPECTED


def test_a_column_of_labels_can_be_named(folder: Path, tmp_path: Path) -> None:
    (folder / "labels.csv").write_text("file_name,label,colour\na.png,cat,10\nb.png,dog,9\nc.png,cat,9\n")
    assert shown(read(folder, tmp_path, label_column="colour")) == [(0, "10"), (1, "9"), (2, "9")]
    assert read(folder, tmp_path, label_column="colour").classes == ("9", "10")
    with pytest.raises(InputError, match=r"has no column size \(data.label_column\); it has file_name, label, colour$"):
        read(folder, tmp_path, label_column="size")


def test_a_table_a_part(folder: Path, tmp_path: Path) -> None:
    for name, rows in {"Train": "a.png,x\nb.png,y\n", "validation": "c.png,x\nd.png,y\n"}.items():
        (folder / f"{name}.csv").write_text(f"file_name,label\n{rows}")
    save(folder / "d.png", encoded(numpy.full((4, 4, 3), 3, numpy.uint8)))
    source = read(folder, tmp_path)
    assert shown(source, "train") == [(0, "x"), (1, "y")]
    assert shown(source, "test") == [(2, "x"), (3, "y")]
    (folder / "sample.csv").write_text("file_name,label\n")
    assert shown(read(folder, tmp_path), "train") == [(0, "x"), (1, "y")], "another table beside them"


def test_images_that_no_row_names_are_left_out(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (folder / "labels.csv").write_text("file_name,label\na.png,cat\nb.png,dog\n")
    assert len(read(folder, tmp_path).parts["all"].labels) == 2
    assert "; left out: 1 images that no row names\n" in capsys.readouterr().out


HEAD = "file_name,label\na.png,cat\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no CSV: its first line has no comma"),
        ("just text\nand more", "is no CSV: its first line has no comma"),
        ("\x89PNG\0,\0", "is no CSV"),
        ("file_name,label\n", "has no row below its line of names"),
        (
            "file_name,size\na.png,3\n",
            "has no column called label or the like: data.label_column names it; it has file",
        ),
        ("what,label\na.png,cat\n", "has no column called file_name or the like; it has what, label"),
        (f"{HEAD}b.png\n", "line 3 has 1 values, and the first line 2"),
        (f"{HEAD}b.png, \n", "line 3: b.png has no label"),
        (f"{HEAD}gone.png,dog\n", "line 3: there is no image gone.png in "),
        (f"{HEAD}a.png,dog\n", "line 3: a.png is named in .*labels.csv, line 2 already"),
        (f'{HEAD}"new\nline",dog\n', r"line 4: there is no image new\\nline in "),
        (f"{HEAD}{'x' * 9000},dog\n", "line 3: there is no image x+[.]{3} in "),
        ('file_name,label\n"a.png,cat\n', "is no CSV: line 2"),
        ("file_name,label,split\na.png,cat,train\nb.png,cat,\n", "line 3: b.png has no split"),
        ("file_name,label,split\na.png,cat,train\nb.png,dog,train\nc.png,cat,test\n", "test lacks the class dog"),
    ],
)
def test_a_fault_is_a_sentence_with_the_table(folder: Path, tmp_path: Path, content: str, said: str) -> None:
    (folder / "labels.csv").write_text(content)
    with pytest.raises(
        InputError, match=rf"^{folder}/labels.csv\S* {said}|^{folder}\S* {said}|^{folder}/{said}"
    ) as raised:
        read(folder, tmp_path).complete()
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 5000


def test_a_table_that_is_no_utf_8(folder: Path, tmp_path: Path) -> None:
    (folder / "labels.csv").write_bytes("file_name,label\na.png,Bär\n".encode("latin-1"))
    with pytest.raises(InputError, match=f"^{folder}/labels.csv is no CSV in UTF-8"):
        read(folder, tmp_path)


def test_a_name_that_may_be_two_images(folder: Path, tmp_path: Path) -> None:
    save(folder / "deep/a.png", encoded(numpy.zeros((4, 4, 3), numpy.uint8)))
    save(folder / "deeper/z.png", encoded(numpy.zeros((4, 4, 3), numpy.uint8)))
    (folder / "labels.csv").write_text("file_name,label\na.png,cat\nz.png,dog\n")
    assert len(read(folder, tmp_path).parts["all"].labels) == 2, "the one beside the table, and the only one"
    (folder / "labels.csv").write_text("file_name,label\na,cat\n")
    with pytest.raises(InputError, match=r"line 2: a may be a\.png or deep/a\.png"):
        read(folder, tmp_path)


def test_several_tables(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (folder / f"{name}.csv").write_text(HEAD)
    with pytest.raises(InputError, match=f"^{folder} holds one.csv, two.csv: data.folder=<the one that is meant>"):
        read(folder, tmp_path)
    save(folder / "b.png", (folder / "a.png").read_bytes())
    (folder / "metadata.csv").write_text(f"{HEAD}b.png,dog\n")
    assert torch.equal(read(folder, tmp_path).parts["all"].labels, torch.tensor([0, 1]))
