"""The floor plan: who may import whom, and what must not import torch."""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "rotelab"
FILES = sorted(SRC.rglob("*.py"))
PLUGINS = sorted((SRC.parent / "hydra_plugins").rglob("*.py"))
ROOT = {
    *("__init__", "__main__", "train", "api"),
    *("objectives", "aggregators"),
    *("options", "errors", "files", "randomness", "spacing", "plurals"),
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


def imported(file: Path, text: str | None = None, signatures: bool = True) -> Iterator[tuple[str, ...]]:
    """What a file imports of ours, by whole or relative names, and ``("hydra", ...)``; without those that only
    ``signatures`` need, where it is asked."""
    at = file.relative_to(SRC.parent).parts[:-1]
    tree = ast.parse(file.read_text() if text is None else text)
    if not signatures:
        tree.body = [node for node in tree.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node))]
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.ImportFrom):
            of = [*(at[: len(at) - node.level + 1] if node.level else ()), *filter(None, [node.module])]
            names = [".".join([*of, alias.name]) for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            first, *rest = name.split(".")
            if first in ("hydra", "hydra_plugins"):
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


@pytest.mark.parametrize("file", PLUGINS, ids=lambda file: file.stem)
def test_a_plugin_knows_sweeps_alone(file: Path) -> None:
    """And nothing of ours before it is asked: Hydra imports it at every start."""
    assert {what[0] for what in imported(file) if what != ("hydra",)} <= {"sweeps"}
    at_once = [node for node in ast.parse(file.read_text()).body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert "rotelab" not in "".join(map(ast.unparse, at_once))


def uses(imports: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Package -> the others that it, or what it imports, needs."""
    needs: dict[str, set[str]] = defaultdict(set)
    for package, other in imports:
        needs[package].add(other)
    for middle, package in product([*needs], [*needs]):
        if middle in needs[package]:
            needs[package] |= needs[middle]
    return needs


def test_no_packages_need_one_another() -> None:
    """A module of the root counts as one."""
    pairs = {
        (place(file)[0], what[0])
        for file in FILES
        for what in imported(file, signatures=False)
        if what and what[0] != place(file)[0]
    }
    needs = uses(pairs)
    assert not {package for package, others in needs.items() if package in others}


def test_cycles_and_relative_imports_are_seen() -> None:
    assert "a" in uses([("a", "b"), ("b", "c"), ("c", "a")])["a"]
    assert "a" not in uses([("a", "b"), ("b", "c"), ("a", "c")])["a"]
    of = SRC / "training" / "stacks" / "fit.py"
    for text, what in {
        "from . import rules": ("training", "stacks", "rules"),
        "from ..curve import Curve": ("training", "curve", "Curve"),
        "from ... import api": ("api",),
        "from ...sweeps.job import End": ("sweeps", "job", "End"),
        "import hydra_plugins.rotelab_sweeper": ("hydra",),
    }.items():
        assert [*imported(of, text)] == [what]


@pytest.mark.parametrize("file", [*FILES, *PLUGINS], ids=lambda file: "/".join(file.relative_to(SRC.parent).parts))
def test_a_file_is_short(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 300


def test_the_root_holds_what_runs_are_named_by_and_the_ground() -> None:
    assert {file.stem for file in SRC.glob("*.py")} <= ROOT


@pytest.mark.parametrize("name", ["options", "errors", "files", "randomness", "spacing", "plurals"])
def test_the_ground_stands_on_errors_alone(name: str) -> None:
    assert {what[0] for what in imported(SRC / f"{name}.py")} <= {"errors"}


def test_drawing_and_claims_need_no_torch() -> None:
    command = [sys.executable, "-c", WITHOUT_TORCH, "gradient_splitting/fig1", "randomization_tests/table1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
