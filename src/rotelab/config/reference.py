"""``docs/options.md``: every option with its meaning, type, range and default.

python -m rotelab.config.reference

What an option means stands below its field, in the ``options.py`` beside what it describes; its range is what the check
asks of it, and its default what ``conf/`` has.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from itertools import pairwise, takewhile
from pathlib import Path
from types import UnionType
from typing import Any, cast, get_args

from omegaconf import MISSING, OmegaConf

from rotelab.config import choices, identity
from rotelab.config.schema import Config
from rotelab.data.options import Augmentation
from rotelab.objectives import Objective
from rotelab.options import TARGETS, fields_of
from rotelab.training.options import Save, Stop, Trainer

KIND: dict[str, type] = {"trainer": Trainer, "data/augmentation": Augmentation}
"""Groups whose choices all have the options of one kind."""
OF_THE_RUN: dict[str, type] = {"stop": Stop, "save": Save}
"""Groups without choices."""
INNER = ("measure", "logger")
"""Groups of which several may be chosen: a choice has its options below its own name."""
SEVERAL = ("sweep", "scale", *identity.SEVERAL)
"""Groups of which a choice sets options of others."""
HEAD = """# Options

Of `rotelab train`, of a sweep's files and of `rotelab.compose`. A choice is given by its group, `model=mlp`, an option
by its path, `model.dropout=0.5`. "of" names the choices that have an option, where not all do. Written by
`python -m rotelab.config.reference` from [conf](../conf) and from what stands beside the fields of the options.
"""


def page() -> str:
    run = _given(choices.CONF / "train.yaml")
    parts = [HEAD, "## The run", *_table([("", Config, run)], "")]
    for name, kind in OF_THE_RUN.items():
        parts += ["", f"## {name}", *_table([("", kind, run[name])], f"{name}.")]
    for group in choices.groups():
        if group in SEVERAL:
            continue
        parts += ["", f"## {group}", "", *(f"- `{group}={name}`: {_about(group, name)}" for name in choices.of(group))]
        path = f"{group.replace('/', '.')}.{'<name>.' if group in INNER else ''}"
        parts += _objectives() if group == "objective" else _table(list(_choices(group)), path)
    return "\n".join(parts).replace("``", "`") + "\n"


@cache
def meanings(kind: type) -> dict[str, str]:
    """What stands below the fields of a dataclass and of those that it is a kind of."""
    found: dict[str, str] = {}
    for of in reversed(kind.__mro__[:-1]):
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(of))).body
        for field, below in pairwise(cast(ast.ClassDef, node).body):
            text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and below.value.value
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, str):
                found[field.target.id] = " ".join(text.split())
    return found


@cache
def rules(kind: type) -> dict[str, str]:
    """What is asked of the options of a kind: noted while one of them, with no value at all, is checked."""
    empty, asked = object.__new__(kind), dict[str, str]()
    object.__setattr__(empty, "_asked", asked)
    for field in fields_of(kind):
        object.__setattr__(empty, field.name, None)
    with suppress(Exception):  # it ends at the first check that is none of a single option
        cast(Any, empty).__post_init__()
    return asked


def _choices(group: str) -> Iterator[tuple[str, type, Mapping[str, Any]]]:
    """Of each choice its name, what describes it, and what it gives values to."""
    for name in choices.of(group):
        given = _given(choices.CONF / group / f"{name}.yaml")
        for inner in given.values() if group in INNER else [given]:
            kind = KIND.get(group) or TARGETS.get(inner.get("_target_", ""))
            if kind:
                yield name, kind, inner


def _given(file: Path) -> dict[str, Any]:
    """With what a choice has from another one of its group."""
    read = cast(dict[str, Any], OmegaConf.to_container(OmegaConf.load(file)))
    bases = [entry for entry in read.pop("defaults", []) if isinstance(entry, str) and entry != "_self_"]
    found: dict[str, Any] = {}
    for base in bases:
        found |= _given(file.with_name(f"{base}.yaml"))
    return found | read


def _table(of: list[tuple[str, type, Mapping[str, Any]]], path: str) -> list[str]:
    """A row for each option and type: its choices, where not all have it, and where their defaults differ, whose."""
    rows: dict[tuple[str, str], tuple[type, dict[str, list[str]]]] = {}
    for choice, kind, given in of:
        for field in fields_of(kind):
            if field.name in given and field.name not in ("_target_", "axis"):
                value = given[field.name]
                if not isinstance(value, Mapping):
                    defaults = rows.setdefault((field.name, _type(field.type)), (kind, {}))[1]
                    defaults.setdefault(_shown(value), []).append(choice)
    if not rows:
        return []
    every, lines = {choice for choice, _, _ in of}, [("option", "of", "default", "type", "range", "meaning")]
    for (name, words), (kind, defaults) in rows.items():
        having = {choice for by in defaults.values() for choice in by}
        whose = "" if having == every else ", ".join(sorted(having))
        named = [f"{value} ({', '.join(by)})" if len(defaults) > 1 else value for value, by in defaults.items()]
        rule, meaning = rules(kind).get(name, ""), meanings(kind)[name]
        lines.append((f"`{path}{name}`", whose, "; ".join(named), words, rule, meaning))
    if not any(whose for _, whose, *_ in lines[1:]):
        lines = [(name, *others) for name, _, *others in lines]
    head, *found = (f"| {' | '.join(cells)} |" for cells in lines)
    return ["", head, f"|{' --- |' * len(lines[0])}", *found]


def _objectives() -> Iterator[str]:
    for kind in Objective.__subclasses__():
        if kind.__module__ != Objective.__module__:  # somebody's own
            continue
        options = ", ".join(f"`objective.{field.name}`" for field in fields_of(kind))
        yield f"\n**{kind.__name__}**{f' ({options})' if options else ''}: {inspect.getdoc(kind)}"


def _about(group: str, name: str) -> str:
    """The comment that its file begins with."""
    lines = (choices.CONF / group / f"{name}.yaml").read_text().splitlines()
    about = " ".join(line.removeprefix("# ") for line in takewhile(lambda line: line.startswith("#"), lines))
    return about.replace("<", r"\<")  # or a browser takes it for markup


def _type(annotation: Any) -> str:
    if isinstance(annotation, UnionType):
        return " or ".join(map(_type, get_args(annotation)))
    if annotation is type(None):
        return "null"
    words = {int: "whole number", float: "number", str: "text", bool: "true or false", Any: "a group"}
    inner = get_args(annotation)
    return f"list: {_type(inner[0])}" if inner else words[annotation]


def _shown(value: Any) -> str:
    if value == MISSING:
        return "has to be given"
    return "`multirun` in the checkout" if value == "${repository:}/multirun" else f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def main() -> None:
    assert choices.CHECKOUT, "the page lies in a checkout"
    (choices.CHECKOUT / "docs" / "options.md").write_text(page())


if __name__ == "__main__":
    main()
