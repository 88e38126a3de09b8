"""Benchmarks by their names: ``rotelab bench epoch``."""

import sys
from importlib import import_module

from rotelab.errors import check_one_of

NAMES = ("epoch", "coherence", "storage", "gpu", "audit")


def main() -> None:
    name, *arguments = sys.argv[1:] or ["--help"]
    if name in ("--help", "-h"):
        print(f"usage: rotelab bench {'|'.join(NAMES)} ...\n\nrotelab bench NAME --help says more.")
        return
    check_one_of("rotelab bench", name, *NAMES)
    sys.argv = [f"rotelab bench {name}", *arguments]
    import_module(f"rotelab.benchmarks.{name}").main()
