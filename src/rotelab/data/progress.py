"""How far the reading of images is."""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rotelab.system import screen

T = TypeVar("T")


def for_each(action: Callable[[T], object], items: Iterable[T], total: int, what: str) -> None:
    """``action`` of every one of so many items, with a bar on a terminal, or a line now and then in a log."""
    console = Console()
    drawn = screen.can_be_drawn_on(console)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=10),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, auto_refresh=False, transient=True, disable=not drawn) as bar:
        task, last = bar.add_task(what, total=total), time.monotonic()
        for done, item in enumerate(items):
            if time.monotonic() - last >= (screen.REDRAWN if drawn else screen.LOGGED):
                last = time.monotonic()
                bar.update(task, completed=done)
                bar.refresh()
                if not drawn:
                    print(f"{what}: {done:,} of {total:,} images", flush=True)
            action(item)
