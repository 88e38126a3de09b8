"""Every finished run is told once, as a logger would have told it, by its files alone."""

import json
import shutil
import sys
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import wandb
from command import run
from finished import write_finished
from matplotlib import pyplot
from runs import recipe
from wandb_file import history, of_sweep
from wandb_server import serving

from rotelab.config.named import Named
from rotelab.errors import InputError
from rotelab.models.mlp import mlp
from rotelab.report import claims, export
from rotelab.results import files, record
from rotelab.tracking.replay import replay
from rotelab.tracking.wandb_run import RECORD, Destination, WandbRun, recorded
from rotelab.training.observer import written
from rotelab.training.run import fit
from rotelab.training.wandb_logger import WandbLogger

OFFLINE = Destination("rotelab", "offline", ["a tag"], 60.0)


def sweep(folder: Path, names: tuple[str, ...] = ("split-1", "split-2")) -> Path:
    for seed, name in enumerate(names):
        write_finished(folder / name, seed, **{"data.size": 64})
    files.write_runs(folder, names)
    return folder


def exported(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["rotelab export", "wandb", *map(str, arguments)])
    with warnings.catch_warnings(action="error", category=UserWarning):
        export.main()
    wandb.teardown()  # or its service may still be writing


def test_a_second_export_changes_nothing_but_where_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    folder = sweep(tmp_path / "a sweep")
    exported(monkeypatch, tmp_path)
    first = of_sweep(folder)
    assert [(run["name"], run["exit_code"]) for run in sorted(first, key=lambda run: run["name"])] == [
        ("split, seed 0", 0),
        ("split, seed 1", 0),
    ]
    assert {(run["group"], run["job_type"], run["config"]["data.size"]) for run in first} == {("a sweep", "sweep", 64)}
    before = sorted(tmp_path.rglob("*"))
    exported(monkeypatch, tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
    assert "2 runs, 2 told now, 0 told before\n" in (out := capsys.readouterr().out)
    assert "2 runs, 0 told now, 2 told before\n" in out
    exported(monkeypatch, folder / "split-2", "--again")
    again = of_sweep(folder)
    assert len(again) == 3
    assert {run["id"] for run in again} == {run["id"] for run in first}


def test_only_what_is_new_is_told(tmp_path: Path) -> None:
    """A run that another sweep has is one of its own here; one that was trained anew is told anew."""
    folder, other = sweep(tmp_path / "one"), sweep(tmp_path / "other", ("split-1",))
    (other / "split-1" / files.RESULT).unlink()
    assert record.adopt(other / "split-1", {}) == folder / "split-1"
    assert export.export_runs(folder, ["split-1"], OFFLINE) == (1, 0)
    assert export.export_runs(folder, ["split-1", "split-2"], OFFLINE) == (1, 0)
    assert export.export_runs(other, ["split-1"], OFFLINE) == (1, 0)
    shutil.rmtree(folder / "split-2")
    write_finished(folder / "split-2", 1)
    assert export.export_runs(folder, ["split-1", "split-2"], OFFLINE) == (1, 0)
    wandb.teardown()
    assert len({run["id"] for run in [*of_sweep(folder), *of_sweep(other)]}) == 4


def test_there_has_to_be_a_run(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match=r"no run that has finished|no such folder"):
            export.finished(folder)


@pytest.mark.parametrize("timeout", ["0", "-1", "nan", "inf", "soon"])
def test_a_timeout_is_a_time(
    timeout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit, match="2"):
        exported(monkeypatch, tmp_path, f"--timeout={timeout}")
    assert f"--timeout: invalid seconds value: '{timeout}'" in capsys.readouterr().err


def test_a_logger_and_a_replay_tell_the_same(tmp_path: Path) -> None:
    about: dict[str, Any] = {"name": "a run", "group": "a sweep", "job_type": "sweep", "config": {"seed": 0}}
    live = tmp_path / "live" / "split-1"
    live.mkdir(parents=True)
    looking = WandbLogger("rotelab", "offline", [], 60.0, **about, folder=live)
    outcome = fit(recipe(network=partial(mlp, widths=[4]), max_epochs=3), live / files.CURVE, [looking])
    result = record.result(live, {"digest": "1", "config": {"seed": 0}}, outcome)
    record.write_results({live: result})
    written([looking], result)
    again = tmp_path / "replayed" / "split-1"
    shutil.copytree(live, again)
    (again / RECORD).unlink()
    assert replay(again, WandbRun(again, OFFLINE, **about))
    wandb.teardown()
    said, rows = [], []
    for folder in (live.parent, again.parent):
        (found,) = of_sweep(folder)
        (file,) = folder.glob("wandb/offline-run-*/run-*.wandb")
        rows.append([{key: of[key] for key in of if key not in ("_timestamp", "_runtime")} for of in history(file)])
        said.append({key: value for key, value in found.items() if key != "id"})
    assert said[0] == said[1]
    assert rows[0] == rows[1]
    assert [row["epoch"] for row in rows[0]] == [0, 1, 2, 3]


def test_a_logger_that_saw_no_training_tells_of_its_result_once(tmp_path: Path) -> None:
    """Of a run of a stack that had left it before the stack was interrupted."""
    folder = sweep(tmp_path / "a sweep", ("split-1",))
    result, _ = files.read(folder / "split-1")
    about: dict[str, Any] = {"name": "a run", "group": "a sweep", "job_type": "sweep", "config": {"seed": 0}}
    for _ in range(2):
        written([WandbLogger("rotelab", "offline", [], 60.0, **about, folder=folder / "split-1")], result)
    wandb.teardown()
    (told,) = of_sweep(folder)
    assert (told["exit_code"], told["summary"]["state"]) == (0, "finished")


@pytest.mark.slow
def test_a_server_has_each_run_once_with_its_epochs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = sweep(tmp_path / "a sweep")
    with serving() as server:
        monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
        monkeypatch.setenv("WANDB_BASE_URL", server.url)
        wandb.teardown()
        for _ in range(2):
            exported(monkeypatch, folder, "--mode", "online")
        told = {run_id: list(rows) for run_id, rows in server.history.items()}
        assert {len(rows) for rows in told.values()} == {4}
        exported(monkeypatch, folder, "--mode", "online", "--again")
        assert server.history == told
        assert set(server.exit_codes.values()) == {0} and len(server.exit_codes) == 2
        assert {run["jobType"] for run in server.runs.values()} == {"sweep"}


@pytest.mark.slow
def test_a_server_that_is_gone_is_a_line_and_the_next_export_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    folder = sweep(tmp_path / "a sweep", ("split-1",))
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(sys, "argv", ["x", "wandb", str(folder), "--mode", "online", "--timeout", "1"])
    wandb.teardown()
    with pytest.raises(SystemExit) as ended, pytest.warns(UserWarning, match="W&B failed, split-1 goes on"):
        export.main()
    assert ended.value.code == 1
    assert "1 could not be told: the same command tries them again" in capsys.readouterr().err
    assert recorded(folder / "split-1")["told"] is None
    assert export.export_runs(folder, ["split-1"], OFFLINE) == (1, 0)


def test_verdicts_are_a_run_of_their_own_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``rotelab claims`` gives them, with the figure; anew where runs have changed."""
    folder, ours = tmp_path / "gradient_splitting_fig2a-demo", Named("gradient_splitting", "fig2a", "demo")
    names = [f"threshold-{inputs}{seed}" for inputs in ("clean", "gaussian_blend") for seed in range(3)]
    for name in names:
        write_finished(folder / name, int(name[-1]), **{"data/inputs": name[10:-1]})
        result = folder / name / files.RESULT
        result.write_text(result.read_text().replace('"objective": "split"', '"objective": "threshold"'))
    files.write_runs(folder, names)
    plot = tmp_path / "fig2a.png"
    pyplot.imsave(plot, [[0.0, 1.0]])
    monkeypatch.setattr(export, "_pictures", lambda *_: {"fig2a": plot})
    assert [export.export_claims(folder, ours, OFFLINE) for _ in range(2)] == [True, None]
    wandb.teardown()
    (told,) = of_sweep(folder)
    assert (told["job_type"], told["group"], told["exit_code"]) == ("claims", folder.name, 0)
    tables = {ours.work: claims.load_work(tmp_path, ours.scale, ours.work)}
    answers = claims.answered(tables, ours.scale)[ours.work]
    verdicts = [of.verdict for of in answers if "fig2a" in of.claim.sweep and of.samples]
    assert verdicts
    assert {key: told["summary"][key] for key in told["summary"] if key.startswith("verdicts/")} == {
        f"verdicts/{verdict}": verdicts.count(verdict) for verdict in verdicts
    }
    (table,) = folder.glob("wandb/offline-run-*/files/media/table/*.json")
    rows = json.loads(table.read_text())["data"]
    assert {row[export.TABLE.index("verdict")] for row in rows} == set(verdicts)
    assert len(list(folder.glob("wandb/offline-run-*/files/media/images/figures/fig2a*.png"))) == 1
    shutil.rmtree(folder / names[-1])
    assert export.export_claims(folder, ours, OFFLINE)
    wandb.teardown()
    assert len({run["id"] for run in of_sweep(folder)}) == 1


@pytest.mark.slow
def test_a_sweep_of_ours_is_told_with_its_figure(tmp_path: Path) -> None:
    arguments = ("sweep=fig2a", "scale=smoke", f"results={tmp_path}", "trainer.progress=false")
    assert run(*arguments, seconds=300)[0] == 0
    for told in (True, False):
        code, out, err = run("wandb", str(tmp_path), module="rotelab.report.export", seconds=300)
        assert (code, err, "its figures and claims" in out) == (0, "", told)
    (folder,) = tmp_path.glob("*fig2a-smoke")
    types = [said["job_type"] for said in of_sweep(folder)]
    assert types.count("claims") == 1 and types.count("gradient_splitting") == len(types) - 1 == len(files.runs(folder))
    assert list(folder.glob("wandb/offline-run-*/files/media/images/figures/fig2a*.png"))
