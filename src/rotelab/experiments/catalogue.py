"""The experiments that there are: a folder for each work, a module for each experiment, listed by their files."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from rotelab.claims.claim import Claim
from rotelab.errors import InputError
from rotelab.experiments.experiment import Work

FOLDER = Path(__file__).parent
CLAIMS = "claims"
"""The module of a work that is no experiment."""


def works() -> list[str]:
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{CLAIMS}.py"))


def names() -> list[str]:
    """``gradient_splitting/fig1``, ..."""
    files = (path for work in works() for path in (FOLDER / work).glob("*.py"))
    return sorted(f"{path.parent.name}/{path.stem}" for path in files if path.stem not in ("__init__", CLAIMS))


def full(name: str) -> str:
    """The full name of an experiment, of which the last part is enough where no other work has one called so."""
    found = [known for known in names() if name in (known, known.partition("/")[2])]
    if len(found) != 1:
        which = f"which of {', '.join(found)}?" if found else f"there are {', '.join(names())}"
        raise InputError(f"{name} is not the name of one experiment: {which}")
    return found[0]


def module(name: str) -> ModuleType:
    """Of an experiment, by its full name: it has an ``EXPERIMENT``, and its docstring says what is shown."""
    return import_module(f"rotelab.experiments.{name.replace('/', '.')}")


def work(name: str) -> Work:
    return import_module(f"rotelab.experiments.{name}").WORK


def claims(work: str) -> Sequence[Claim]:
    return import_module(f"rotelab.experiments.{work}.{CLAIMS}").CLAIMS


def sweeps(name: str) -> list[str]:
    """The full names of the sweeps of an experiment, by its full name; none of one that needs no runs."""
    experiment, (work, _, own) = module(name).EXPERIMENT, name.partition("/")
    return [f"{work}/{sweep}" for sweep in experiment.sweeps or (own,)] if experiment.of_runs else []
