"""The sweeper that ``conf/train.yaml`` chooses; ``rotelab.sweeps`` says what it does.

Hydra imports all plugins at every start, so this one imports nothing of ours before it is asked to sweep. There is no
``__init__.py`` beside it: other plugins share the namespace.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class RotelabSweeper(Sweeper):
    """Goes through every combination of what ``params`` and the command line vary."""

    def __init__(self, params: DictConfig) -> None:
        self.params = params

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.hydra_context, self.config = hydra_context, config  # the task function is for single runs

    def sweep(self, arguments: Sequence[str]) -> Any:
        from rotelab.sweeps.sweep import sweep

        assert self.hydra_context is not None and self.config is not None, "Hydra calls setup first"
        return sweep(self.hydra_context, self.config, self.params, arguments)


@dataclass
class Settings:
    _target_: str = f"{__name__}.{RotelabSweeper.__name__}"
    params: dict[str, Any] = field(default_factory=dict)
    """What a sweep varies, as on a command line."""


ConfigStore.instance().store(group="hydra/sweeper", name="rotelab", node=Settings, provider="rotelab")
