"""``rotelab train --help``: the choices of every group, and each option of the run that is given, with its meaning."""

import shutil
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, cast

from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from rotelab.config import choices, resolvers
from rotelab.config.reference import KIND, OF_THE_RUN, meanings, rules
from rotelab.config.schema import Config
from rotelab.options import TARGETS

HEAD = """usage:
  rotelab train [GROUP=CHOICE ...] [OPTION=VALUE ...]  one run
  rotelab train sweep=WORK/NAME scale=SCALE [...]      the runs of a figure
  rotelab train -m OPTION=VALUE,VALUE [...]            every combination
  rotelab train --images FOLDER [...]                  images of one's own

dry_run=true lists the runs, and how long they would take; --cfg job prints the
config. Types and ranges of all options: docs/options.md in the checkout.
"""
COLUMN = 40
"""Where meanings begin."""


def page(overrides: list[str]) -> str:
    """What can be chosen, and the options as ``overrides`` compose them; those that have to be given are ???."""
    resolvers.register()
    with initialize_config_dir(str(choices.CONF), version_base="1.3"):
        config = compose("train", overrides)
    plain = cast(dict[str, Any], OmegaConf.to_container(config, resolve=True))
    groups = choices.groups()
    column = max(map(len, groups)) + 4  # or names of sweeps are broken in two, in a narrow terminal
    parts = [HEAD, "choices:", *(_item(f"{group}=", ", ".join(choices.of(group)), column) for group in groups)]
    parts += ["", "options, as they are chosen here:"]
    return "\n".join([*parts, *(_item(f"{path}={value}", words) for path, value, words in options(plain))])


def options(
    node: Mapping[str, Any], kind: type | None = Config, path: str = "", about: str = ""
) -> Iterator[tuple[str, str, str]]:
    """The path, value and meaning of each option below a node of the composed config: its own meaning, or ``about``."""
    words = {name: f"{text}{_words(kind, name)}" for name, text in meanings(kind).items()} if kind else {}
    for key, value in node.items():
        if isinstance(value, Mapping):
            inner = {**OF_THE_RUN, **KIND}.get(f"{path}{key}".replace(".", "/"))
            yield from options(
                value, TARGETS.get(value.get("_target_", ""), inner), f"{path}{key}.", words.get(key, "")
            )
        elif key != "_target_":
            yield f"{path}{key}", _shown(value), words.get(key, about)


def _words(kind: type, name: str) -> str:
    """What an option may be, where it is one of a few words."""
    rule = rules(kind).get(name, "")
    return f" ({rule})" if rule.startswith("one of ") else ""


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_shown, value))}]"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _item(name: str, words: str, column: int = COLUMN) -> str:
    width = min(shutil.get_terminal_size((120, 0)).columns, 120)
    start = f"  {name:{column - 2}} " if len(name) <= column - 2 else f"  {name}\n{' ' * (column + 1)}"
    wrapped = textwrap.wrap(words.replace("``", ""), max(20, width - column - 1)) or [""]
    return (start + f"\n{' ' * (column + 1)}".join(wrapped)).rstrip()
