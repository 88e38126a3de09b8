"""The groups of ``conf/`` and their choices, and what to say of a key or a choice that is none of them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, cast

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from rotelab.errors import InputError, did_you_mean

PACKAGE = Path(__file__).parents[1]
CHECKOUT = PACKAGE.parents[1] if (PACKAGE.parents[1] / "conf" / "train.yaml").exists() else None
"""None where the package was installed from a wheel, which carries ``conf``."""
CONF = CHECKOUT / "conf" if CHECKOUT else PACKAGE / "conf"


def results() -> Path:
    """Where runs are written and looked for, if nobody says so: in the checkout, or else in the current folder."""
    return (CHECKOUT or Path.cwd()) / "multirun"


BY_WORK = ("sweep", "scale")
"""Groups with a folder for each work: of ``sweep`` it holds the choices, of ``scale`` parts of them."""
OF_WANDB = "wandb"
"""Sweeps for W&B's own command line: no choices."""
COMMON = "sweep/base"
"""What sweeps have in common: no choices."""


@cache
def groups() -> list[str]:
    """``data``, ``data/split``, ...: the folders of ``conf/`` that hold choices."""
    folders = {str(path.parent.relative_to(CONF)) for path in CONF.glob("**/*.yaml")}
    return sorted(
        {folder.split("/")[0] if folder.startswith(BY_WORK) else folder for folder in folders} - {".", OF_WANDB}
    )


def of(group: str) -> list[str]:
    """The names that may be chosen in a group; none for what is no group."""
    if group == "sweep":
        files = (path for path in (CONF / group).glob("*/*.yaml") if not path.is_relative_to(CONF / COMMON))
        return sorted(f"{path.parent.name}/{path.stem}" for path in files)
    return sorted(path.stem for path in (CONF / group).glob("*.yaml")) if group in groups() else []


def sweep(name: str) -> str:
    """The full name of a sweep, of which the last part is enough where no other work has a sweep, or a figure without
    one, called so. Raises InputError where it has: ``rotelab draw`` and make ask as well."""
    found = [known for known in of("sweep") if known.partition("/")[2] == name]
    figures = [f"{path.parent.name}/{name}" for path in (PACKAGE / "experiments").glob("*/*.py") if path.stem == name]
    if found and len(every := sorted({*found, *figures})) > 1:
        without = f" {', '.join({*every} - {*found})} needs no runs: rotelab draw" if {*every} - {*found} else ""
        raise InputError(f"sweep={name}: which of {', '.join(every)}?{without}")
    return found[0] if len(found) == 1 else name


def sizes(work: str) -> list[str]:
    """The scales that a work has; all, of ``""``."""
    return sorted(path.stem for path in (CONF / "scale" / work).glob("*.yaml"))


def images(scale: str) -> str | None:
    """The choice of ``data`` that a scale makes; None where it makes none."""
    chosen = OmegaConf.load(CONF / "scale" / f"{scale}.yaml").defaults if scale in of("scale") else ()
    return next((one["override /data"] for one in chosen if "override /data" in one), None)


def is_option(key: str) -> bool:
    """Whether it begins as the key of an option, or the name of a group, does."""
    first = re.split(r"[./]", key)[0]
    return first in groups() or first in OmegaConf.load(CONF / "train.yaml")


def options(group: str, choice: str) -> list[str]:
    """What a choice gives values to."""
    return list(OmegaConf.load(CONF / group / f"{choice}.yaml"))


def owners(group: str, key: str) -> list[str]:
    """The choices of a group that have an option of that name."""
    return [name for name in of(group) if key in options(group, name)]


def hint(error: OmegaConfBaseException) -> str:
    """What may have been meant by a key that isn't there: another option, one of another choice, or one of a scale."""
    path = error.full_key or ""
    if path.startswith("axis.") or "key 'axis." in str(error):  # what a sweep or a network varies, the scales say
        key = match[1] if (match := re.search(r"'(axis\.[\w.]+)'", str(error))) else path
        if offers := sorted({file.stem for file in (CONF / "scale").glob("*/*.yaml") if _offers(file, key)}):
            return f": choose scale={' or '.join(offers)}, which says what is varied"
    above, _, key = path.rpartition(".")
    group, parent = above.replace(".", "/"), error.parent_node
    if not isinstance(parent, DictConfig) or key in parent:  # then it is the value that is wrong
        return ""
    if found := owners(group, key):
        return f": {key} belongs to {_chosen(group, found)}"
    config = parent._get_root()
    unresolved = cast(dict[str, Any], OmegaConf.to_container(config))
    names = {path: path.rpartition(".")[2] for path in _paths(unresolved)}
    if same := [path for path, name in names.items() if f"_{name}".endswith(f"_{key}")]:
        return f": did you mean {' or '.join(same)}?"
    if near := did_you_mean(key, (name for name in parent if name != "hydra")):
        return near
    similar = get_close_matches(key, [option for name in of(group) for option in options(group, name)], n=1)
    for place, option in [*((group, option) for option in similar), *((other, key) for other in groups())]:
        dotted, found = place.replace("/", "."), owners(place, option)
        if found and OmegaConf.select(config, dotted) is not None:
            return f": did you mean {dotted}.{option}, of {_chosen(place, found)}?"
    close = get_close_matches(key, names.values(), n=1)
    return f": did you mean {' or '.join(path for path, name in names.items() if name in close)}?" if close else ""


def _offers(file: Path, key: str) -> bool:
    return OmegaConf.select(OmegaConf.load(file), key) is not None


def _chosen(group: str, names: Iterable[str]) -> str:
    return " or ".join(f"{group}={name}" for name in names)


def _paths(config: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """``stop.max_epochs`` and all others that a person gives, by their own names."""
    for key, value in config.items():
        if isinstance(value, dict) and f"{above}{key}" not in ("hydra", "axis"):
            yield from _paths(value, f"{above}{key}.")
        elif not isinstance(value, dict) and key != "_target_":
            yield f"{above}{key}"
