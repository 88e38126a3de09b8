"""Weights & Biases as one more observer."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rotelab.tracking import wandb_run
from rotelab.tracking.replay import told
from rotelab.tracking.wandb_run import Destination, WandbRun
from rotelab.training.dashboard import Dashboard


class WandbLogger(Dashboard):
    """A W&B run of its own: see ``WandbRun``. One that goes on has the ``sittings`` in its config. With ``agent`` it is
    the trial that the agent of a W&B sweep has begun."""

    def __init__(
        self,
        project: str,
        mode: str,
        tags: Sequence[str],
        timeout: float,
        agent: bool = False,
        *,
        name: str,
        group: str,
        job_type: str,
        config: Mapping[str, Any],
        folder: Path,
    ) -> None:
        super().__init__(folder)
        self.destination = (
            wandb_run.of_agent(project, tags, timeout) if agent else Destination(project, mode, tags, timeout)
        )
        self.about: dict[str, Any] = {"name": name, "group": group, "job_type": job_type, "config": config}

    def tracks(self, sittings: int = 1) -> WandbRun:
        about = dict(self.about)
        if sittings > 1:
            about["config"] = {**about["config"], "sittings": sittings}
        return WandbRun(self.folder, self.destination, **about)

    def told(self) -> bool:
        return told(self.folder, self.destination)
