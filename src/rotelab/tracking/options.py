"""Options of who is told of a run. No torch here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omegaconf import MISSING

from rotelab.options import Choice, describes, require_one_of, require_positive


@dataclass
class Logger(Choice):
    pass


@describes("rotelab.training.loggers.csv")
@describes("rotelab.training.loggers.tensorboard")
@dataclass
class Files(Logger):
    timeout: float = MISSING
    """Seconds without an answer of the disk or the server after which the rest of a run is not told."""

    def __post_init__(self) -> None:
        require_positive(self, "timeout")


@describes("rotelab.training.loggers.mlflow")
@dataclass
class MLflow(Logger):
    tracking_uri: str | None = MISSING
    """Where runs are told to, such as `http://127.0.0.1:5000`; null: a database in the sweep's folder."""
    timeout: float = MISSING
    """Seconds without an answer of the disk or the server after which the rest of a run is not told."""

    def __post_init__(self) -> None:
        require_positive(self, "timeout")


@describes("rotelab.training.wandb_logger.WandbLogger")
@dataclass
class Wandb(Logger):
    project: str = MISSING
    """Project of W&B."""
    mode: str = MISSING
    """`offline` writes files for `wandb sync`."""
    tags: list[str] = MISSING
    """Tags of the run in W&B."""
    timeout: float = MISSING
    """Seconds that W&B is waited for."""
    agent: bool = MISSING
    """Whether this process is the command of a W&B sweep, and its run a trial of it: it is told online."""

    def __post_init__(self) -> None:
        require_one_of(self, "mode", "offline", "online")
        require_positive(self, "timeout")


def of_an_agent(loggers: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a run with these loggers, options by name, is a trial that an agent of a W&B sweep waits for."""
    return any(options.get("agent") for options in loggers.values())
