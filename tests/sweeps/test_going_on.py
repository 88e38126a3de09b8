"""Runs that are stopped by signals, as a person and a cluster see it: they go on, and come to what they would have."""

import json
import os
import random
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import killing
import pandas
import pytest
from command import TINY, begin, run, single

from rotelab.results import files

TO_THE_END = ("stop.train_accuracy=null", "stop.dead_epochs=null", "stop.max_epochs=1000", "draw=false")
LONG = (*TINY, *TO_THE_END, killing.SLOW, "model.dropout=0.3", "model.softmax=false", "data.batch_order=reshuffled")


def wait_for(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def epochs(results: Path) -> int:
    """Of the first run that has any, as far as its curve goes."""
    for curve in results.glob(f"*/*/{files.CURVE}"):
        return int((curve.read_text().splitlines() or ["0"])[-1].split(",")[0].replace("epoch", "0"))
    return 0


def interrupted(arguments: tuple[str, ...], results: Path, after: int, *signals: int) -> tuple[int | None, list[str]]:
    """The exit code and what was said, of a process that gets the signals when an epoch has ended."""
    err = results.with_suffix(".err")
    err.unlink(missing_ok=True)
    process = begin((*arguments, f"results={results}"), [results.with_suffix(".out"), err])
    wait_for(lambda: epochs(results) >= after or not process.is_alive())
    for number in signals:
        assert process.pid is not None
        os.kill(process.pid, number)
        time.sleep(0.02)
    process.join(60)
    return process.exitcode, err.read_text().splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGUSR1, 138)])
def test_a_run_goes_on_where_a_signal_stopped_it(number: int, code: int, tmp_path: Path) -> None:
    assert run(*LONG, f"results={tmp_path / 'alone'}")[0] == 0
    expected = single(tmp_path / "alone")
    found, said = interrupted(LONG, tmp_path / "run", 20, number)
    folder = single(tmp_path / "run")
    assert (found, len(said)) == (code, 2), said
    waits, ends = said
    assert waits == (
        f"rotelab: {folder.name}: this run stops at the end of the epoch; a second signal stops it at once"
    )
    assert re.fullmatch(r"interrupted: the same command goes on after epoch \d+", ends)
    assert not files.finished(folder) and (folder / files.CHECKPOINT).exists()
    assert run(*LONG, f"results={tmp_path / 'run'}")[::2] == (0, "")
    assert (folder / files.CURVE).read_bytes() == (expected / files.CURVE).read_bytes()
    result, other = (json.loads((at / files.RESULT).read_text()) for at in (folder, expected))
    assert (result["sittings"], other["sittings"]) == (2, 1)
    assert result["metrics"] == other["metrics"]
    assert not (folder / files.CHECKPOINT).exists()


@pytest.mark.slow
def test_a_second_signal_stops_at_once(tmp_path: Path) -> None:
    """An epoch of 4,000 steps, of which none ends."""
    slow = ("data.size=800", "data.batch_size=1", "model.widths=[512,512]", "trainer.threads=1", "draw=false")
    (tmp_path / "run").mkdir()
    process = begin((*slow, f"results={tmp_path / 'run'}"), [tmp_path / "out", tmp_path / "err"])
    wait_for(lambda: bool(list((tmp_path / "run").glob(f"*/*/{files.CURVE}"))))
    time.sleep(1)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGTERM)
    wait_for(lambda: "stops at the end" in (tmp_path / "err").read_text())
    assert process.is_alive()
    os.kill(process.pid, signal.SIGTERM)
    process.join(5)
    assert process.exitcode == 143
    assert (tmp_path / "err").read_text().splitlines()[-1] == "interrupted: the same command starts again"


@pytest.mark.slow
@pytest.mark.parametrize("sweep", killing.SHORT.values(), ids=killing.SHORT)
def test_a_sweep_that_is_killed_at_random_comes_to_its_table(sweep: tuple[str, ...], tmp_path: Path) -> None:
    assert run(*sweep, f"results={tmp_path / 'alone'}")[0] == 0
    signals = (signal.SIGTERM, signal.SIGKILL)
    assert list(killing.killed(sweep, tmp_path / "killed", random.Random(1), 5, 0.5, signals))
    found, expected = (killing.table(tmp_path / name) for name in ("killed", "alone"))
    pandas.testing.assert_frame_equal(found, expected, check_exact=True)
