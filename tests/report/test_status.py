"""The command ``rotelab status``: a line a sweep and a line for each run that is not done, or JSON."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from finished import write_curve, write_finished
from kept import job

from rotelab.report import status
from rotelab.results import checkpoints, files, states
from rotelab.results.locks import hold
from rotelab.sweeps.job import train

MAIN = """
import sys
from rotelab.__main__ import main
try:
    main()
finally:
    assert not {"torch", "pandas"} & set(sys.modules)
"""


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """One has finished, one was interrupted, one failed, one is left."""
    write_finished(tmp_path / "split-1")
    for name in ("split-2", "split-3"):
        write_curve(tmp_path / name)
    (tmp_path / "split-3" / files.FAILURE).write_text("RunError: the disk is full\n")
    files.write_runs(tmp_path, [f"split-{i}" for i in range(1, 5)])
    return tmp_path


def test_lines(sweep: Path) -> None:
    at = (sweep / "split-2" / files.CURVE).stat().st_mtime + 200
    (found,) = states.found(sweep, at)
    first, second, third = status.lines(found)
    assert first == f"{sweep}: 4 runs: 1 finished, 1 failed, 1 interrupted, 1 left; about 3 s left"
    assert second == "  split-2: interrupted, epoch 3, last sign of life 3 min 20 s ago"
    assert third.startswith("  split-3: failed, epoch 3, last sign of life 3 min ")
    assert third.endswith(" ago: RunError: the disk is full")
    kept = sweep / "split-2" / files.CHECKPOINT
    checkpoints.write(kept, {"epoch": 2, "seconds": 1.0, "ended": {}}, [kept.with_name(files.CURVE)], b"")
    (found,) = states.found(sweep, at)
    assert f"{second}; goes on from epoch 2" in list(status.lines(found))
    with hold(sweep / "split-2"):
        (found,) = states.found(sweep, at)
    assert "  split-2: under way, epoch 3, last sign of life 3 min 20 s ago" in list(status.lines(found))


def test_the_command_imports_no_torch_and_speaks_json(sweep: Path) -> None:
    command = [sys.executable, "-c", MAIN, "status", str(sweep)]
    done = [subprocess.run([*command, *more], capture_output=True, text=True, check=True) for more in ([], ["--json"])]
    assert done[0].stdout.count("\n") == 3 and not done[0].stderr
    (found,) = json.loads(done[1].stdout)
    assert found["counts"] == {"finished": 1, "failed": 1, "interrupted": 1, "left": 1}
    assert [run["state"] for run in found["runs"]] == ["finished", "interrupted", "failed", "left"]
    assert found["runs"][1]["epoch"] == 3 and found["seconds_left"] == pytest.approx(2.6)


def test_a_real_run(tmp_path: Path) -> None:
    """As it is trained: it has finished, with the epochs that it was to have."""
    made = job(tmp_path, "model.widths=[4]")
    assert train(made).error is None
    (found,) = states.found(made.folder, 0.0)
    (run,) = found.runs
    assert (run.state, run.epoch, run.max_epochs, found.seconds_left) == ("finished", 2, 2, 0.0)
