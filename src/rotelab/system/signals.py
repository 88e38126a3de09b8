"""The signals that end a run, and the processes that help it: a terminal or Slurm sends them to all of these."""

import os
import signal
import threading
from collections.abc import Collection, Generator
from contextlib import contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


def leave_to_the_parent(*_: object) -> None:
    """For a process that helps: its parent is told as well, and ends it.

    It does so by SIGTERM, which can't be ignored therefore; exit code 0 says that nothing went wrong here.
    """
    for number in set(ENDING) - {signal.SIGTERM}:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


@contextmanager
def put_off(of_children: Collection[signal.Signals] = ENDING) -> Generator[None, None, None]:
    """Signals that end a run are handled after the block: within, their exception could be lost, as in a ``__del__``.

    A process that is started in the block gets none, or none ``of_children``, until it calls ``leave_to_the_parent``.
    """
    if threading.current_thread() is not threading.main_thread():  # which alone handles signals
        yield
        return
    came: list[int] = []
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, of_children)  # and another thread may still be given one
    handlers = {number: signal.signal(number, lambda number, _: came.append(number)) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for number in came:
            signal.raise_signal(number)
