"""The interpolations that ``conf/`` uses: ``${times:2,${data.size}}``."""

from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from rotelab.config import choices
from rotelab.results import files


def register() -> None:
    """Before anything is composed, in every process that does."""
    for resolver in (sweep_folder, repository, times, over, plus, first, last):
        OmegaConf.register_new_resolver(resolver.__name__, resolver, replace=True)


def sweep_folder(name: str | None, sweep: str | None, scale: str | None) -> str:
    """``name``, else ``gradient_splitting_fig1-demo``."""
    return name or files.sweep_folder(sweep or "sweep", scale)


def repository() -> str:
    """The checkout, or the current folder where rotelab was installed from a wheel."""
    return str(choices.CHECKOUT or Path.cwd())


def times(factor: int, number: Any) -> Any:
    """``factor * number``; what is no whole number comes back as it is, for the check to refuse by its own name."""
    return factor * number if isinstance(number, int) else number


def over(divisor: int, number: Any) -> Any:
    """``number / divisor`` without its fraction, as ``times``."""
    return number // divisor if isinstance(number, int) else number


def plus(term: int, number: Any) -> Any:
    """``term + number``, as ``times``."""
    return term + number if isinstance(number, int) else number


def first(values: str) -> str:
    """The first of an axis such as ``halves,test_set``."""
    return values.split(",")[0]


def last(values: str) -> str:
    """The last of an axis such as ``usual,good``."""
    return values.split(",")[-1]
