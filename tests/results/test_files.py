"""Which runs have finished, what is damaged, and what belongs to a sweep."""

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from damaged import DAMAGES, of_an_earlier_version
from finished import write_curve, write_finished

from rotelab.errors import InputError, Notice
from rotelab.results import files
from rotelab.results.table import load_sweep


def test_a_run_has_finished_when_its_result_is_there(tmp_path: Path) -> None:
    write_curve(tmp_path)
    assert not files.finished(tmp_path)
    write_finished(tmp_path)
    assert files.finished(tmp_path)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_has_not_finished_and_the_file_is_named_once(tmp_path: Path, damage: Callable) -> None:
    write_finished(tmp_path / "split-1")
    write_finished(tmp_path / "split-2", seed=1)
    file = damage(tmp_path / "split-1")
    with pytest.warns(Notice, match=re.escape(str(file))):
        assert not files.finished(tmp_path / "split-1")
    with warnings.catch_warnings(action="error"):
        assert not files.finished(tmp_path / "split-1")
    files.write_runs(tmp_path, ["split-1", "split-2"])
    with pytest.warns(Notice, match=f"damaged, so not in the table: {re.escape(str(file))}"):
        assert load_sweep(tmp_path).run.unique().tolist() == ["split-2"]
    write_finished(tmp_path / "split-1")  # run again
    assert files.finished(tmp_path / "split-1")


def test_a_curve_of_before_images_were_counted_is_named_with_its_columns(tmp_path: Path) -> None:
    write_finished(tmp_path / "split-1")
    of_an_earlier_version(tmp_path / "split-1")
    with pytest.raises(
        files.Damaged, match=r"curve\.csv has other columns than epoch, step, images, .* earlier versions"
    ):
        files.read(tmp_path / "split-1")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_twin_is_none(tmp_path: Path, damage: Callable) -> None:
    write_finished(tmp_path / "fig2a" / "split-1")
    assert files.twin(tmp_path / "fig2c" / "split-1") == tmp_path / "fig2a" / "split-1"
    damage(tmp_path / "fig2a" / "split-1")
    with pytest.warns(Notice, match="counts as not finished"):
        assert files.twin(tmp_path / "fig2c" / "split-1") is None


def test_a_folder_with_another_runs_result_is_refused(tmp_path: Path) -> None:
    sweep = tmp_path / "fig2c"
    write_finished(sweep / "split-1")
    files.check_own(sweep / "split-1")
    (sweep / "split-1").rename(sweep / "split-2")
    with pytest.raises(InputError, match="split-2 holds the result of another run, split-1: move it away"):
        files.check_own(sweep / "split-2")
    assert files.twin(tmp_path / "fig2a" / "split-2") is None
    files.check_own(sweep / "split-3")  # which is not there
    found = json.loads((sweep / "split-2" / files.RESULT).read_text())
    del found["choices"]
    (sweep / "split-2" / files.RESULT).write_text(json.dumps(found))
    with pytest.raises(InputError, match="split-2 holds a result that does not say which run it is of: move it away"):
        files.check_own(sweep / "split-2")


@pytest.mark.parametrize("content", [b"name\nsplit-1\n", b"run\n\xff\n"])
def test_a_damaged_list_of_runs_is_a_sentence_and_written_anew(tmp_path: Path, content: bytes) -> None:
    write_finished(tmp_path / "split-1")
    (tmp_path / files.RUNS).write_bytes(content)
    for read in (files.runs, load_sweep):
        with pytest.raises(InputError, match=r"runs\.csv is damaged: the same sweep, started again, writes it anew"):
            read(tmp_path)
    assert not files.complete(tmp_path, ["split-1"])
    files.write_runs(tmp_path, ["split-1"])
    assert files.complete(tmp_path, ["split-1"])


def test_a_sweep_is_complete_where_its_folder_says_so(tmp_path: Path) -> None:
    names = ["split-1", "split-2"]
    assert not files.complete(tmp_path, names)
    for name in names:
        write_finished(tmp_path / name)
    assert not files.complete(tmp_path, names)
    files.write_runs(tmp_path, names)
    assert files.complete(tmp_path, names)
    assert not files.complete(tmp_path, names[:1]), "the table would still have both"
    (tmp_path / files.JOURNAL).write_text("{}")
    assert not files.complete(tmp_path, names)
    (tmp_path / files.JOURNAL).unlink()
    (tmp_path / names[0] / files.RESULT).unlink()
    assert not files.complete(tmp_path, names)
