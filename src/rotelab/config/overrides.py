"""What was given on a command line, or by a sweep, that makes a run another one."""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from rotelab.config import choices, identity


def overridden(texts: Iterable[str], chosen: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The overrides that make runs differ: names of choices, several at once (``[coherence,agreement]``) as they were
    given, and values as they were understood, not as they were written.

    ``chosen`` has the choice of each group, ``values`` those of the whole config.
    """
    found = {}
    for text in texts:
        key, _, given = text.partition("=")
        if identity.names_runs(key):
            found[key] = chosen[key] if key in chosen else given if key in choices.groups() else _value(values, key)
    return found


def shown(found: Mapping[str, Any]) -> str:
    """`` (objective=split, seed=0)``, as it is given on a command line; nothing for nothing."""
    given = [f"{key}={_shown(value)}" for key, value in found.items()]
    return f" ({', '.join(given)})" if given else ""


def _value(values: Mapping[str, Any], key: str) -> Any:
    return reduce(lambda node, part: node[int(part)] if isinstance(node, list) else node[part], key.split("."), values)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key}:{_shown(inner)}' for key, inner in value.items())}}}"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
