"""Results are read back as one table of the runs that belong to a sweep."""

import json
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from damaged import change_curve
from finished import ACCURACIES, outcome, write_curve, write_finished

from rotelab.errors import Notice
from rotelab.results import files, record
from rotelab.results.table import TABLE, load_sweep


def test_load_is_one_tidy_table(tmp_path: Path) -> None:
    write_finished(tmp_path / "a", seed=1, **{"data.size": 320})
    write_finished(tmp_path / "b", seed=2, objective="split")
    files.write_runs(tmp_path, ["b", "a"])
    with warnings.catch_warnings(action="error"):
        table = load_sweep(tmp_path)
    assert list(table.columns) == [*TABLE, "data.size"]
    assert table.run.unique().tolist() == ["b", "a"]
    assert (table.class_count == 10).all()
    assert len(table) == 2 * 2 * len(ACCURACIES)
    of_a = table[(table.run == "a") & (table.split == "train")]
    assert (of_a.seed == 1).all() and (of_a["data.size"] == 320).all()
    assert (of_a.objective == "split").all() and (of_a.data == "digits").all()
    assert list(of_a[["epoch", "step", "images", "value"]].itertuples(index=False, name=None)) == ACCURACIES
    assert table[table.run == "b"]["data.size"].isna().all()


@pytest.mark.parametrize(("over", "seeds"), [("images", [3, 4]), ("both", [0]), (None, [0])])
def test_a_seed_over_images_is_theirs(over: str | None, seeds: list[int], tmp_path: Path) -> None:
    for order_seed in (3, 4):
        run = tmp_path / f"split-{order_seed}"
        write_finished(run, 0, **({"seeds": over} if over else {}))
        found = json.loads((run / files.RESULT).read_text())
        found["config"]["data"] = {"order_seed": order_seed}
        (run / files.RESULT).write_text(json.dumps(found))
    assert load_sweep(tmp_path).seed.unique().tolist() == seeds


def test_load_of_a_setting_that_is_a_list(tmp_path: Path) -> None:
    write_finished(tmp_path / "run", **{"model.widths": [8, 4]})
    values = load_sweep(tmp_path)["model.widths"]
    assert len(values) == 2 * len(ACCURACIES)
    assert values.astype(str).unique().tolist() == ["[8, 4]"]


def test_stale_runs_are_named_and_left_out(tmp_path: Path) -> None:
    write_finished(tmp_path / "now")
    write_finished(tmp_path / "yesterday")
    files.write_runs(tmp_path, ["now"])
    with pytest.warns(UserWarning, match="not of the sweep as it was last started, so not in the table: yesterday"):
        table = load_sweep(tmp_path)
    assert table.run.unique().tolist() == ["now"]


def test_unfinished_runs_are_named_and_left_out(tmp_path: Path) -> None:
    write_finished(tmp_path / "done")
    write_curve(tmp_path / "running")
    files.write_runs(tmp_path, ["done", "running", "waiting"])
    with pytest.warns(UserWarning, match="not finished.*running, waiting"):
        table = load_sweep(tmp_path)
    assert table.run.unique().tolist() == ["done"]


def test_a_folder_that_no_sweep_wrote_is_all_that_finished(tmp_path: Path) -> None:
    write_finished(tmp_path / "b")
    write_finished(tmp_path / "a")
    write_curve(tmp_path / "c")
    assert files.runs(tmp_path) == ["a", "b"]
    assert load_sweep(str(tmp_path)).run.unique().tolist() == ["a", "b"]


def test_load_of_nothing_says_what_is_there(tmp_path: Path) -> None:
    write_finished(tmp_path / "sweep" / "split-1")
    (tmp_path / "empty").mkdir()
    for folder, words in {
        "empty": "no finished run$",
        "nowhere": "there is no such folder",
        "sweep/split-1": "it is the folder of a run, not of a sweep",
        ".": "it holds the folders of sweeps, sweep$",
    }.items():
        with pytest.raises(FileNotFoundError, match=words):
            load_sweep(tmp_path / folder)


def test_a_dead_run_is_dead_in_its_result_and_in_the_table(tmp_path: Path) -> None:
    write_curve(tmp_path / "split-1")
    about = {
        "choices": {"objective": "split", "model": "mlp", "data": "digits"},
        "overrides": {},
        "config": {"seed": 0},
    }
    record.write_results(
        {tmp_path / "split-1": record.result(tmp_path / "split-1", about, replace(outcome(), dead_since=2))}
    )
    assert json.loads((tmp_path / "split-1" / files.RESULT).read_text())["dead_since"] == 2
    assert (load_sweep(tmp_path).dead_since == 2).all()


def test_a_warning_names_five_runs_and_counts_the_others(tmp_path: Path) -> None:
    write_finished(tmp_path / "split-0")
    files.write_runs(tmp_path, [f"split-{number}" for number in range(9)])
    with pytest.warns(Notice, match="split-1, split-2, split-3, split-4, split-5 and 3 more$"):
        load_sweep(tmp_path)


def test_a_damaged_run_of_a_folder_that_no_sweep_wrote_is_not_stale(tmp_path: Path) -> None:
    write_finished(tmp_path / "split-1")
    write_finished(tmp_path / "split-2")
    change_curve(tmp_path / "split-1")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        load_sweep(tmp_path)
    assert ["counts as not finished" in str(one.message) for one in caught] == [True]


def test_a_folder_with_another_runs_result_is_not_in_the_table(tmp_path: Path) -> None:
    for number in (1, 2):
        write_finished(tmp_path / f"split-{number}", seed=number)
    files.write_runs(tmp_path, ["split-1", "split-2"])
    shutil.copytree(tmp_path / "split-1", tmp_path / "split-2", dirs_exist_ok=True)
    with pytest.warns(Notice, match="split-2/result.json is that of another run, split-1"):
        assert load_sweep(tmp_path).run.unique().tolist() == ["split-1"]
