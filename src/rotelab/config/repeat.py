"""From the config of a run back to a command line: the choices, and the values that differ from theirs."""

import pickle
import re
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import accumulate
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from rotelab.config import arguments, choices, identity, nodes, resolvers

SEVERAL = "measure"
"""The group of which several may be chosen: a choice is a key of its node."""
PLAIN = re.compile(r"[\w./+-]+")
"""Text that Hydra reads as it stands."""


def command(values: Mapping[str, Any]) -> str | None:
    """``rotelab train objective=standard seed=3``: what trains the run of these values once more; None where that can't
    be said, as of options of another version."""
    try:
        return shlex.join(["rotelab", "train", *overrides(values)])
    except (OmegaConfBaseException, LookupError, TypeError, AttributeError):
        return None


def overrides(values: Mapping[str, Any]) -> list[str]:
    """Choices that are not the usual ones, and what has another value than they give it."""
    chosen = tuple(_unusual(chosen_of(values)))
    composed, pickled = _composed(chosen)
    config = pickle.loads(pickled)
    differ = [found for found in _differing(values, composed) if _is_given(found[0])]
    given = {path: value for path, value, other in differ if not _refers(other)}
    for path, value in given.items():
        OmegaConf.update(config, path, value, force_add=True)
    # what refers to other options may be right now that they have their values
    given |= {
        path: value for path, value, other in differ if _refers(other) and OmegaConf.select(config, path) != value
    }
    return [*chosen, *(f"{path}={written(value)}" for path, value in given.items())]


def _is_given(path: str) -> bool:
    """Whether it names runs, or says where images lie."""
    return path == "data.folder" or (identity.names_runs(path) and not path.endswith("_target_"))


def chosen_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Of each group of a config that names runs, the choice whose values are most like its own. LookupError where none
    is of its class."""
    found: dict[str, str] = {}
    for group in choices.groups():
        node = _node(values, group)
        if not identity.names_runs(group) or node is None:
            continue
        if group == SEVERAL:
            found[group] = next(iter(node), "none") if len(node) < 2 else f"[{','.join(node)}]"
            continue
        if like := {name: how for name in choices.of(group) if (how := _like(node, dict(_written(group, name))))}:
            found[group] = max([_usual(found).get(group, ""), *like], key=lambda name: like.get(name, 0))
        elif "_target_" in node:
            raise LookupError(f"no choice of {group} is {node['_target_']}")
    return found


def _unusual(chosen: Mapping[str, str]) -> Iterator[str]:
    usual = _usual(chosen)
    return (f"{group}={name}" for group, name in chosen.items() if name != usual.get(group))


def _usual(chosen: Mapping[str, str]) -> dict[str, str]:
    """The choices where no other is made: those of a run, and those that its choices make below them."""
    found = _defaults("train")
    for group, name in chosen.items():
        found |= {f"{group}/{below}": usual for below, usual in _defaults(f"{group}/{name}").items()}
    return found


@cache
def _defaults(file: str) -> dict[str, str]:
    if not (path := choices.CONF / f"{file}.yaml").exists():  # several at once
        return {}
    defaults = nodes.written(OmegaConf.load(path)).get("defaults", [])
    return {group: name for node in defaults if isinstance(node, dict) for group, name in node.items() if name}


def _node(values: Mapping[str, Any], group: str) -> Any:
    node: Any = values
    for part in group.split("/"):
        node = node.get(part) if isinstance(node, Mapping) else None
    return node


@cache
def _written(group: str, name: str) -> tuple[tuple[str, Any], ...]:
    """The leaves of a choice as its file, and those that it builds on, have them."""
    node = nodes.written(OmegaConf.load(choices.CONF / group / f"{name}.yaml"))
    found = {}
    for base in node.pop("defaults", []):
        if isinstance(base, str) and base != "_self_":
            other, _, at = base.partition("@")  # split@first: below that key
            found |= {f"{at}.{path}" if at else path: value for path, value in _written(group, other)}
    return tuple((found | dict(leaves(node))).items())


def _like(node: Mapping[str, Any], written: Mapping[str, Any]) -> int:
    """How many values of a choice a node has, and one more; 0 where it is another class, or has not these options."""
    of = dict(leaves(node))
    has = {above for path in of for above in accumulate(path.split("."), "{}.{}".format)}
    if written.keys() - has or of.get("_target_") != written.get("_target_"):
        return 0
    return 1 + sum(_is(of.get(path), value) for path, value in written.items())


def _refers(written: Any) -> bool:
    return isinstance(written, str) and "${" in written


def _is(value: Any, written: Any) -> bool:
    """What refers to another option may be anything."""
    if _refers(written):
        parts = re.split(r"\$\{.*?\}+", written)
        return isinstance(value, str) and bool(re.fullmatch(".+".join(map(re.escape, parts)), value))
    return value == written


@cache
def _composed(texts: tuple[str, ...]) -> tuple[dict[str, Any], bytes]:
    """The values as they are written, where they may refer to others, and the config, pickled: a copy takes 2 ms."""
    resolvers.register()
    with initialize_config_dir(str(choices.CONF), version_base="1.3"):
        config = nodes.ours(compose("train", list(texts)))
    return nodes.written(config), pickle.dumps(config)


def leaves(node: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """``("split.train", "all[:640]")`` and all others below a node."""
    for key, value in node.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _differing(
    values: Mapping[str, Any], composed: Mapping[str, Any], above: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """Paths, with a value and the composed one, where these differ."""
    for key, value in values.items():
        other = composed.get(key)
        if isinstance(value, Mapping) and isinstance(other, Mapping):
            yield from _differing(value, other, f"{above}{key}.")
        elif value != other or key not in composed:
            yield f"{above}{key}", value, other


def written(value: Any) -> str:
    """As Hydra reads it: text that it could read otherwise is quoted."""
    if isinstance(value, list):
        return f"[{','.join(map(written, value))}]"
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{key}:{written(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return arguments.quoted(value) if isinstance(value, str) and not PLAIN.fullmatch(value) else str(value)
