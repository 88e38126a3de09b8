"""Writing files whole or not at all, whatever ends the process meanwhile."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO


def check_writable(folder: Path) -> None:
    """Raises OSError where no file can be written in a folder, or the folder can't be made: before minutes of work, and
    not behind them. Nothing is left."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        TemporaryFile(dir=there).close()
    except OSError as error:  # it names a file of which nobody knows
        raise OSError(error.errno, error.strerror, there) from error


def write(path: Path, content: str | bytes) -> None:
    """A file, of text in UTF-8 or of bytes; nothing else may write it at the same time."""
    with replacing(path, path.with_name(f"{path.name}.partial").open("wb")) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def replacing(path: Path, partial: IO[bytes]) -> Generator[IO[bytes], None, None]:
    """What is written to ``partial``, an opened file beside ``path``, becomes it: synced to disk, renamed while it is
    open (a lock on it holds until then), the folder synced. It is removed where an error is raised within."""
    try:
        with partial:
            yield partial
            partial.flush()
            os.fsync(partial.fileno())
            Path(partial.name).replace(path)
    except BaseException:
        Path(partial.name).unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
