"""A signal to a sweep ends it in one way, whoever trains its runs: nobody is left at work, and it can go on."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from command import TINY, run

from rotelab.errors import InputError
from rotelab.results import files
from rotelab.sweeps import launchers

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
LAUNCHERS = {"basic": (), "joblib": ("hydra.launcher.n_jobs=2",), "submitit_local": ()}
LONG = 1000
"""Epochs: some seconds, so that a signal comes in time also where two other processes want the cores."""


def arguments(launcher: str, folder: Path, *more: str) -> list[str]:
    options = (f"hydra/launcher={launcher}", *LAUNCHERS[launcher], f"results={folder}", "trainer.progress=false")
    return ["-m", "name=sweep", *TINY, *options, *more]


def wait_for(true: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(session: int) -> list[str]:
    """The command lines of the processes of a session, but for those that nobody has waited for."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of_session, *_ = (process / "stat").read_text().rpartition(")")[2].split()
            if int(of_session) == session and state != "Z":
                found.append((process / "cmdline").read_text())
        except OSError:  # it has ended
            continue
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("launcher", LAUNCHERS)
@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
def test_a_signal_ends_a_sweep_and_all_that_it_started(launcher: str, number: signal.Signals, tmp_path: Path) -> None:
    """SIGINT comes as from a terminal, to every process; SIGTERM to that of the sweep alone."""
    given = arguments(launcher, tmp_path, f"stop.max_epochs=2,{LONG}", "seed=0")
    command = [sys.executable, "-m", "rotelab.train", *given]
    with (tmp_path / "out").open("w") as out, (tmp_path / "err").open("w") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, start_new_session=True)
        curves = "sweep/*/curve.csv"
        wait_for(lambda: any(path.read_text().count("accuracy,") > 15 for path in tmp_path.glob(curves)))
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        assert process.wait(60) == CODES[number]
    said = (tmp_path / "err").read_text()
    done = sum(files.finished(tmp_path / "sweep" / name) for name in files.runs(tmp_path / "sweep"))
    *waits, last = said.splitlines()
    assert last.startswith(f"interrupted: {done} of 2 runs are finished; the same command goes on with the rest")
    assert all("at the end of the epoch; a second signal stops it at once" in line for line in waits)
    wait_for(lambda: not alive(process.pid), 5)
    again = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert (again.returncode, again.stderr, done < 2) == (0, "", True)
    assert again.stdout.count(f"{LONG} epochs") == 1
    assert again.stdout.count("finished before") == done


def ends(launcher: str, folder: Path, *more: str) -> tuple[int, list[str]]:
    """The exit code of a sweep and what it says of its runs, but for how long they took."""
    done = subprocess.run(
        [sys.executable, "-m", "rotelab.train", *arguments(launcher, folder, *more)],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("[")]
    lines = [re.sub(r"\d+ s: ", "", line) for line in told]
    return done.returncode, sorted(lines) + [line for line in done.stderr.splitlines() if line.startswith("rotelab:")]


@pytest.mark.slow
@pytest.mark.parametrize("more", [["stop.max_epochs=1"], ["data.split.held_out='all[1400:5000]'"]])
def test_every_launcher_says_the_same_at_the_end(more: list[str], tmp_path: Path) -> None:
    """Of runs that succeed, and of data that are of no use to any."""
    found = {name: ends(name, tmp_path / name, "seed=0,1", *more) for name in LAUNCHERS}
    expected = found["basic"]
    assert expected[0] == (0 if "stop.max_epochs=1" in more else 2)
    for name, (code, lines) in found.items():
        assert code == expected[0], name
        assert [line.replace(f"/{name}/", "/basic/") for line in lines] == expected[1], name


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=0"], "hydra.launcher.n_jobs = 0 starts nothing"),
        (["hydra/launcher=submitit_slurm"], "there is no Slurm here"),
    ],
)
def test_a_launcher_that_starts_nothing_is_found_before_a_folder_is_written(
    given: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launchers.shutil, "which", lambda program: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    code, out, err = run("-m", "seed=0,1", *given, f"results={tmp_path / 'results'}")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err
    assert not (tmp_path / "results").exists()


def test_others_may_start() -> None:
    for target in ("a.BasicLauncher", "hydra_plugins.hydra_submitit_launcher.LocalLauncher"):
        launchers.check({"_target_": target})
    launchers.check({"_target_": "a.JoblibLauncher", "n_jobs": -1})
    with pytest.raises(InputError):
        launchers.check({"_target_": "a.JoblibLauncher", "n_jobs": 0})
