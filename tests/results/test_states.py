"""What the files of a run say of how far it is, and about how long the rest of a sweep takes."""

import os
from pathlib import Path

import pytest
from finished import write_curve, write_finished

from rotelab.errors import InputError
from rotelab.results import checkpoints, files, states
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


def keep(folder: Path, *runs: str, epoch: int = 2, seconds: float = 50.0, at: float = 1040.0, **ended: int) -> None:
    """A checkpoint of a run, or of a stack, of which some have ended after so many epochs."""
    ends = {run.replace("_", "-"): {"result": {"epochs": epochs}} for run, epochs in ended.items()}
    about = {"epoch": epoch, "seconds": seconds, "ended": ends}
    checkpoints.write(folder / runs[0] / files.CHECKPOINT, about, [folder / run / files.CURVE for run in runs], b"")
    os.utime(folder / runs[0] / files.CHECKPOINT, (at, at))


def test_a_run_that_was_interrupted_has_what_its_checkpoint_has(tmp_path: Path) -> None:
    run = begin(tmp_path / "split-1")
    keep(tmp_path, "split-1")
    found = states.state(run, 1100.0)
    assert (found.epoch, found.goes_on_from, found.seconds, found.together) == (3, 2, 50.0, 1)


@pytest.mark.parametrize(("written", "seconds"), [(900.0, 50 + 60), (1040.0, 50 + 20)], ids=["before", "in"])
def test_a_run_under_way_has_the_seconds_of_all_its_sittings(written: float, seconds: float, tmp_path: Path) -> None:
    """Of which this one began at 1000: those of the file, and what has gone by since then."""
    run = begin(tmp_path / "split-1")
    keep(tmp_path, "split-1", at=written)
    with hold(run):
        found = states.state(run, 1100.0)
    assert (found.state, found.seconds) == (UNDER_WAY, seconds)


def test_each_run_of_a_stack_says_from_where_it_goes_on(tmp_path: Path) -> None:
    """One has left it, one trains by itself since."""
    runs = [begin(tmp_path / f"split-{number}") for number in range(1, 5)]
    keep(tmp_path, "split-1", "split-2", "split-3", "split-4", epoch=9, split_3=3)
    keep(tmp_path, "split-4", epoch=1)
    (sweep,) = states.found(tmp_path, 1100.0)
    assert [(run.goes_on_from, run.together) for run in sweep.runs] == [(9, 4), (9, 4), (3, 4), (1, 1)]
    assert [states.state(run, 1100.0) for run in runs] == list(sweep.runs)
    assert states.found(runs[1], 1100.0) == [Progress(tmp_path, [sweep.runs[1]])]


@pytest.mark.parametrize("content", [b"", b"{", b"1\n[]", b'1\n{"epoch": 2}\n', b'1\n{"curves": 3, "ended": 4}\n'])
def test_a_checkpoint_that_can_not_be_read_is_none(content: bytes, tmp_path: Path) -> None:
    run = begin(tmp_path / "split-1")
    (run / files.CHECKPOINT).write_bytes(content)
    found = states.state(run, 1100.0)
    assert (found.state, found.goes_on_from, found.seconds) == (INTERRUPTED, None, None)


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
    made = [
        State("a", state, epoch=10, max_epochs=40, seconds=s, together=n, goes_on_from=8 if s else None)
        for state, s, n in runs
    ]
    return Progress(Path(), made).seconds_left


def test_what_is_left_takes_what_the_others_took() -> None:
    assert of((FINISHED, 100.0, 1), (DEAD, 50.0, 1), (LEFT, None, 1), (INTERRUPTED, None, 1)) == 150.0
    assert of((FINISHED, 100.0, 1), (UNDER_WAY, 40.0, 1), (LEFT, None, 1)) == 60.0 + 100.0
    assert of((FINISHED, 100.0, 1), (UNDER_WAY, 400.0, 1)) == 0.0, "it should have ended"
    assert of((FINISHED, 100.0, 1), (UNDER_WAY, 0.0, 1), (UNDER_WAY, 0.0, 1), (LEFT, None, 1)) == 150.0, "two at once"
    assert of((FINISHED, 100.0, 1), (FAILED, None, 1)) == 0.0
    assert of((LEFT, None, 1), (FAILED, None, 1)) is None


def test_what_an_interrupted_run_has_behind_it_is_taken_off() -> None:
    assert of((FINISHED, 100.0, 1), (INTERRUPTED, 30.0, 1), (INTERRUPTED, None, 1)) == 70.0 + 100.0
    assert of(*[(FINISHED, 100.0, 4)] * 4, *[(INTERRUPTED, 40.0, 4)] * 4) == 60.0
    assert of((INTERRUPTED, 20.0, 1), (LEFT, None, 1)) == 80.0 + 100.0, "by its eight epochs of forty"


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
