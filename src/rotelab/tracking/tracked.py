"""A run in a dashboard, whichever, which a training feeds epoch by epoch, or a replay from files: whatever goes wrong
with it is a warning, and never the end of what it looks at."""

import json
import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from rotelab.errors import Notice
from rotelab.tracking.described import better

FINISHED, FAILED, INTERRUPTED = 0, 1, 255
"""Exit codes; the last is what W&B's own client says after Ctrl-C."""


class Tracked(ABC):
    """What a dashboard, called ``label``, is told of the run whose folder is ``at``."""

    label: ClassVar[str]

    def __init__(self, at: Path) -> None:
        self.at = at
        self.best: dict[str, float] = {}

    @abstractmethod
    def start(self, goes_on: bool = False) -> None:
        """As a new run, or, where it ``goes_on``, as that which was begun before."""

    def log(self, step: int, values: Mapping[str, int | float]) -> None:
        """Metrics, with the axes, after so many optimizer steps."""
        better(self.best, values)
        self._log(step, values)

    @abstractmethod
    def _log(self, step: int, values: Mapping[str, int | float]) -> None: ...

    @abstractmethod
    def picture(self, name: str, file: Path) -> None:
        """Show one, where the dashboard can."""

    @abstractmethod
    def finish(self, summary: Mapping[str, Any], exit_code: int, told: str | None = None) -> bool:
        """End it; ``told`` is a fingerprint of all that there was to tell. Says whether it went well."""

    def _warn(self, error: Exception) -> None:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        warnings.warn(f"{self.label} failed, {self.at.name} goes on without it: {reason}", Notice, stacklevel=1)


def recorded(file: Path) -> dict[str, Any]:
    """What a record says that a dashboard keeps in the folder of a run; empty where there is none, or none that can be
    read."""
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return {}
