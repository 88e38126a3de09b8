"""How far an audit is, and for how long it goes on."""

import time
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console

from rotelab.system.screen import LOGGED, REDRAWN, can_be_drawn_on
from rotelab.training.duration import in_words


class Progress:
    """Of an audit of so many ``seconds``, of which some are ``spent``: a line that is drawn again and again on a
    terminal, and anywhere else a line every half minute."""

    def __init__(self, seconds: int | float, spent: int | float) -> None:
        self.seconds, self.start = seconds, time.monotonic() - spent
        self.screen = Console()
        self.drawn = can_be_drawn_on(self.screen)
        self.due = 0.0

    @property
    def spent(self) -> float:
        return time.monotonic() - self.start

    def begin(self, what: str) -> None:
        """Say what comes now."""
        self.due = 0.0
        self.say(what)

    def say(self, what: str) -> None:
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + (REDRAWN if self.drawn else LOGGED)
            text = f"{what}; at most {in_words(max(0.0, self.seconds - self.spent))} left"
            if self.drawn:
                self.screen.print(f"\r\x1b[K{text}", end="", markup=False, highlight=False, soft_wrap=True)
            else:
                print(text, flush=True)

    @contextmanager
    def uncounted_if_stopped(self) -> Generator[None]:
        """Of what is lost then: an audit that goes on does it once more."""
        begun = time.monotonic()
        try:
            yield
        except BaseException:
            self.start += time.monotonic() - begun
            raise

    def end(self) -> None:
        if self.drawn:
            self.screen.print("\r\x1b[K", end="", markup=False, highlight=False)
