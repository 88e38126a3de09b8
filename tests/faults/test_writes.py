"""A stack that is killed at any of its file operations comes to the same table when it is started again."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas
import pytest
from command import FORKS, TINY, run

from rotelab.results.table import load_sweep

SWEEP = ("--multirun", *TINY, "stop.max_epochs=2", "objective=split,standard", "seed=0,1", "trainer.together=4")
WRITES = {"os.rename", "os.remove", "os.mkdir", "os.truncate"}


def counted(folder: Path, event: str, arguments: Sequence[Any]) -> bool:
    """Whether an event of Python's is an operation on the files below ``folder`` that changes something there."""
    path = arguments[0] if arguments else None
    if not isinstance(path, str | bytes | os.PathLike) or not os.fsdecode(path).startswith(str(folder)):
        return False
    if event == "open":
        return bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
    return event in WRITES


def crashing(folder: Path, at: int, count: Path) -> None:
    """Dies before the operation number ``at``; without so many, notes their number."""
    done = 0

    def hook(event: str, arguments: Sequence[Any]) -> None:
        nonlocal done
        if counted(folder, event, arguments):
            if done == at:
                os._exit(9)
            done += 1

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.addaudithook(hook)
    sys.argv = ["rotelab.train", *SWEEP, f"results={folder}"]
    from rotelab import train

    try:
        train.main()
    finally:
        count.write_text(str(done))


def crash(folder: Path, at: int, count: Path) -> int | None:
    process = FORKS.Process(target=crashing, args=(folder, at, count))
    process.start()
    process.join(120)
    return process.exitcode


def table(folder: Path) -> pandas.DataFrame:
    (sweep,) = [path.parent for path in folder.glob("*/runs.csv")]
    return load_sweep(sweep).sort_values(["run", "epoch", "metric", "split"], ignore_index=True)


@pytest.mark.slow
def test_every_crash_point_of_a_stack(tmp_path: Path) -> None:
    assert crash(tmp_path / "whole", sys.maxsize, tmp_path / "count") == 0
    expected, operations = table(tmp_path / "whole"), int((tmp_path / "count").read_text())
    assert operations > 20
    for at in range(operations):
        folder = tmp_path / f"at{at}"
        assert crash(folder, at, tmp_path / "none") == 9
        code, _, err = run(*SWEEP, f"results={folder}")
        assert (at, code, err) == (at, 0, "")
        pandas.testing.assert_frame_equal(table(folder), expected)
        assert not list(folder.rglob("*.partial"))
