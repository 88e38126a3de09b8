"""Whether what is shown of something long can be drawn on a terminal, and how often it is shown."""

from rich.console import Console

REDRAWN = 0.25
"""Seconds between two looks of a bar."""
LOGGED = 30.0
"""Seconds between two lines where nothing can be drawn. Of a run: ``trainer.log_every``."""


def can_be_drawn_on(screen: Console) -> bool:
    """Whether it is a terminal, whatever variables such as FORCE_COLOR say, and takes control characters."""
    return screen.file.isatty() and screen.is_terminal and not screen.is_dumb_terminal
