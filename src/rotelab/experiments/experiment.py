"""What an experiment is: every module of a work's folder ends with ``EXPERIMENT = Experiment(...)`` or ``Exact``."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

import pandas
from matplotlib.figure import Figure

from rotelab.figures import style

Scale = TypeVar("Scale")


@dataclass(frozen=True)
class Work:
    """A paper, or a question, whose experiments are a folder: its title, and what the seeds of our runs for it vary.

    ``claims`` are modules of its folder of that name, in the order in which the page of claims has them; it has those
    that are not named here after them.
    """

    title: str
    seeds: str
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Experiment:
    """A figure of runs: of the table of the ``sweeps`` of its work, by default of that which is called as it is.

    ``draw(table, record)`` and ``summary(table, record)``, in words, refuse with a Refusal where runs are missing;
    ``record`` are the author's curves, or None. ``losses`` are the splits whose loss the figure shows. ``note`` says
    how it is read. The first paragraph of its module says what it shows.
    """

    of_runs: ClassVar[bool] = True
    draw: Callable[[pandas.DataFrame, pandas.DataFrame | None], Figure]
    summary: Callable[[pandas.DataFrame, pandas.DataFrame | None], str]
    sweeps: tuple[str, ...] = ()
    losses: Collection[str] = ()
    note: Callable[[pandas.DataFrame], Sequence[str]] = style.seeds_note


@dataclass(frozen=True)
class Exact(Generic[Scale]):
    """A figure of arithmetic or small fits, without a sweep: ``measure(scale, folder of images or None)`` makes its
    table, and ``describe(scale)`` says how, an item each. Without ``images`` it is of none, and gets no folder."""

    of_runs: ClassVar[bool] = False
    scales: Mapping[str, Scale]
    measure: Callable[[Scale, str | None], pandas.DataFrame]
    describe: Callable[[Scale], Sequence[str]]
    draw: Callable[[pandas.DataFrame], Figure]
    summary: Callable[[pandas.DataFrame], str]
    images: bool = True
