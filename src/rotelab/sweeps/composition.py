"""From what a command line and a sweep vary to the config of each run."""

import pickle
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from rotelab.config import arguments, choices, nodes
from rotelab.errors import InputError

FOLDER = ("results", "name", "sweep", "scale")
"""Keys that choose the folder of a sweep."""


def expand(loader: ConfigLoader, params: Mapping[str, Any], given: Sequence[str]) -> list[list[str]]:
    """The overrides of each run: every combination of what a sweep's ``params`` and the command line vary, the last
    changing fastest. Of a key in both the command line's counts.

    Raises InputError for what is refused on a command line as well, and for none or too many runs.
    """
    texts = [f"{key}={'null' if value is None else value}" for key, value in params.items()]
    arguments.check_overrides(texts)
    axes: dict[str, list[str]] = {}
    for override in OverridesParser.create(loader).parse_overrides([*texts, *given]):
        key, one = override.get_key_element(), not override.is_sweep_override()
        values = [override.get_value_element_as_str()] if one else override.sweep_string_iterator()
        axes[key] = [f"{key}={value}" for value in values]
    if any(len(axes.get(key, ())) > 1 for key in FOLDER):
        raise InputError(f"{', '.join(FOLDER[:-1])} and {FOLDER[-1]} choose the folder of a sweep: start one for each")
    runs = prod(map(len, axes.values()))
    if not runs:
        raise InputError("this sweep has no runs: one of its options is given no value, as by range(5,0)")
    if runs > arguments.MOST:
        raise InputError(f"this sweep has {runs:,} runs: a sweep may have {arguments.MOST:,}")
    return [list(overrides) for overrides in product(*axes.values())]


class Composer:
    """Composes the runs of a sweep: once for every combination of choices, which alone decide what files are read, and
    take 0.1 s; each run gets a copy with its values set, which takes 2 ms."""

    def __init__(self, loader: ConfigLoader, config: DictConfig) -> None:
        self.loader, self.config = loader, config
        self.composed: dict[tuple[str, ...], tuple[bytes, dict[str, Any]]] = {}

    def compose(self, texts: Sequence[str]) -> tuple[DictConfig, dict[str, Any]]:
        """The config of a run with these overrides, without Hydra's node, and what was chosen of each group."""
        overrides = [arguments.override(text) for text in texts]
        chosen = tuple(text for text, override in zip(texts, overrides, strict=True) if _chooses(override))
        if chosen not in self.composed:
            full = self.loader.load_sweep_config(self.config, list(chosen))
            ours = nodes.ours(full)
            OmegaConf.set_struct(ours, True)  # or unknown keys would be added in silence
            self.composed[chosen] = pickle.dumps(ours), nodes.written(full.hydra.runtime.choices)
        pickled, of_groups = self.composed[chosen]
        config = pickle.loads(pickled)  # a third of the time of a deep copy
        try:
            for override in overrides:
                if not _chooses(override):
                    OmegaConf.update(config, override.key_or_group, override.value(), merge=True)
        except OmegaConfBaseException:
            self.loader.load_sweep_config(self.config, list(texts))  # for Hydra's words
            raise
        return config, of_groups


def _chooses(override: Override) -> bool:
    """Whether it is a choice of a group, and no value."""
    return override.package is not None or override.key_or_group in choices.groups()
