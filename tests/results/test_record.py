"""What a result holds, and that it is written whole or not at all, of one run or of several."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from finished import ACCURACIES, outcome, write_curve, write_finished

from rotelab.errors import Notice
from rotelab.results import files, record
from rotelab.results.table import TABLE, load_sweep
from rotelab.training.curve import Curve


def test_what_a_result_holds(tmp_path: Path) -> None:
    write_finished(tmp_path / "run", seed=3)
    result = json.loads((tmp_path / "run" / files.RESULT).read_text())
    assert (result["run"], result["config"], result["metrics"]) == ("run", {"seed": 3}, {"accuracy/train": 0.95})
    assert (result["epochs"], result["steps"], result["seconds"]) == (3, 15, 1.3)
    assert result["first_reaching"] == {
        "0.5": {"epoch": 1, "step": 5, "images": 64},
        "0.9": {"epoch": 3, "step": 15, "images": 192},
        "0.99": None,
    }
    assert {"finished", "device", "threads", "machine", "versions", "commit"} <= result.keys()
    assert {"python", "torch", "rotelab"} <= result["versions"].keys()


@pytest.mark.parametrize(
    ("level", "at"), [(0.1, (0, 0, 0)), (0.45, (1, 5, 64)), (0.5, (1, 5, 64)), (0.51, (3, 15, 192)), (0.96, None)]
)
def test_first_reaching(level: float, at: tuple[int, int, int] | None) -> None:
    expected = at and dict(zip(("epoch", "step", "images"), at, strict=True))
    assert record.first_reaching(ACCURACIES, [level]) == {level: expected}


def test_levels_are_as_far_from_chance_on_any_number_of_classes() -> None:
    assert [record.level(of_ten, 0.1) for of_ten in (0.3, 0.5, 0.7, 0.8, 0.9)] == [0.3, 0.5, 0.7, 0.8, 0.9]
    assert [record.level(of_ten, 1 / 3) for of_ten in (0.1, 0.55, 1.0)] == pytest.approx([1 / 3, 2 / 3, 1.0], abs=1e-4)
    assert [record.level(of_ten, 0.5) for of_ten in (0.1, 0.55, 1.0)] == [0.5, 0.75, 1.0]


def test_a_result_of_three_classes_has_levels_above_their_chance(tmp_path: Path) -> None:
    write_curve(tmp_path / "split-1")
    found = record.result(tmp_path / "split-1", {}, replace(outcome(), classes=3))["first_reaching"]
    assert {level: at and at["epoch"] for level, at in found.items()} == {0.6296: 3, 0.9259: 3, 0.9926: None}


def test_first_reaching_of_no_epochs() -> None:
    assert record.first_reaching([], [0.5]) == {0.5: None}


def test_the_same_run_of_another_sweep_is_copied_with_another_description(tmp_path: Path) -> None:
    twin, run = tmp_path / "fig2c" / "split-1", tmp_path / "fig2a" / "split-1"
    write_finished(twin, seed=3, **{"data.size": 320})
    write_finished(tmp_path / "fig2c" / "split-2", seed=4)
    run.mkdir(parents=True)
    (run / files.CURVE).write_text("of a run that was interrupted")
    before = (twin / files.RESULT).read_bytes()
    assert record.adopt(run, {"overrides": {"model": "mlp"}}) == twin
    assert (run / files.CURVE).read_bytes() == (twin / files.CURVE).read_bytes()
    old, new = (json.loads((of / files.RESULT).read_text()) for of in (twin, run))
    assert (old["overrides"], new["overrides"]) == ({"data.size": 320}, {"model": "mlp"})
    assert new == old | {"overrides": {"model": "mlp"}}
    assert (twin / files.RESULT).read_bytes() == before
    assert list(load_sweep(run.parent).columns) == [*TABLE]


@pytest.mark.parametrize("twin", [None, "results/fig2c/split-2", "elsewhere/fig2c/split-1"])
def test_only_the_same_run_of_the_same_results_is_copied(tmp_path: Path, twin: str | None) -> None:
    write_curve(tmp_path / "results" / "fig2b" / "split-1")  # not finished
    if twin:
        write_finished(tmp_path / twin)
    run = tmp_path / "results" / "fig2a" / "split-1"
    run.mkdir(parents=True)
    assert record.adopt(run, {}) is None
    assert not list(run.iterdir())


def test_curve_result_and_folder_reach_the_disk_in_that_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_curve(tmp_path / "split-1")
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(Path(os.readlink(f"/proc/self/fd/{file}")).name))
    write_finished(tmp_path / "split-1")
    assert synced == ["curve.csv", tmp_path.name, "result.json.partial", "split-1"]


BREAKS = [
    ("subprocess.run", FileNotFoundError("git")),
    ("subprocess.run", PermissionError("git")),
    ("rotelab.results.record.version", PackageNotFoundError("rotelab")),
    ("platform.system", OSError("no uname")),
    ("platform.python_version", ValueError("no version")),
]


@pytest.mark.parametrize(("what", "error"), BREAKS, ids=[f"{what} {type(error).__name__}" for what, error in BREAKS])
def test_what_only_describes_a_run_never_fails_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, error: Exception
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(what, broken)
    write_finished(tmp_path / "split-1")
    assert files.finished(tmp_path / "split-1")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_metric_that_is_no_number_is_null(tmp_path: Path, value: float) -> None:
    """A measure of a dead run may be: it divides by a gradient that is zero."""
    write_curve(tmp_path / "split-1")
    about = {"choices": {"objective": "split"}, "overrides": {}, "config": {"seed": 0}}
    ended = replace(outcome(), metrics={"coherence/train": value, "accuracy/train": 0.1})
    record.write_results({tmp_path / "split-1": record.result(tmp_path / "split-1", about, ended)})
    found = json.loads((tmp_path / "split-1" / files.RESULT).read_text())
    assert found["metrics"] == {"coherence/train": None, "accuracy/train": 0.1}


class Killed(BaseException):
    pass


FILE_OPERATIONS = 4 * 3 + 4 * 2 + 12
"""More than the results of three runs take."""


@pytest.mark.parametrize("operation", range(FILE_OPERATIONS))
def test_results_of_a_stack_are_all_there_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operation: int
) -> None:
    """Whichever write, rename or removal the process is killed at; the next start settles it."""
    runs = [tmp_path / f"split-{number}" for number in range(3)]
    about = {
        "choices": {"objective": "split", "model": "mlp", "data": "digits"},
        "overrides": {},
        "config": {"seed": 0},
    }
    for run in runs:
        write_curve(run)
    made = {run: record.result(run, about, outcome()) for run in runs}
    done = 0

    def killing(function: Callable) -> Callable:
        def call(*arguments: object, **options: object) -> object:
            nonlocal done
            done += 1
            if done > operation:
                raise Killed
            return function(*arguments, **options)

        return call

    with monkeypatch.context() as patched:
        for of, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (Path, "open")):
            patched.setattr(of, name, killing(getattr(of, name)))
        try:
            record.write_results(made)
            killed = False
        except Killed:
            killed = True
    record.settle(tmp_path)
    there = [files.finished(run) for run in made]
    assert there in ([True] * 3, [False] * 3)
    assert there == [True] * 3 or killed
    assert not (tmp_path / files.JOURNAL).exists()
    assert killed or operation > 12


def stack(folder: Path) -> dict[Path, dict]:
    """Results of three runs, which are not written yet."""
    made = {}
    for run in (folder / f"split-{number}" for number in range(3)):
        write_curve(run)
        about = {"choices": {"objective": "split", "model": "mlp", "data": "digits"}, "overrides": {}}
        made[run] = record.result(run, about | {"config": {"seed": 0}}, outcome())
    return made


def interrupted(made: dict[Path, dict], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the second result."""
    replace_ = Path.replace

    def full(path: Path, to: Path) -> Path:
        if to.parent.name == "split-1":
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace_(path, to)

    with monkeypatch.context() as patched, pytest.raises(OSError):
        patched.setattr(Path, "replace", full)
        record.write_results(made)
    assert (folder / files.JOURNAL).exists()
    assert not list(folder.rglob("result.json.partial"))


def test_results_that_found_no_room_are_written_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stack(tmp_path)
    interrupted(made, tmp_path, monkeypatch)
    record.settle(tmp_path)
    assert [files.finished(run) for run in made] == [True] * 3


def test_runs_that_were_deleted_or_trained_anew_since_keep_what_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stack(tmp_path)
    interrupted(made, tmp_path, monkeypatch)
    deleted, anew, kept = made
    shutil.rmtree(deleted)
    with Curve(anew / files.CURVE) as curve:
        curve.append(0, 0, 0, {"accuracy/train": 0.3})
    record.write_results({anew: made[anew] | {"curve": files.fingerprint((anew / files.CURVE).read_bytes())}})
    before = (anew / files.RESULT).read_bytes()
    record.settle(tmp_path)
    assert (anew / files.RESULT).read_bytes() == before
    assert [files.finished(run) for run in (deleted, anew, kept)] == [False, True, True]
    assert not (tmp_path / files.JOURNAL).exists()


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_a_journal_that_can_not_be_read_is_said_and_goes(tmp_path: Path, text: str) -> None:
    (tmp_path / files.JOURNAL).write_text(text)
    with pytest.warns(Notice, match=r"\.results\.json can't be read"):
        record.settle(tmp_path)
    assert not list(tmp_path.iterdir())
