"""What a run of ``start=pretrained`` begins with: what another has kept, in a folder beside its own.

That one is the same run with the options that stand in ``start.instead``, under plain training, from weights as they
were drawn: so its name is known before it is trained.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rotelab.config import identity
from rotelab.config.beside import PLAIN, network
from rotelab.errors import InputError, did_you_mean
from rotelab.results import files

KEY = "start.instead"


def before(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config of the run before. Raises InputError for an option in ``start.instead`` that it lacks."""
    start = config["start"]
    changed = _changed(config, start["instead"], KEY)
    return {**changed, "objective": PLAIN, "start": {**start, "keep": "nothing"}}


def kept(config: Mapping[str, Any], beside: Path | None) -> Path:
    """The network of that run at its end. Raises RunError where there is none."""
    name = files.name("standard", identity.digest(before(config)))
    instead = " ".join(f"{key}={value}" for key, value in _flat(config["start"]["instead"]))
    return network(beside, name, f"objective=standard start.keep=nothing {instead}")


def _changed(values: Mapping[str, Any], instead: Mapping[str, Any], path: str) -> dict[str, Any]:
    changed = dict(values)
    for key, value in instead.items():
        if key not in values:
            raise InputError(f"{path}.{key} is no option of this run{did_you_mean(key, values)}")
        inner = isinstance(values[key], Mapping)
        if inner != isinstance(value, Mapping):
            raise InputError(f"{path}.{key} = {value} has to be {'a group of options' if inner else 'a value'}")
        changed[key] = _changed(values[key], value, f"{path}.{key}") if inner else value
    return changed


def _flat(options: Mapping[str, Any], path: str = "") -> list[tuple[str, Any]]:
    found = []
    for key, value in options.items():
        found += _flat(value, f"{path}{key}.") if isinstance(value, Mapping) else [(f"{path}{key}", value)]
    return found
