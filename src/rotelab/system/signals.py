"""The signals that end a run, and the processes that help it: a terminal or Slurm sends them to all of these."""

import mmap
import os
import signal
import sys
import threading
from collections.abc import Collection, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
OF_A_QUEUE = signal.SIGUSR2
"""From Slurm before a job's time limit: submitit handles it, and puts the job back into the queue."""

_waits: mmap.mmap | None = None
"""Whether this process has signals wait, in memory that it shares with those that help it."""


def leave_to_the_parent(*_: object) -> None:
    """For a process that helps: its parent is told as well, and ends it.

    It does so by SIGTERM, which can't be ignored therefore, but while the parent has signals wait: then it needs its
    help until it is done. Exit code 0 says that nothing went wrong here.
    """
    for number in set(ENDING) - {signal.SIGTERM}:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: None if _waits and _waits[0] else os._exit(0))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def ignore_all() -> None:
    """For a process that computes with its parent, which answers for both, and kills it when it needs it no more."""
    for number in (*ENDING, OF_A_QUEUE):
        signal.signal(number, signal.SIG_IGN)
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


class Waiting:
    """Signals that end a run: from ``begin`` on the first of them waits until ``answer``, and a second does not wait.

    Of the first one ``line`` is printed. What answers is who handled them before.
    """

    def __init__(self, line: str) -> None:
        self.line = line
        self.came: int | None = None
        self.begun = False
        self.before: dict[int, Any] = {}

    def begin(self) -> None:
        """Whoever has put a handler of its own before the others meanwhile, as Lightning has, is not asked."""
        self._begin(True)
        for number in self.before:
            signal.signal(number, self.handle)

    def answer(self) -> None:
        """Nothing, where none has come."""
        if self.came is not None:
            self.stop()
            number, self.came = self.came, None
            signal.raise_signal(number)

    def stop(self) -> None:
        """From now on none waits."""
        self._begin(False)
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def handle(self, number: int, _frame: FrameType | None) -> None:
        waits = self.begun and self.came is None
        self.came = number
        if waits:
            _say(self.line)
        else:
            self.answer()

    def _begin(self, begun: bool) -> None:
        self.begun = begun
        if _waits:
            _waits[0] = begun


@contextmanager
def waiting(line: str) -> Generator[Waiting, None, None]:
    """Signals that end a run may wait within the block, at whose end the one that came is answered."""
    global _waits
    ours = Waiting(line)
    if threading.current_thread() is not threading.main_thread():  # which alone handles signals
        yield ours
        return
    _waits = mmap.mmap(-1, 1)
    handlers = {number: signal.getsignal(number) for number in (*ENDING, OF_A_QUEUE)}
    ours.before = {number: handler for number, handler in handlers.items() if handler not in (signal.SIG_IGN, None)}
    try:
        yield ours
    except Exception:
        ours.stop()
        ours.answer()
        raise
    finally:
        ours.stop()
    ours.answer()


def _say(line: str) -> None:
    try:
        print(line, file=sys.stderr, flush=True)
    except RuntimeError:  # it came while something else was being printed
        os.write(2, f"{line}\n".encode())
