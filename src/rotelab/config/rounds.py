"""What a run of ``start=pruned`` begins with: what the rounds before it have kept, in folders beside its own.

Such a run is named by its own options alone, the number of rounds among them: those before are the same run with fewer,
under plain training, so that their names are known before any of them is trained.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rotelab.config import identity
from rotelab.config.beside import PLAIN, network
from rotelab.results import files


def before(config: Mapping[str, Any], rounds: int) -> str:
    """The name of the run whose weights, after so many rounds, were trained for the next one."""
    start = {**config["start"], "rounds": rounds, "arm": "ticket"}
    return files.name("standard", identity.digest({**config, "objective": PLAIN, "start": start}))


def kept(config: Mapping[str, Any], beside: Path | None, rounds: int, epoch: int | None) -> Path:
    """The network of that run after an epoch, None for its end. Raises RunError where there is none."""
    wanted = f"objective=standard start.arm=ticket start.rounds={rounds}"
    return network(beside, before(config, rounds), wanted, epoch)
