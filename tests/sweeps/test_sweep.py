"""Runs are checked before the first starts, go together in the same stacks again, and through any launcher."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import TINY, run
from finished import write_finished
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.utils import JobReturn, JobStatus
from hydra.types import RunMode

from rotelab.config import choices, resolvers
from rotelab.errors import InputError, RunError
from rotelab.results import files
from rotelab.sweeps import forecast, sweep
from rotelab.sweeps.composition import Composer
from rotelab.sweeps.job import End
from rotelab.sweeps.sweep import Sweep, ended, left, report, stacks
from rotelab.sweeps.task import Run


def runs(names: str, stack: str = "others") -> list[Run]:
    return [Run(name, name, [], name if name == "d" else stack, "") for name in names]


@pytest.mark.parametrize("most", [1, 2, 3, 10])
def test_stacks_are_of_runs_that_are_alike(most: int) -> None:
    found = ["".join(run.name for run in group) for group in stacks(runs("abcdefg"), most)]
    expected = {1: "a b c d e f g", 2: "ab ce d fg", 3: "abc d efg", 10: "abcefg d"}
    assert found == expected[most].split()


@pytest.mark.parametrize("done", [[], ["a", "c"], ["a", "b"], ["b", "c", "d"]])
def test_a_sweep_that_is_started_again_makes_the_same_stacks(
    done: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever has finished or failed: else the rest would go together with others, and round otherwise."""
    monkeypatch.setattr(files, "finished", lambda folder: folder.name in done)
    found = ["".join(run.name for run in group) for group in left(Sweep(tmp_path, runs("abcde"), 2, False, True, True))]
    groups = ["".join(name for name in group if name not in done) for group in ("ab", "ce", "d")]
    assert found == [group for group in groups if group]


def job(status: JobStatus, value: object) -> JobReturn:
    made = JobReturn(status=status)
    made.return_value = value
    return made


def test_ends_are_what_jobs_returned_or_what_lies_on_the_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """A job may be lost before or after its run has finished; a fault of the task itself is shown where it is."""
    monkeypatch.setattr(files, "finished", lambda folder: folder.name == "c")
    returned = [job(JobStatus.COMPLETED, [End("a", "3 epochs")]), job(JobStatus.FAILED, ZeroDivisionError("of ours"))]
    first, second = ended(returned, list("abc"), tmp_path)
    assert first == End("a", "3 epochs")
    assert second.name == "b" and "its job was lost" in str(second.error)
    assert "ZeroDivisionError: of ours" in capsys.readouterr().err


def test_runs_that_failed_are_listed_in_their_order(tmp_path: Path) -> None:
    found = Sweep(tmp_path, runs("abc"), 1, False, True, True)
    ends = [End("c", error=RunError("the loss was nan")), End("b", "3 epochs"), End("a", error=RunError("no memory"))]
    with pytest.raises(RunError) as caught:
        report(ends, found)
    assert str(caught.value) == "2 of 3 runs failed:\nrotelab: a: no memory\nrotelab: c: the loss was nan"
    report([End("b", "3 epochs")], found)


SWEEP = (
    *("--multirun", "name=sweep", *TINY, "stop.max_epochs=2", "model.softmax=false", "trainer.progress=false"),
    *("optimizer.lr=1e-3,1e30", "seed=0,1"),
)


@pytest.mark.slow
@pytest.mark.parametrize("together", [1, 3])
@pytest.mark.parametrize("launcher", ["basic", "joblib", "submitit_local"])
def test_every_launcher_trains_the_same_runs(launcher: str, together: int, tmp_path: Path) -> None:
    """Those that fail are listed, by what jobs returned; a second start launches these alone, and says so."""
    options = ["hydra.launcher.n_jobs=2"] if launcher == "joblib" else []
    arguments = (*SWEEP, *options, f"hydra/launcher={launcher}", f"trainer.together={together}")
    command = [sys.executable, "-m", "rotelab.train", *arguments, f"results={tmp_path / 'other'}"]
    expected = run(*SWEEP, f"results={tmp_path / 'alone'}", f"trainer.together={together}")
    assert expected[0] == 1
    for finished in (0, 2):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        listed = [line for line in done.stderr.splitlines() if line.startswith("rotelab: ")]
        assert listed[0] == "rotelab: 2 of 4 runs failed:"
        assert listed == [line for line in expected[2].splitlines() if line.startswith("rotelab: ")]
        assert f"4 runs, {finished} finished" in done.stdout.splitlines()[0]
        assert done.stdout.count("finished before") == finished
    ours, other = (tmp_path / folder / "sweep" for folder in ("alone", "other"))
    assert files.runs(ours) == files.runs(other)
    for name in files.runs(ours):
        assert files.finished(ours / name) == files.finished(other / name)
        if files.finished(ours / name):
            assert (ours / name / files.CURVE).read_bytes() == (other / name / files.CURVE).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_all_finished_launches_nothing(launcher: str, tmp_path: Path) -> None:
    arguments = ("--multirun", "name=sweep", *TINY, "stop.max_epochs=1", "seed=0,1", f"results={tmp_path}")
    assert run(*arguments)[0] == 0
    code, out, err = run(*arguments, f"hydra/launcher={launcher}")
    assert (code, err, out.count("finished before")) == (0, "", 2)
    assert not (tmp_path / "sweep" / ".submitit").exists()


def test_a_run_that_has_finished_without_a_network_is_found_before_the_first_starts(tmp_path: Path) -> None:
    resolvers.register()
    with initialize_config_dir(str(choices.CONF), version_base="1.3"):
        loader = GlobalHydra.instance().config_loader()
        composer = Composer(loader, loader.load_configuration("train", [], RunMode.MULTIRUN))
        plain, kept = [["seed=1"], ["seed=2"]], [["seed=1", "save.last=true"], ["seed=2", "save.epochs=[9]"]]
        names = [run.name for run in sweep.checked(composer, tmp_path, plain).runs]
        assert [run.kept for run in sweep.checked(composer, tmp_path, kept).runs] == [(None,), (9,)]
        for name in names:
            write_finished(tmp_path / name)
        assert sweep.checked(composer, tmp_path, kept[1:]).runs, "it had 3 epochs"
        with pytest.raises(InputError, match=f"{names[0]} has finished without network.safetensors"):
            sweep.checked(composer, tmp_path, kept)


def test_a_run_is_checked_in_20_ms(tmp_path: Path) -> None:
    """A quarter of that, on an idle machine: composed, checked, named and looked for; the least of five is no noise."""
    resolvers.register()
    with initialize_config_dir(str(choices.CONF), version_base="1.3"):
        loader = GlobalHydra.instance().config_loader()
        composer = Composer(loader, loader.load_configuration("train", [], RunMode.MULTIRUN))
        seconds = []
        for part in range(5):
            expanded = [[f"seed={seed}", "stop.max_epochs=3"] for seed in range(100 * part, 100 * (part + 1))]
            start = time.process_time()
            found = sweep.checked(composer, tmp_path / "sweep", expanded)
            forecast.say_each(found.runs, found.folder, lambda run: 1.0)
            seconds.append((time.process_time() - start) / len(found.runs))
    assert min(seconds) < 0.02
