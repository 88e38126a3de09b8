"""Every file operation of a small sweep is its last, or fails: started again, it comes to the same table.

A process dies before the operation; or dies there while half of what it wrote last is on the disk; or the disk is full
from there on. The operations are those of which Python tells its audit hooks.
"""

import errno
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas
import pytest
from command import FORKS, TINY, run
from PIL import Image

from rotelab.results import files
from rotelab.results.table import load_sweep

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.truncate"}
RUNS = ("--multirun", "name=sweep", "stop.max_epochs=2", "trainer.progress=false")
CASES = {
    "plain": (*RUNS, *TINY, "seed=0,1"),
    "stack": (*RUNS, *TINY, "objective=split,standard", "seed=0,1", "trainer.together=4"),
    "checkpoints": (*RUNS, *TINY, "seed=0", "trainer.checkpoint_minutes=1e-9"),
    "twin": (*RUNS, *TINY, "seed=0,1"),
    "images": (
        *RUNS,
        *TINY[2:],
        "model.softmax=false",
        "data=image_folder",
        "data.size=16",
        "data.batch_size=8",
        "data.storage=memory",
    ),
}
DIED = 9
SOME = 8
"""So many operations, spread over all, are tried with the faults that a death before the next covers in part."""


def changes(folder: Path, event: str, arguments: Sequence[Any]) -> Path | None:
    """The file below ``folder`` that an event of Python's changes."""
    path = arguments[0] if arguments else None
    if not isinstance(path, str | bytes | os.PathLike) or not os.fsdecode(path).startswith(str(folder)):
        return None
    opened = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    return Path(os.fsdecode(path)) if opened or event in CHANGES else None


def faulty(arguments: Sequence[str], folder: Path, fault: str, at: int, count: Path) -> None:
    """The sweep, with a fault at its operation number ``at``; without so many, their number is noted."""
    done, last = 0, None

    def hook(event: str, given: Sequence[Any]) -> None:
        nonlocal done, last
        if not (path := changes(folder, event, given)):
            return
        number, done = done, done + 1
        if fault == "full" and number >= at and event in ("open", "os.mkdir"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        if fault != "full" and number == at:
            if fault == "half" and last and last.is_file():
                done = -sys.maxsize  # what follows is no operation of the sweep
                os.truncate(last, last.stat().st_size // 2)
            os._exit(DIED)
        last = path

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(count.with_suffix(".err"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    sys.addaudithook(hook)
    sys.argv = ["rotelab.train", *arguments, f"results={folder}"]
    from rotelab import train

    try:
        train.main()
    finally:
        count.write_text(str(done))


def end(arguments: Sequence[str], folder: Path, fault: str, at: int, count: Path) -> int | None:
    process = FORKS.Process(target=faulty, args=(arguments, folder, fault, at, count))
    process.start()
    process.join(120)
    return process.exitcode


def table(folder: Path) -> pandas.DataFrame:
    return load_sweep(folder / "sweep").sort_values(["run", "epoch", "metric", "split"], ignore_index=True)


def results(folder: Path) -> dict[Path, bytes]:
    """Of the runs that have finished."""
    return {path: path.read_bytes() for path in folder.glob(f"sweep/*/{files.RESULT}") if files.finished(path.parent)}


def prepared(case: str, folder: Path, common: Path) -> tuple[str, ...]:
    """The sweep of a case, in a folder that holds what was there before it."""
    folder.mkdir()
    if case == "twin":
        shutil.copytree(common, folder / "other")
    if case != "images":
        return CASES[case]
    return (*CASES[case], f"data.folder={common}", f"data.cache={folder / 'cache'}")


@pytest.fixture(scope="module")
def common(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Of the twin, the same runs in another sweep; of images, their folder."""
    folder = tmp_path_factory.mktemp("common")
    assert run(*CASES["twin"], f"results={folder / 'twin'}")[0] == 0
    for part in ("train", "test"):
        for label in ("cat", "dog"):
            (folder / "images" / part / label).mkdir(parents=True)
            for index in range(24):
                Image.new("RGB", (8, 8), (10 * index, 0, 0)).save(folder / "images" / part / label / f"{index}.png")
    return {"twin": folder / "twin" / "sweep", "images": folder / "images"}


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["die", "half", "full"])
@pytest.mark.parametrize("case", CASES)
def test_nothing_is_lost(case: str, fault: str, common: dict[str, Path], tmp_path: Path) -> None:
    count = tmp_path / "count"
    arguments = prepared(case, tmp_path / "whole", common.get(case, tmp_path))
    assert end(arguments, tmp_path / "whole", "die", sys.maxsize, count) == 0, count.with_suffix(".err").read_text()
    expected, operations = table(tmp_path / "whole"), int(count.read_text())
    assert operations > 10
    for at in range(0, operations, 1 if fault == "die" else -(-operations // SOME)):
        folder = tmp_path / f"at{at}"
        arguments = prepared(case, folder, common.get(case, tmp_path))
        code = end(arguments, folder, fault, at, count)
        said = count.with_suffix(".err").read_text()
        assert (at, code) == (at, DIED) if fault != "full" else "Traceback" not in said, said
        before = results(folder)
        code, _, err = run(*arguments, f"results={folder}")
        assert (at, code) == (at, 0), err
        assert not err or (case, fault) == ("checkpoints", "half"), err  # a torn one is said
        assert before.items() <= results(folder).items(), at
        pandas.testing.assert_frame_equal(table(folder), expected)
        assert not list(folder.rglob("*.partial"))
        shutil.rmtree(folder)
