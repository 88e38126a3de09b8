"""Files are written whole or not at all."""

import os
from pathlib import Path

import pytest

from rotelab.files import check_writable, write


def fail(*_: object) -> None:
    raise OSError("interrupted")


@pytest.mark.parametrize("before", [None, "old"])
def test_an_interrupted_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    path = tmp_path / "file"
    if before:
        write(path, before)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="interrupted"):
        write(path, "new")
    assert (path.read_text() if path.exists() else None) == before


def test_a_file_is_synced_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, seen = tmp_path / "file", []
    monkeypatch.setattr(os, "fsync", lambda file: seen.append((os.fstat(file).st_size, path.exists())))
    write(path, "four")
    assert seen[0] == (4, False)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
    assert path.read_text() == "four"


def test_where_nothing_can_be_written_is_said_by_its_name(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "folder")
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    for no_folder in (tmp_path / "file" / "folder", Path("/proc/self/new")):  # root can't write in the other, neither
        with pytest.raises(OSError, match=f"'{no_folder.parent}'"):
            check_writable(no_folder)
