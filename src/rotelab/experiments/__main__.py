"""Prints the sweeps of an experiment by their full names, for the Makefile; nothing for one that needs no runs.

python -m rotelab.experiments NAME
"""

import sys

from rotelab.config.exits import exiting
from rotelab.experiments import catalogue


@exiting()
def main() -> None:
    (name,) = sys.argv[1:]
    print(*catalogue.sweeps(catalogue.full(name)))


if __name__ == "__main__":
    main()
