"""The floor plan: who may import whom, and what must not import torch."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "rotelab"
FILES = sorted(SRC.rglob("*.py"))
ROOT = {
    *("__init__", "__main__", "train", "api"),
    *("objectives", "aggregators"),
    *("options", "errors", "files", "randomness", "spacing"),
}
"""The command lines, the API, what runs are named by, and the ground, which imports nothing of ours but errors."""
HYDRA = ("train", "config", "sweeps")
"""What of ours may know Hydra."""
WITHOUT_TORCH = """
import sys
from rotelab.config import schema
from rotelab.experiments import catalogue
from rotelab.report import claims, draw
for work in catalogue.works():
    catalogue.claims(work)
for name in catalogue.names():
    if name in sys.argv[1:]:
        assert catalogue.module(name).EXPERIMENT.of_runs
assert "torch" not in sys.modules
"""


def place(file: Path) -> tuple[str, ...]:
    """``("experiments", "gradient_splitting", "fig1")``"""
    return file.relative_to(SRC).with_suffix("").parts


def imported(file: Path) -> Iterator[tuple[str, ...]]:
    """What a file imports of ours, and ``("hydra", ...)``."""
    for node in ast.walk(ast.parse(file.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            first, *rest = name.split(".")
            if first == "hydra":
                yield ("hydra",)
            elif first == "rotelab":
                yield tuple(rest)


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(place(file)))
def test_imports_run_down(file: Path) -> None:
    """Only reports know experiments, no experiment another work's, and only a few know Hydra."""
    at = place(file)
    for what in imported(file):
        if what[:1] == ("experiments",) and at[0] != "report":
            assert at[0] == "experiments", what
            shared = what[1] in ("experiment", "catalogue")
            assert shared or len(at) == 2 or at[1] == what[1], what
        if what == ("hydra",):
            assert at[0] in HYDRA
        if what[:1] in (("report",), ("benchmarks",)):
            assert at[0] == what[0], what


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(place(file)))
def test_a_file_is_short(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 300


def test_the_root_holds_what_runs_are_named_by_and_the_ground() -> None:
    assert {file.stem for file in SRC.glob("*.py")} <= ROOT


@pytest.mark.parametrize("name", ["options", "errors", "files", "randomness", "spacing"])
def test_the_ground_stands_on_errors_alone(name: str) -> None:
    assert {what[0] for what in imported(SRC / f"{name}.py")} <= {"errors"}


def test_drawing_and_claims_need_no_torch() -> None:
    command = [sys.executable, "-c", WITHOUT_TORCH, "gradient_splitting/fig1", "randomization_tests/table1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
