"""Files of the cache: whole or not there, and nothing is left of processes that were killed."""

import errno
import fcntl
from pathlib import Path
from typing import IO

import pytest

from rotelab.data import cache_files
from rotelab.data.cache_files import remove_leftovers, write
from rotelab.errors import InputError, RunError


def hello(file: IO[bytes]) -> None:
    file.write(b"hello")


def test_a_file_is_written_and_its_folder_made(tmp_path: Path) -> None:
    for _ in range(2):
        write(tmp_path / "new" / "image_folder-1.bin", hello)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["image_folder-1.bin"]
    assert (tmp_path / "new" / "image_folder-1.bin").read_bytes() == b"hello"


@pytest.mark.parametrize("error", [KeyboardInterrupt, InputError("a broken image")])
def test_what_was_interrupted_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def fail(file: IO[bytes]) -> None:
        hello(file)
        raise error

    write(tmp_path / "image_folder-1.bin", hello)
    with pytest.raises((KeyboardInterrupt, InputError)):
        write(tmp_path / "image_folder-1.bin", fail)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"hello"]


@pytest.mark.parametrize(
    ("number", "kind", "message"),
    [
        (errno.ENOSPC, RunError, "the disk of {} is full: choose another folder, or data.storage=stream"),
        (errno.EDQUOT, RunError, "the disk of {} is full"),
        (errno.EACCES, InputError, r"{} can't be written \(Permission denied\): choose another folder"),
        (errno.EROFS, InputError, r"{} can't be written \(Read-only file system\)"),
    ],
)
def test_what_can_t_be_written_is_a_sentence(tmp_path: Path, number: int, kind: type[Exception], message: str) -> None:
    def fail(file: IO[bytes]) -> None:
        raise OSError(number, {errno.EACCES: "Permission denied", errno.EROFS: "Read-only file system"}.get(number, ""))

    with pytest.raises(kind, match=f"^data.cache: {message.format(tmp_path)}"):
        write(tmp_path / "image_folder-1.bin", fail)
    assert not [*tmp_path.iterdir()]


def test_a_folder_that_can_t_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=f"^data.cache: {tmp_path}/file/cache can't be written"):
        write(tmp_path / "file" / "cache" / "image_folder-1.bin", hello)


def test_leftovers_are_removed_but_what_is_being_written_is_not(tmp_path: Path) -> None:
    for name in ("image_folder-1.x.partial", "bad_images-1.y.partial", "a.partial", "image_folder-1.bin"):
        (tmp_path / name).touch()

    def look(file: IO[bytes]) -> None:
        remove_leftovers(tmp_path)
        names = {path.name for path in tmp_path.iterdir()}
        assert names == {"a.partial", "image_folder-1.bin", Path(file.name).name}

    write(tmp_path / "image_folder-2.bin", look)
    assert (tmp_path / "image_folder-2.bin").exists()
    remove_leftovers(tmp_path / "nowhere")


def test_a_file_taken_for_a_leftover_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a process that looks between its making and its lock."""
    lock, times = fcntl.flock, []

    def late(file: IO[bytes], operation: int) -> None:
        if not times:
            Path(file.name).unlink()
        times.append(file.name)
        lock(file, operation)

    monkeypatch.setattr(cache_files.fcntl, "flock", late)
    write(tmp_path / "image_folder-1.bin", hello)
    assert len(times) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["image_folder-1.bin"]


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    (tmp_path / "image_folder-1.x.partial").touch()
    monkeypatch.setattr(cache_files.fcntl, "flock", refuse)
    remove_leftovers(tmp_path)
    write(tmp_path / "image_folder-1.bin", hello)
    assert len([*tmp_path.iterdir()]) == 2, "what may be in use stays"
