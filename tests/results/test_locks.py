"""One process at a time in a folder, and none once the process is gone."""

import subprocess
import sys
from pathlib import Path

import pytest

from rotelab.errors import RunError
from rotelab.results.locks import hold

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
