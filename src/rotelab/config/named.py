"""A sweep of ours, by the folder where it lies."""

from dataclasses import dataclass
from itertools import product

from rotelab.config import choices
from rotelab.results import files


@dataclass(frozen=True)
class Named:
    """A sweep of ours: whose it is, and at which scale it was run."""

    work: str
    name: str
    scale: str


def named(folder: str) -> Named | None:
    """Of the folder where it lies; None for a sweep of one's own."""
    for scale, sweep in product(choices.of("scale"), choices.of("sweep")):
        if files.sweep_folder(sweep, scale) == folder:
            work, _, name = sweep.partition("/")
            return Named(work, name, scale)
    return None
