"""Results are written whole or not at all, and read back as one table of the runs that belong to a sweep."""

import json
import os
import warnings
from pathlib import Path

import pytest
from torch import nn

from rotelab import results
from rotelab.curve import Curve
from rotelab.run import Outcome

ACCURACIES = [(0, 0, 0, 0.1), (1, 5, 64, 0.5), (2, 10, 128, 0.45), (3, 15, 192, 0.95)]


def write_curve(run: Path) -> None:
    run.mkdir(parents=True, exist_ok=True)
    with Curve(run / results.CURVE) as curve:
        for epoch, step, samples, accuracy in ACCURACIES:
            curve.append(epoch, step, samples, {"accuracy/train": accuracy, "accuracy/held_out": 0.99})


def write_finished(run: Path, seed: int = 0, **overrides: object) -> None:
    write_curve(run)
    choices = {"objective": "split", "model": "mlp", "data": "digits"}
    _, _, digest = run.name.partition("-")
    about = {"choices": choices, "overrides": overrides, "config": {"seed": seed}, "digest": digest}
    results.write_results({run: results.result(run, about, outcome())})


def outcome() -> Outcome:
    return Outcome(3, 15, {"accuracy/train": 0.95}, nn.Identity(), seconds=1.26, device="cpu", threads=1)


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
