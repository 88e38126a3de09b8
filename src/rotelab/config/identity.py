"""The name of a run: a hash of everything that determines its weights and of what was measured.

Where data lie, which device computed and who looked on are outside it. Two different configurations never share a
folder, and the same one is found again wherever the sweep is started from.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rotelab.data import listing
from rotelab.results import dead, files, networks

SCIENCE = ("objective", "data", "model", "start", "optimizer", "aggregator", "stop", "precision", "seed")
NAMED = (*SCIENCE, "measure")
"""The config groups and keys that a run's name depends on."""
SEVERAL = ("network", "randomization", "conditioning", "seeds")
"""Groups that choose several of these at once."""
OBSERVED = (
    *("results", "name", "draw", "dry_run", "save", "logger", "trainer", "hydra"),
    *("data.cache", "data.download", "data.storage"),
)
"""Groups and keys that make no other sweep."""
MACHINE = ("folder", "cache", "download", "storage")
"""Keys of ``data`` that say where it lies and how it is read: one's own images are named by what they are instead."""

RANDOM = "rotelab.training.start.random"
"""The start that leaves a run the name that it had before there were any."""
LATER = {
    ("data", "seed_bits"): 32,
    ("data", "pairs"): "as_ordered",
    ("data", "whiten"): None,
    ("data", "class_groups"): None,
    ("data", "positive_classes"): None,
    ("model", "init"): "default",
    ("model", "head_scale"): 1.0,
    ("optimizer", "betas"): [0.9, 0.999],
    ("optimizer", "head_decay"): 0.0,
    ("optimizer", "trained"): "all",
    ("stop", "train_loss"): None,
    ("stop", "dead_epochs"): dead.FORMER_EPOCHS,
}
"""Options that came after the first runs, and the value under which a run is called what it was called without them."""

FORMERLY = {"fp32": "32-true", "bf16": "bf16-mixed"}
"""What precisions were called when the first runs got their names, which they keep."""


def science(config: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a resolved config that determines the weights; one's own images enter by their digest, another run
    that the weights begin with by its own and the epoch, and a random start, as all had at first, not at all."""
    part = {key: config[key] for key in SCIENCE}
    data = {key: value for key, value in part["data"].items() if key not in MACHINE}
    source = part["data"]["_target_"].rpartition(".")[2]
    if source in ("image_folder", *listing.SUFFIXES):
        data["digest"] = listing.naming(Path(part["data"]["folder"]).expanduser().resolve(), source)
    start = part.pop("start")
    return part | {"data": data} | ({} if start["_target_"] == RANDOM else {"start": _named(start)})


def _named(start: Mapping[str, Any]) -> dict[str, Any]:
    """With the digest of another run instead of its folder, and the epoch that its network is of."""
    named = {key: value for key, value in start.items() if key != "folder"}
    if "folder" not in start:
        return named
    _, found = networks.find(Path(start["folder"]).expanduser(), start["epoch"])
    return named | {"digest": found["digest"], "epoch": found["epoch"]}


def digest(config: Mapping[str, Any]) -> str:
    """Ten hex digits of ``science`` and ``measure``; the order of keys does not matter."""
    part = science(config)
    part["precision"] = FORMERLY.get(part["precision"], part["precision"])
    for (group, option), value in LATER.items():
        if option in part[group] and _canonical(part[group][option]) == _canonical(value):
            part[group] = {key: inner for key, inner in part[group].items() if key != option}
    return _hash({"science": part, "measure": config["measure"]})


def cost(config: Mapping[str, Any]) -> str:
    """What runs that take the same time have in common: all of the science but the seed."""
    return _hash(science(config) | {"seed": None})


def stack(config: Mapping[str, Any]) -> str:
    """What runs that train as one stack of networks have in common: the same for two that can try.

    They may differ in seed, objective and start, in what is done to images and labels, and in the learning rate; but
    not in rounds of pruning, each of which needs the one before, nor in whether they need another run at all.
    """
    common = science(config) | {"measure": config["measure"], "trainer": config["trainer"]}
    del common["seed"], common["objective"]
    start = common.pop("start", {})
    common["after"] = start.get("rounds"), start.get("keep", "nothing") != "nothing"
    for group, *keys in (("data", "inputs", "labels", "order_seed"), ("optimizer", "lr")):
        common[group] = {key: value for key, value in common[group].items() if key not in keys}
    return _hash(common)


def _hash(value: Any) -> str:
    """Ten hex digits; the order of keys does not matter."""
    return hashlib.sha256(json.dumps(_canonical(value), sort_keys=True).encode()).hexdigest()[:10]


def names_runs(key: str) -> bool:
    """Whether an option such as ``data.size`` or ``data/split`` makes another run."""
    group, _, option = key.replace("/", ".").partition(".")
    return group in (*NAMED, *SEVERAL) and not (group == "data" and option in MACHINE)


def _canonical(value: Any) -> Any:
    """1 and 1.0 are the same value of an option, and name the same run."""
    if isinstance(value, Mapping):
        return {key: _canonical(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def name(chosen: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """Of the run of a resolved config and the choices of its groups: see ``files.name``."""
    return files.name(chosen["objective"], digest(config))


def overrides_digest(overrides: Mapping[str, Iterable[Any]]) -> str:
    """Six hex digits of the options that make another sweep, each with the values that it goes through, in any order
    and spelling: where its images lie makes one too."""
    varied = {
        key: sorted(json.dumps(_canonical(_read(value)), sort_keys=True) for value in values)
        for key, values in overrides.items()
        if not {key, re.split(r"[./]", key)[0]} & set(OBSERVED)
    }
    return hashlib.sha256(json.dumps(varied, sort_keys=True).encode()).hexdigest()[:6]


def _read(value: Any) -> Any:
    """Text that stands for a number, true, false or null as that, for an option of that type takes it so."""
    if isinstance(value, Mapping):
        return {str(key): _read(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_read(inner) for inner in value]
    if isinstance(value, str):
        for read in (int, float):
            with suppress(ValueError):
                return read(value)
        return {"true": True, "false": False, "null": None}.get(value.lower(), value)
    return value
