"""Results are written whole or not at all, and read back as one table of the runs that belong to a sweep."""

import errno
import json
import os
import re
import shutil
import warnings
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from finished import ACCURACIES, outcome, write_curve, write_finished

from rotelab import results
from rotelab.errors import InputError, Notice
from rotelab.training.curve import Curve


def fail(*_: object) -> None:
    raise OSError("interrupted")


@pytest.mark.parametrize("before", [None, "old"])
def test_an_interrupted_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    path = tmp_path / "file"
    if before:
        results.write(path, before)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="interrupted"):
        results.write(path, "new")
    assert (path.read_text() if path.exists() else None) == before


def test_a_file_is_synced_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, seen = tmp_path / "file", []
    monkeypatch.setattr(os, "fsync", lambda file: seen.append((os.fstat(file).st_size, path.exists())))
    results.write(path, "four")
    assert seen[0] == (4, False)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
    assert path.read_text() == "four"


def test_a_run_has_finished_when_its_result_is_there(tmp_path: Path) -> None:
    write_curve(tmp_path)
    assert not results.finished(tmp_path)
    write_finished(tmp_path)
    assert results.finished(tmp_path)


def test_what_a_result_holds(tmp_path: Path) -> None:
    write_finished(tmp_path / "run", seed=3)
    result = json.loads((tmp_path / "run" / results.RESULT).read_text())
    assert (result["run"], result["config"], result["metrics"]) == ("run", {"seed": 3}, {"accuracy/train": 0.95})
    assert (result["epochs"], result["steps"], result["seconds"]) == (3, 15, 1.3)
    assert result["first_reaching"] == {
        "0.5": {"epoch": 1, "step": 5, "samples": 64},
        "0.9": {"epoch": 3, "step": 15, "samples": 192},
        "0.99": None,
    }
    assert {"finished", "device", "threads", "machine", "versions", "commit"} <= result.keys()
    assert {"python", "torch", "rotelab"} <= result["versions"].keys()


@pytest.mark.parametrize(
    ("level", "at"), [(0.1, (0, 0, 0)), (0.45, (1, 5, 64)), (0.5, (1, 5, 64)), (0.51, (3, 15, 192)), (0.96, None)]
)
def test_first_reaching(level: float, at: tuple[int, int, int] | None) -> None:
    expected = at and dict(zip(("epoch", "step", "samples"), at, strict=True))
    assert results.first_reaching(ACCURACIES, [level]) == {level: expected}


def test_first_reaching_of_no_epochs() -> None:
    assert results.first_reaching([], [0.5]) == {0.5: None}


def test_the_same_run_of_another_sweep_is_copied_with_another_description(tmp_path: Path) -> None:
    twin, run = tmp_path / "fig2c" / "split-1", tmp_path / "fig2a" / "split-1"
    write_finished(twin, seed=3, **{"data.size": 320})
    write_finished(tmp_path / "fig2c" / "split-2", seed=4)
    run.mkdir(parents=True)
    (run / results.CURVE).write_text("of a run that was interrupted")
    before = (twin / results.RESULT).read_bytes()
    assert results.adopt(run, {"overrides": {"model": "mlp"}}) == twin
    assert (run / results.CURVE).read_bytes() == (twin / results.CURVE).read_bytes()
    old, new = (json.loads((of / results.RESULT).read_text()) for of in (twin, run))
    assert (old["overrides"], new["overrides"]) == ({"data.size": 320}, {"model": "mlp"})
    assert new == old | {"overrides": {"model": "mlp"}}
    assert (twin / results.RESULT).read_bytes() == before
    assert list(results.load(run.parent).columns) == [*results.TABLE]


@pytest.mark.parametrize("twin", [None, "results/fig2c/split-2", "elsewhere/fig2c/split-1"])
def test_only_the_same_run_of_the_same_results_is_copied(tmp_path: Path, twin: str | None) -> None:
    write_curve(tmp_path / "results" / "fig2b" / "split-1")  # not finished
    if twin:
        write_finished(tmp_path / twin)
    run = tmp_path / "results" / "fig2a" / "split-1"
    run.mkdir(parents=True)
    assert results.adopt(run, {}) is None
    assert not list(run.iterdir())


def test_load_is_one_tidy_table(tmp_path: Path) -> None:
    write_finished(tmp_path / "a", seed=1, **{"data.size": 320})
    write_finished(tmp_path / "b", seed=2, objective="split")
    results.write_runs(tmp_path, ["b", "a"])
    with warnings.catch_warnings(action="error"):
        table = results.load(tmp_path)
    assert list(table.columns) == [*results.TABLE, "data.size"]
    assert table.run.unique().tolist() == ["b", "a"]
    assert len(table) == 2 * 2 * len(ACCURACIES)
    of_a = table[(table.run == "a") & (table.split == "train")]
    assert (of_a.seed == 1).all() and (of_a["data.size"] == 320).all()
    assert (of_a.objective == "split").all() and (of_a.data == "digits").all()
    assert list(of_a[["epoch", "step", "samples", "value"]].itertuples(index=False, name=None)) == ACCURACIES
    assert table[table.run == "b"]["data.size"].isna().all()


def test_load_of_a_setting_that_is_a_list(tmp_path: Path) -> None:
    write_finished(tmp_path / "run", **{"model.widths": [8, 4]})
    values = results.load(tmp_path)["model.widths"]
    assert len(values) == 2 * len(ACCURACIES)
    assert values.astype(str).unique().tolist() == ["[8, 4]"]


def test_stale_runs_are_named_and_left_out(tmp_path: Path) -> None:
    write_finished(tmp_path / "now")
    write_finished(tmp_path / "yesterday")
    results.write_runs(tmp_path, ["now"])
    with pytest.warns(UserWarning, match="earlier configuration.*yesterday"):
        table = results.load(tmp_path)
    assert table.run.unique().tolist() == ["now"]


def test_unfinished_runs_are_named_and_left_out(tmp_path: Path) -> None:
    write_finished(tmp_path / "done")
    write_curve(tmp_path / "running")
    results.write_runs(tmp_path, ["done", "running", "waiting"])
    with pytest.warns(UserWarning, match="not finished.*running, waiting"):
        table = results.load(tmp_path)
    assert table.run.unique().tolist() == ["done"]


def test_a_folder_that_no_sweep_wrote_is_all_that_finished(tmp_path: Path) -> None:
    write_finished(tmp_path / "b")
    write_finished(tmp_path / "a")
    write_curve(tmp_path / "c")
    assert results.runs(tmp_path) == ["a", "b"]
    assert results.load(str(tmp_path)).run.unique().tolist() == ["a", "b"]


def test_load_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no finished run"):
        results.load(tmp_path)


@pytest.mark.parametrize(
    ("precisions", "named"), [(["fp32"], False), (["bf16", "bf16"], True), (["bf16", "fp32"], False)]
)
def test_a_caption_names_a_precision_that_all_runs_have_and_that_is_not_the_usual(
    tmp_path: Path, precisions: list[str], named: bool
) -> None:
    data = {"split": dict.fromkeys(("train", "pseudo_test", "held_out"), "all[:8]"), "side": None, "batch_size": 8}
    config = {
        "seed": 0,
        "data": data,
        "model": {"softmax": True},
        "optimizer": {"_target_": "torch.optim.Adam", "lr": 1},
    }
    for number, precision in enumerate(precisions):
        run = tmp_path / f"split-{number}"
        write_curve(run)
        choices = {"objective": "split", "model": "mlp", "data": "digits"}
        about = {"choices": choices, "overrides": {}, "config": config | {"precision": precision}}
        results.write_results({run: results.result(run, about, outcome())})
    assert ("bf16" in results.describe(tmp_path)) == named
    assert "Adam lr 1, batch 8" in results.describe(tmp_path)


def damage_result(run: Path) -> Path:
    (run / results.RESULT).write_text("")
    return run / results.RESULT


def cut_result(run: Path) -> Path:
    text = (run / results.RESULT).read_bytes()
    (run / results.RESULT).write_bytes(text[: len(text) // 2] + b"\xff")
    return run / results.RESULT


def empty_object(run: Path) -> Path:
    (run / results.RESULT).write_text("[]")
    return run / results.RESULT


def cut_curve(run: Path) -> Path:
    curve = (run / results.CURVE).read_bytes()
    (run / results.CURVE).write_bytes(curve[:-40])
    return run / results.CURVE


def change_curve(run: Path) -> Path:
    curve = (run / results.CURVE).read_bytes()
    (run / results.CURVE).write_bytes(curve.replace(b"0.45", b"0.46"))
    return run / results.CURVE


def remove_curve(run: Path) -> Path:
    (run / results.CURVE).unlink()
    return run / results.CURVE


DAMAGES = [damage_result, cut_result, empty_object, cut_curve, change_curve, remove_curve]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_has_not_finished_and_the_file_is_named_once(tmp_path: Path, damage: Callable) -> None:
    write_finished(tmp_path / "split-1")
    write_finished(tmp_path / "split-2", seed=1)
    file = damage(tmp_path / "split-1")
    with pytest.warns(Notice, match=re.escape(str(file))):
        assert not results.finished(tmp_path / "split-1")
    with warnings.catch_warnings(action="error"):
        assert not results.finished(tmp_path / "split-1")
    results.write_runs(tmp_path, ["split-1", "split-2"])
    with pytest.warns(Notice, match=f"damaged, so not in the table: {re.escape(str(file))}"):
        assert results.load(tmp_path).run.unique().tolist() == ["split-2"]
    write_finished(tmp_path / "split-1")  # run again
    assert results.finished(tmp_path / "split-1")


def without_fingerprint(run: Path) -> None:
    """As the first results were."""
    found = json.loads((run / results.RESULT).read_text())
    del found["curve"], found["dead_since"]
    (run / results.RESULT).write_text(json.dumps(found))


def drop_rows(epoch: int, metric: str = "") -> Callable:
    def drop(run: Path) -> None:
        lines = (run / results.CURVE).read_text().splitlines(keepends=True)
        (run / results.CURVE).write_text("".join(x for x in lines if not x.startswith(f"{epoch},") or metric not in x))

    return drop


CUTS = [cut_curve, remove_curve, drop_rows(3), drop_rows(2), drop_rows(1, "held_out"), drop_rows(3, "held_out")]


@pytest.mark.parametrize(("damage", "whole"), [(None, True), *((cut, False) for cut in CUTS)])
def test_an_old_result_goes_with_a_curve_to_its_last_epoch(
    tmp_path: Path, damage: Callable | None, whole: bool
) -> None:
    write_finished(tmp_path / "split-1")
    without_fingerprint(tmp_path / "split-1")
    if damage:
        damage(tmp_path / "split-1")
    with warnings.catch_warnings(action="ignore"):
        assert results.finished(tmp_path / "split-1") == whole


@pytest.mark.parametrize("last", [0.5, 2.0])
def test_of_an_old_result_the_curve_says_whether_it_is_dead(tmp_path: Path, last: float) -> None:
    (tmp_path / "split-1").mkdir()
    with Curve(tmp_path / "split-1" / results.CURVE) as curve:
        for epoch in range(16):
            loss = 2.5 if epoch >= 4 else 2.0
            losses = {"loss/train": loss if epoch < 15 else last + 0.5, "loss/pseudo_test": loss}
            curve.append(epoch, epoch, epoch, losses | {"accuracy/train": 0.1})
    about = {
        "choices": {"objective": "split", "model": "mlp", "data": "digits"},
        "overrides": {},
        "config": {"seed": 0},
    }
    ended = replace(outcome(), epochs=15, metrics={"accuracy/train": 0.1})
    results.write_results({tmp_path / "split-1": results.result(tmp_path / "split-1", about, ended)})
    assert results.load(tmp_path).dead_since.isna().all()  # it says so itself
    without_fingerprint(tmp_path / "split-1")
    since = results.load(tmp_path).dead_since
    assert (since == 4).all() if last == 2.0 else since.isna().all()


def test_a_dead_run_is_dead_in_its_result_and_in_the_table(tmp_path: Path) -> None:
    write_curve(tmp_path / "split-1")
    about = {
        "choices": {"objective": "split", "model": "mlp", "data": "digits"},
        "overrides": {},
        "config": {"seed": 0},
    }
    results.write_results(
        {tmp_path / "split-1": results.result(tmp_path / "split-1", about, replace(outcome(), dead_since=2))}
    )
    assert json.loads((tmp_path / "split-1" / results.RESULT).read_text())["dead_since"] == 2
    assert (results.load(tmp_path).dead_since == 2).all()


def test_curve_result_and_folder_reach_the_disk_in_that_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_curve(tmp_path / "split-1")
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(Path(os.readlink(f"/proc/self/fd/{file}")).name))
    write_finished(tmp_path / "split-1")
    assert synced == ["curve.csv", tmp_path.name, "result.json.partial", "split-1"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_twin_is_none(tmp_path: Path, damage: Callable) -> None:
    write_finished(tmp_path / "fig2a" / "split-1")
    assert results.twin(tmp_path / "fig2c" / "split-1") == tmp_path / "fig2a" / "split-1"
    damage(tmp_path / "fig2a" / "split-1")
    with pytest.warns(Notice, match="counts as not finished"):
        assert results.twin(tmp_path / "fig2c" / "split-1") is None


def test_a_folder_with_another_runs_result_is_refused(tmp_path: Path) -> None:
    sweep = tmp_path / "fig2c"
    write_finished(sweep / "split-1")
    results.check_own(sweep / "split-1")
    (sweep / "split-1").rename(sweep / "split-2")
    with pytest.raises(InputError, match="split-2 holds the result of another run, split-1: move it away"):
        results.check_own(sweep / "split-2")
    assert results.twin(tmp_path / "fig2a" / "split-2") is None
    results.check_own(sweep / "split-3")  # which is not there
    found = json.loads((sweep / "split-2" / results.RESULT).read_text())
    del found["choices"]
    (sweep / "split-2" / results.RESULT).write_text(json.dumps(found))
    with pytest.raises(InputError, match="split-2 holds a result that does not say which run it is of: move it away"):
        results.check_own(sweep / "split-2")


def test_a_sweep_is_complete_where_its_folder_says_so(tmp_path: Path) -> None:
    names = ["split-1", "split-2"]
    assert not results.complete(tmp_path, names)
    for name in names:
        write_finished(tmp_path / name)
    assert not results.complete(tmp_path, names)
    results.write_runs(tmp_path, names)
    assert results.complete(tmp_path, names)
    assert not results.complete(tmp_path, names[:1]), "the table would still have both"
    (tmp_path / results.JOURNAL).write_text("{}")
    assert not results.complete(tmp_path, names)
    (tmp_path / results.JOURNAL).unlink()
    (tmp_path / names[0] / results.RESULT).unlink()
    assert not results.complete(tmp_path, names)


BREAKS = [
    ("subprocess.run", FileNotFoundError("git")),
    ("subprocess.run", PermissionError("git")),
    ("rotelab.results.version", PackageNotFoundError("rotelab")),
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
    assert results.finished(tmp_path / "split-1")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_metric_that_is_no_number_is_null(tmp_path: Path, value: float) -> None:
    """A measure of a dead run may be: it divides by a gradient that is zero."""
    write_curve(tmp_path / "split-1")
    about = {"choices": {"objective": "split"}, "overrides": {}, "config": {"seed": 0}}
    ended = replace(outcome(), metrics={"coherence/train": value, "accuracy/train": 0.1})
    results.write_results({tmp_path / "split-1": results.result(tmp_path / "split-1", about, ended)})
    found = json.loads((tmp_path / "split-1" / results.RESULT).read_text())
    assert found["metrics"] == {"coherence/train": None, "accuracy/train": 0.1}


def test_a_warning_names_five_runs_and_counts_the_others(tmp_path: Path) -> None:
    write_finished(tmp_path / "split-0")
    results.write_runs(tmp_path, [f"split-{number}" for number in range(9)])
    with pytest.warns(Notice, match="split-1, split-2, split-3, split-4, split-5 and 3 more$"):
        results.load(tmp_path)


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
    made = {run: results.result(run, about, outcome()) for run in runs}
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
            results.write_results(made)
            killed = False
        except Killed:
            killed = True
    results.settle(tmp_path)
    there = [results.finished(run) for run in made]
    assert there in ([True] * 3, [False] * 3)
    assert there == [True] * 3 or killed
    assert not (tmp_path / results.JOURNAL).exists()
    assert killed or operation > 12


def stack(folder: Path) -> dict[Path, dict]:
    """Results of three runs, which are not written yet."""
    made = {}
    for run in (folder / f"split-{number}" for number in range(3)):
        write_curve(run)
        about = {"choices": {"objective": "split", "model": "mlp", "data": "digits"}, "overrides": {}}
        made[run] = results.result(run, about | {"config": {"seed": 0}}, outcome())
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
        results.write_results(made)
    assert (folder / results.JOURNAL).exists()
    assert not list(folder.rglob("result.json.partial"))


def test_results_that_found_no_room_are_written_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stack(tmp_path)
    interrupted(made, tmp_path, monkeypatch)
    results.settle(tmp_path)
    assert [results.finished(run) for run in made] == [True] * 3


def test_runs_that_were_deleted_or_trained_anew_since_keep_what_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stack(tmp_path)
    interrupted(made, tmp_path, monkeypatch)
    deleted, anew, kept = made
    shutil.rmtree(deleted)
    with Curve(anew / results.CURVE) as curve:
        curve.append(0, 0, 0, {"accuracy/train": 0.3})
    results.write_results({anew: made[anew] | {"curve": results._fingerprint((anew / results.CURVE).read_bytes())}})
    before = (anew / results.RESULT).read_bytes()
    results.settle(tmp_path)
    assert (anew / results.RESULT).read_bytes() == before
    assert [results.finished(run) for run in (deleted, anew, kept)] == [False, True, True]
    assert not (tmp_path / results.JOURNAL).exists()


def test_a_damaged_run_of_a_folder_that_no_sweep_wrote_is_not_stale(tmp_path: Path) -> None:
    write_finished(tmp_path / "split-1")
    write_finished(tmp_path / "split-2")
    change_curve(tmp_path / "split-1")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results.load(tmp_path)
    assert ["counts as not finished" in str(one.message) for one in caught] == [True]


def test_a_folder_with_another_runs_result_is_not_in_the_table(tmp_path: Path) -> None:
    for number in (1, 2):
        write_finished(tmp_path / f"split-{number}", seed=number)
    results.write_runs(tmp_path, ["split-1", "split-2"])
    shutil.copytree(tmp_path / "split-1", tmp_path / "split-2", dirs_exist_ok=True)
    with pytest.warns(Notice, match="split-2/result.json is that of another run, split-1"):
        assert results.load(tmp_path).run.unique().tolist() == ["split-1"]


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_a_journal_that_can_not_be_read_is_said_and_goes(tmp_path: Path, text: str) -> None:
    (tmp_path / results.JOURNAL).write_text(text)
    with pytest.warns(Notice, match=r"\.results\.json can't be read"):
        results.settle(tmp_path)
    assert not list(tmp_path.iterdir())
