"""How far the reading of images is."""

import sys
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

T = TypeVar("T")

REDRAWN = 0.25
"""Seconds between two looks of the bar."""
LOGGED = 30.0
"""Seconds between two lines where there is no terminal."""


def for_each(action: Callable[[T], object], items: Iterable[T], total: int, what: str) -> None:
    """``action`` of every one of so many items, with a bar on a terminal, or a line now and then in a log."""
    terminal = sys.stdout.isatty()
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=10),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(), auto_refresh=False, transient=True, disable=not terminal) as bar:
        task, last = bar.add_task(what, total=total), time.monotonic()
        for done, item in enumerate(items):
            if time.monotonic() - last >= (REDRAWN if terminal else LOGGED):
                last = time.monotonic()
                bar.update(task, completed=done)
                bar.refresh()
                if not terminal:
                    print(f"{what}: {done:,} of {total:,} images", flush=True)
            action(item)
