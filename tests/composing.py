"""Configs as the command line composes them."""

from pathlib import Path

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from rotelab.config import resolvers

CONF = Path(__file__).parents[1] / "conf"


def composed(*overrides: str) -> DictConfig:
    resolvers.register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("train", list(overrides))
