"""The groups of ``conf/`` and their choices, and what to say of a key or a choice that is none of them."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

CONF = Path(__file__).parents[2] / "conf"


@cache
def groups() -> list[str]:
    """``data``, ``data/split``, ...: the folders of ``conf/`` that hold choices."""
    return sorted({str(path.parent.relative_to(CONF)) for path in CONF.glob("**/*.yaml")} - {"."})


def of(group: str) -> list[str]:
    """The names that may be chosen in a group; none for what is no group."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml")) if group in groups() else []


def owners(group: str, key: str) -> list[str]:
    """The choices of a group that have an option of that name."""
    return [name for name in of(group) if key in OmegaConf.load(CONF / group / f"{name}.yaml")]


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """``: did you mean max_epochs?``; nothing where none of the words is close."""
    close = get_close_matches(word, list(words), n=1)
    return f": did you mean {close[0]}?" if close else ""


def hint(error: OmegaConfBaseException) -> str:
    """What may have been meant by a key that isn't there: another option, one of another choice, or one of a scale."""
    path = error.full_key or ""
    if path.startswith("axis.") or "key 'axis." in str(error):  # what a sweep or a network varies, the scales say
        return ": choose scale=demo, scale=small or scale=paper"
    above, _, key = path.rpartition(".")
    group = above.replace(".", "/")
    if found := owners(group, key):
        return f": {key} belongs to {' or '.join(f'{group}={name}' for name in found)}"
    there = list(error.parent_node) if isinstance(error.parent_node, DictConfig) else []
    return "" if key in there else did_you_mean(key, there)
