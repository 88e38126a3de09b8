"""Benchmarks by their names: ``rotelab bench epoch``."""

import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module

from rotelab.config.exits import Interrupted, exiting, interrupt
from rotelab.errors import check_one_of
from rotelab.system import signals

NAMES = ("epoch", "coherence", "storage", "gpu", "audit")


@contextmanager
def measuring() -> Generator[None, None, None]:
    """As ``exiting``; and a signal is a line: in the middle of an epoch Lightning would end with 1, without a word."""
    before = {number: signal.signal(number, interrupt) for number in signals.ENDING}
    try:
        with exiting():
            yield
    except Interrupted:
        print("interrupted: the same command starts again", file=sys.stderr, flush=True)
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main() -> None:
    name, *arguments = sys.argv[1:] or ["--help"]
    if name in ("--help", "-h"):
        print(f"usage: rotelab bench {'|'.join(NAMES)} ...\n\nrotelab bench NAME --help says more.")
        return
    check_one_of("rotelab bench", name, *NAMES)
    sys.argv = [f"rotelab bench {name}", *arguments]
    import_module(f"rotelab.benchmarks.{name}").main()
