"""Targets follow from the files of experiments, and ``make help`` lists them in lines that can be read."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from command import run

from rotelab.config import choices
from rotelab.experiments import catalogue

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


def make(*arguments: str, folder: Path = ROOT) -> str:
    done = subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_help_says_what_each_experiment_shows() -> None:
    lines = make("help").splitlines()
    assert max(map(len, lines)) <= 110
    listed = {line.split()[1]: line.split(maxsplit=2)[-1] for line in lines if line.startswith("  make ")}
    for name in catalogue.names():
        work, _, short = name.partition("/")
        own = name if name in listed else short
        assert catalogue.full(own) == name  # the name in the list is enough
        assert listed[own] == catalogue.shows(name)
        assert listed[work] == "all of:"


def test_a_target_trains_the_sweeps_of_its_experiment_and_draws_it() -> None:
    planned = make("--dry-run", "ridgeless", "SCALE=smoke")
    assert "rotelab.experiments ridgeless" in planned
    assert "rotelab.report.draw ridgeless" in planned
    assert "--scale smoke" in planned


@pytest.mark.parametrize("given", ["scale=smoke", "Data=x"])
def test_a_variable_that_is_not_in_capitals_is_refused(given: str) -> None:
    command = ["make", "--no-print-directory", "--dry-run", "ridgeless", given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    name, _, value = given.partition("=")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"{given}: variables of make are in capitals, {name.upper()}={value}." in done.stderr


@pytest.mark.slow
def test_a_name_that_two_works_have_is_asked_about() -> None:
    short = [name.partition("/")[2] for name in catalogue.names()]
    twice = next(name for name in short if short.count(name) > 1)
    assert f"rotelab.experiments {twice}" in make("--dry-run", twice)
    code, _, error = run(twice, module="rotelab.experiments.__main__")
    assert (code, error.startswith(f"rotelab: {twice} is not the name of one experiment: which of ")) == (2, True)


def test_a_work_is_all_of_its_experiments_and_the_claims() -> None:
    planned = make("--dry-run", "gradient_splitting")
    for name in catalogue.names():
        drawn = f"rotelab.report.draw {name} " in planned
        assert drawn == name.startswith("gradient_splitting/")
    assert "rotelab.report.claims" in planned


@pytest.mark.parametrize("sweep", choices.of("sweep"))
def test_the_target_that_a_sweep_names_draws_it(sweep: str) -> None:
    (named,) = re.findall(r"# make (\S+) SCALE=", (ROOT / "conf" / "sweep" / f"{sweep}.yaml").read_text())
    assert sweep in catalogue.sweeps(catalogue.full(named))


@pytest.mark.parametrize("target", ["demo", "paper"])
def test_another_work_with_the_same_names_changes_no_target(target: str, tmp_path: Path) -> None:
    """``make fig1`` is then asked about."""
    for file in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / file, tmp_path)
    for name in catalogue.names():
        work, _, short = name.partition("/")
        for folder in (work, "another_work") if work == "gradient_splitting" else (work,):
            (experiments := tmp_path / "src" / "rotelab" / "experiments" / folder).mkdir(parents=True, exist_ok=True)
            (experiments / f"{short}.py").write_text("EXPERIMENT = None\n")
    planned = make("--dry-run", target, folder=tmp_path)
    drawn = re.findall(r"rotelab\.report\.draw (\S+)", planned)
    assert drawn == re.findall(r"rotelab\.report\.draw (\S+)", make("--dry-run", target))
    assert "gradient_splitting/fig1" in drawn
    assert "rotelab.experiments fig1)" in make("--dry-run", "fig1", folder=tmp_path)
