"""The experiments that there are: a folder for each work, in it a module for each experiment, and in its folder
``claims`` a module for each figure or question; listed by their files."""

import inspect
from importlib import import_module
from pathlib import Path
from types import ModuleType

from rotelab.claims.claim import Claim
from rotelab.errors import InputError, did_you_mean
from rotelab.experiments.experiment import Work

FOLDER = Path(__file__).parent


def works() -> list[str]:
    return sorted(path.parent.name for path in FOLDER.glob("*/__init__.py"))


def names() -> list[str]:
    """``gradient_splitting/fig1``, ...: the modules of works that have an ``EXPERIMENT``, by that line."""
    found = ((work, name) for work in works() for name in _modules(FOLDER / work))
    return sorted(f"{work}/{name}" for work, name in found if _is_one(FOLDER / work / f"{name}.py"))


def _is_one(file: Path) -> bool:
    """As the Makefile asks it, which must not wait for imports."""
    return any(line.startswith("EXPERIMENT = ") for line in file.read_text().splitlines())


def _modules(folder: Path) -> list[str]:
    return sorted({path.stem for path in folder.glob("*.py")} - {"__init__"})


def full(name: str) -> str:
    """The full name of an experiment, of which the last part is enough where no other work has one called so."""
    short = {known: known.partition("/")[2] for known in names()}
    found = [known for known, last in short.items() if name in (known, last)]
    if len(found) != 1:
        near = did_you_mean(name, [*short, *short.values()])
        which = f": which of {', '.join(found)}?" if found else near or f": there are {', '.join(short)}"
        raise InputError(f"{name} is not the name of one experiment{which}")
    return found[0]


def module(name: str) -> ModuleType:
    """Of an experiment, by its full name: it has an ``EXPERIMENT``, and its docstring says what is shown."""
    return import_module(f"rotelab.experiments.{name.replace('/', '.')}")


def shows(name: str) -> str:
    """What an experiment shows, by its full name: the first paragraph of its module."""
    return " ".join((module(name).__doc__ or "").partition("\n\n")[0].split())


def read(name: str) -> str:
    """How the figure of an experiment is read: what stands below the first paragraph of its module."""
    return inspect.cleandoc(module(name).__doc__ or "").partition("\n\n")[2]


def work(name: str) -> Work:
    return import_module(f"rotelab.experiments.{name}").WORK


def claims(of: str) -> list[Claim]:
    """Of all modules in a work's folder of claims: in the order that the work says, then others by their names."""
    first = work(of).claims
    others = [name for name in _modules(FOLDER / of / "claims") if name not in first]
    modules = (import_module(f"rotelab.experiments.{of}.claims.{name}") for name in (*first, *others))
    return [claim for module in modules for claim in module.CLAIMS]


def claims_of(name: str) -> list[Claim]:
    """Of the module of claims that is called as an experiment is, by its full name; none where there is none."""
    of, _, own = name.partition("/")
    there = own in _modules(FOLDER / of / "claims")
    return import_module(f"rotelab.experiments.{of}.claims.{own}").CLAIMS if there else []


def sweeps(name: str) -> list[str]:
    """The full names of the sweeps of an experiment, by its full name; none of one that needs no runs."""
    experiment, (work, _, own) = module(name).EXPERIMENT, name.partition("/")
    return [f"{work}/{sweep}" for sweep in experiment.sweeps or (own,)] if experiment.of_runs else []
