"""Configs as the command line composes them."""

from functools import cache
from pathlib import Path

from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from omegaconf import DictConfig

from rotelab.config import resolvers
from rotelab.sweeps.composition import Composer

CONF = Path(__file__).parents[1] / "conf"


@cache
def _composer() -> Composer:
    resolvers.register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        loader = GlobalHydra.instance().config_loader()
        return Composer(loader, loader.load_configuration("train", [], RunMode.MULTIRUN))


def composed(*overrides: str) -> DictConfig:
    """As a run of a sweep is: files are read once for all that have the same choices, which takes Hydra 0.2 s each time
    (tests/sweeps/test_composition.py has that the same comes out)."""
    return _composer().compose(overrides)[0]
