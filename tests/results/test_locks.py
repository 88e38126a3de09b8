"""One process at a time in a folder, and none once the process is gone."""

import fcntl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rotelab.errors import RunError
from rotelab.results import locks
from rotelab.results.locks import hold, is_held

HOLD = """
import pathlib, sys
from rotelab.results.locks import hold
file = hold(pathlib.Path(sys.argv[1]))
print("held", flush=True)
input()
"""


def holder(folder: Path) -> subprocess.Popen:
    """Another process that holds the folder until it is killed."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"held\n"
    return process


def test_a_held_folder_is_refused_until_it_is_let_go(tmp_path: Path) -> None:
    file = hold(tmp_path)
    with pytest.raises(RunError, match=f"another process is at work in {tmp_path}"):
        hold(tmp_path)
    file.close()
    hold(tmp_path).close()


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    hold(tmp_path / "sweep" / "run").close()
    assert (tmp_path / "sweep" / "run").is_dir()


def test_other_folders_are_free(tmp_path: Path) -> None:
    with hold(tmp_path / "a"), hold(tmp_path / "b"):
        pass


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    process = holder(tmp_path)
    try:
        with pytest.raises(RunError):
            hold(tmp_path)
    finally:
        process.kill()
        process.communicate()
    hold(tmp_path).close()


def test_a_look_says_whether_a_folder_is_held_and_changes_nothing(tmp_path: Path) -> None:
    assert not is_held(tmp_path) and not list(tmp_path.iterdir())
    with hold(tmp_path):
        assert is_held(tmp_path) and is_held(tmp_path)
    assert not is_held(tmp_path)


def test_a_look_is_in_nobodys_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds the folder for a moment, in which another process may begin."""
    hold(tmp_path).close()
    looking = (tmp_path / locks.LOCK).open()
    fcntl.flock(looking, fcntl.LOCK_SH)
    monkeypatch.setattr(time, "sleep", lambda _: looking.close())
    hold(tmp_path).close()
