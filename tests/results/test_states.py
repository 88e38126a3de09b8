"""What the files of a run say of how far it is, and about how long the rest of a sweep takes."""

import os
from pathlib import Path

import pytest
from finished import write_curve, write_finished

from rotelab.errors import InputError
from rotelab.results import files, states
from rotelab.results.locks import hold
from rotelab.results.states import DEAD, FAILED, FINISHED, INTERRUPTED, LEFT, STATES, UNDER_WAY, Progress, State

CONFIG = "stop:\n  max_epochs: 30\ntrainer:\n  together: 1\n"


def begin(run: Path, at: float = 1000.0, took: float = 60.0) -> Path:
    """A run that began then, and has 3 epochs since so many seconds after."""
    write_curve(run)
    (run / files.CONFIG).write_text(CONFIG)
    os.utime(run / files.CONFIG, (at, at))
    os.utime(run / files.CURVE, (at + took, at + took))
    return run


def test_a_run_that_has_not_begun_is_left(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    for run in (tmp_path / "made", tmp_path / "not made"):
        assert states.state(run, 2000.0) == State(run.name, LEFT)


def test_whoever_holds_the_folder_is_under_way(tmp_path: Path) -> None:
    run = begin(tmp_path / "split-1")
    assert states.state(run, 1100.0) == State("split-1", INTERRUPTED, epoch=3, max_epochs=30, age=40.0)
    with hold(run):
        found = states.state(run, 1100.0)
    assert found == State("split-1", UNDER_WAY, epoch=3, max_epochs=30, age=40.0, seconds=60.0)


def test_a_run_says_why_it_failed(tmp_path: Path) -> None:
    """Also one of a stack, whose folder is held until the others have ended."""
    run = begin(tmp_path / "split-1")
    (run / files.FAILURE).write_text("Traceback\n  ...\nRunError: the loss was nan\n\n")
    with hold(run):
        found = states.state(run, 1100.0)
    assert (found.state, found.reason, found.epoch) == (FAILED, "RunError: the loss was nan", 3)


def test_a_run_that_has_finished(tmp_path: Path) -> None:
    write_finished(tmp_path / "split-1")
    found = states.state(tmp_path / "split-1", 0.0)
    assert (found.state, found.epoch, found.seconds, found.together) == (FINISHED, 3, 1.3, 1)
    result = tmp_path / "split-1" / files.RESULT
    result.write_text(result.read_text().replace('"dead_since": null', '"dead_since": 2'))
    assert states.state(tmp_path / "split-1", 0.0).state == DEAD


@pytest.mark.parametrize(
    ("curve", "config", "epoch", "most"),
    [
        (b"", "", None, None),
        (b"epoch,step,samples\n", "stop: {", None, None),
        (b"epoch,step\n0,0,0\n17,5,", CONFIG, 0, 30),
        (b"epoch,step\n" + b"12,0,0,train,accuracy,0.5\n" * 1000, "[]", 12, None),
    ],
)
def test_files_that_are_being_written(
    curve: bytes, config: str, epoch: int | None, most: int | None, tmp_path: Path
) -> None:
    (tmp_path / files.CURVE).write_bytes(curve)
    (tmp_path / files.CONFIG).write_text(config)
    found = states.state(tmp_path, 0.0)
    assert (found.state, found.epoch, found.max_epochs) == (INTERRUPTED, epoch, most)


def test_the_runs_of_a_sweep_are_those_that_it_was_started_with(tmp_path: Path) -> None:
    """Of a folder that no sweep wrote, all."""
    for name in ("split-1", "split-2", "split-9"):
        begin(tmp_path / "sweep" / name)
        begin(tmp_path / "single" / name)
    files.write_runs(tmp_path / "sweep", ["split-1", "split-2", "split-3"])
    (tmp_path / "figures").mkdir()
    single, sweep = states.found(tmp_path, 0.0)
    assert [run.run for run in single.runs] == ["split-1", "split-2", "split-9"]
    assert [(run.run, run.state) for run in sweep.runs[1:]] == [("split-2", INTERRUPTED), ("split-3", LEFT)]
    assert states.found(tmp_path / "sweep", 0.0) == [sweep]
    assert states.found(tmp_path / "single" / "split-2", 0.0) == [Progress(single.folder, [single.runs[1]])]
    with pytest.raises(InputError, match="figures holds no runs"):
        states.found(tmp_path / "figures", 0.0)


def of(*runs: tuple[str, float | None, int]) -> float | None:
    made = [State("a", state, epoch=10, max_epochs=40, seconds=s, together=n) for state, s, n in runs]
    return Progress(Path(), made).seconds_left


def test_what_is_left_takes_what_the_others_took() -> None:
    assert of((FINISHED, 100.0, 1), (DEAD, 50.0, 1), (LEFT, None, 1), (INTERRUPTED, None, 1)) == 150.0
    assert of((FINISHED, 100.0, 1), (UNDER_WAY, 40.0, 1), (LEFT, None, 1)) == 60.0 + 100.0
    assert of((FINISHED, 100.0, 1), (UNDER_WAY, 400.0, 1)) == 0.0, "it should have ended"
    assert of((FINISHED, 100.0, 1), (UNDER_WAY, 0.0, 1), (UNDER_WAY, 0.0, 1), (LEFT, None, 1)) == 150.0, "two at once"
    assert of((FINISHED, 100.0, 1), (FAILED, None, 1)) == 0.0
    assert of((LEFT, None, 1), (FAILED, None, 1)) is None


def test_a_stack_takes_its_seconds_once() -> None:
    assert of(*[(FINISHED, 100.0, 4)] * 4, *[(LEFT, None, 1)] * 4) == 100.0
    assert of(*[(FINISHED, 100.0, 4)] * 4, *[(UNDER_WAY, 40.0, 4)] * 4) == 60.0


def test_before_any_has_finished_it_is_told_by_those_under_way() -> None:
    """A quarter of the epochs took 40 seconds."""
    assert of((UNDER_WAY, 40.0, 1)) == 120.0
    assert of((UNDER_WAY, 40.0, 1), (LEFT, None, 1)) == 120.0 + 160.0


def test_counts_are_of_the_states_that_there_are() -> None:
    runs = [State("a", state) for state in (LEFT, FAILED, LEFT, FINISHED)]
    assert list(Progress(Path(), runs).counts.items()) == [(FINISHED, 1), (FAILED, 1), (LEFT, 2)]
    assert sum(Progress(Path(), [State("a", state) for state in STATES]).counts.values()) == len(STATES)
