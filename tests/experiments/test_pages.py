"""docs/experiments has a page for each work: what the paper says, where that is trained, drawn, decided, computed."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from rotelab.config import choices
from rotelab.experiments import catalogue

DOCS = Path(__file__).parents[2] / "docs" / "experiments"
WORKS = (DOCS.parent / "works.md").read_text()


def page(work: str) -> str:
    return (DOCS / f"{work}.md").read_text()


def links(work: str) -> list[Path]:
    return [(DOCS / target).resolve() for target in re.findall(r"\]\(([^)#]+)", page(work))]


def test_every_work_has_a_page_and_is_in_the_list() -> None:
    assert sorted(path.stem for path in DOCS.glob("*.md")) == catalogue.works()
    for work in catalogue.works():
        assert f"](experiments/{work}.md)" in WORKS


@pytest.mark.parametrize("name", catalogue.names())
def test_an_experiment_is_named_with_its_sweeps(name: str) -> None:
    work, _, own = name.partition("/")
    (row,) = (line for line in page(work).splitlines() if f"[{own}](../../src/rotelab/experiments/{name}.py)" in line)
    for sweep in catalogue.sweeps(name):
        assert f"](../../conf/sweep/{sweep}.yaml)" in row


@pytest.mark.parametrize("work", catalogue.works())
def test_every_sweep_and_every_module_of_claims_is_named(work: str) -> None:
    named = {path.name for path in links(work) if path.parent.name == "claims"}
    assert named == {path.name for path in (catalogue.FOLDER / work / "claims").glob("*.py")} - {"__init__.py"}
    sweeps = {f"{work}/{path.stem}" for path in links(work) if path.suffix == ".yaml"}
    assert sweeps == {sweep for sweep in choices.of("sweep") if sweep.startswith(f"{work}/")}


@pytest.mark.parametrize("work", catalogue.works())
def test_files_and_functions_that_a_page_names_exist(work: str) -> None:
    assert all(path.exists() for path in links(work)), [path for path in links(work) if not path.exists()]
    names = re.findall(r"`(rotelab\.[\w.]+)`", page(work))
    assert names
    for name in names:
        module, _, function = name.rpartition(".")
        assert hasattr(import_module(module), function) or import_module(name), name


@pytest.mark.parametrize("work", catalogue.works())
def test_a_page_is_one_screen(work: str) -> None:
    assert len(page(work).splitlines()) <= 40
