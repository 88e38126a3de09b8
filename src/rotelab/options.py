"""Types and ranges of options, checked before torch is imported: each package that offers choices describes them with
these, in its ``options.py``. The values themselves stand in ``conf/``.

A dataclass per choice of a config group; ``@describes`` names the ``_target_`` whose arguments it describes. Apart from
``_target_``, the fields of a dataclass are all that its YAML and the command line may give.
"""

import math
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, fields, make_dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, ClassVar, TypeVar, cast, get_args, get_origin

from omegaconf import MISSING, DictConfig, ListConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from rotelab.errors import Refusal, did_you_mean

Kind = TypeVar("Kind")

TARGETS: dict[str, type[Any]] = {}
"""Of every choice what its options are given to, a path that can be imported, and the dataclass that describes them."""


@dataclass
class Choice:
    """What is chosen of a group, with its options."""

    parts: ClassVar[tuple[str, ...]] = ()
    """Options that are choices of the same group themselves."""

    _target_: str = MISSING

    @property
    def path(self) -> str:
        """Of what is called, as it is imported."""
        return self._target_

    def arguments(self, base: type) -> dict[str, Any]:
        """What it is called with: the fields beyond those of ``base``, which all choices of the group have."""
        common = {f.name for f in fields_of(base)}
        return {f.name: getattr(self, f.name) for f in fields_of(type(self)) if f.name not in common}


@dataclass
class Custom(Choice):
    """What is one's own: a class or function ``target``, such as ``my_package.nets.build``, which gets ``options`` as
    well. Its module lies in the current folder or is installed."""

    target: str = MISSING
    """The path of a class or function, such as ``my_package.nets.build``."""
    options: Any = MISSING
    """What it is given besides, such as ``{depth:3}``; null: nothing."""

    def __post_init__(self) -> None:
        require_group(self, "options")
        require_importable(self, "target")

    @property
    def path(self) -> str:
        return self.target

    def arguments(self, base: type) -> dict[str, Any]:
        common = super().arguments(base)
        del common["target"], common["options"]
        return common | (self.options or {})


def describes(target: str) -> Callable[[type[Kind]], type[Kind]]:
    """Register the dataclass as the one that describes the options of ``target``."""

    def register(kind: type[Kind]) -> type[Kind]:
        TARGETS[target] = kind
        return kind

    return register


def require_group(options: Any, *names: str) -> None:
    require(options, "a group of options", lambda value: isinstance(value, dict), *names)


def require(options: Any, rule: str, holds: Callable[[Any], bool], *names: str) -> None:
    """Raises Refusal, which names the option, where one of these breaks the rule; None breaks none.

    Where the ``options`` have a dict ``_asked``, it gets the rules, in words: for the page of all options.
    """
    for name in names:
        getattr(options, "_asked", {})[name] = rule
        value = getattr(options, name)
        if value is not None and not holds(value):
            raise Refusal(f"{name} = {value} is not {rule}")


def require_one_of(options: Any, name: str, *allowed: str) -> None:
    require(options, f"one of {', '.join(allowed)}", lambda value: value in allowed, name)


def require_positive(options: Any, *names: str) -> None:
    require(options, "greater than 0", lambda value: 0 < value < float("inf"), *names)


def require_at_most(options: Any, most: int | float, *names: str) -> None:
    """Greater than 0, and no more than what any machine could hold: beyond, torch ends in overflows."""
    require(options, f"greater than 0 and at most {most:g}", lambda value: 0 < value <= most, *names)


def require_unit_interval(options: Any, *names: str) -> None:
    require(options, "in [0, 1]", lambda value: 0 <= value <= 1, *names)


def require_importable(options: Any, name: str) -> None:
    """A path ``module.name`` that can be imported, looked up without running its module, which may take long."""
    module, _, last = getattr(options, name).rpartition(".")
    if not module or not all(map(str.isidentifier, (*module.split("."), last))):
        raise Refusal(f"{name} = {getattr(options, name)} is not a path such as my_package.nets.build")
    if os.getcwd() not in sys.path:  # where a console script does not look
        sys.path.append(os.getcwd())
    try:
        spec = find_spec(module)
    except ImportError as error:  # of a package above it
        raise Refusal(f"{name} = {module}.{last} can't be imported: {error}") from error
    if spec is None:
        raise Refusal(f"{name} = {module}.{last}: there is no module {module} here")
    if spec.origin and spec.origin.endswith(".py") and last not in (known := _defined(Path(spec.origin))):
        raise Refusal(f"{name}: {module} has no {last}{did_you_mean(last, known)}")


def _defined(file: Path) -> set[str]:
    """The names that a module's source has: too many rather than too few, for some may be made as it runs."""
    text = file.read_bytes().decode(errors="replace")
    return set(re.findall(r"\w+", text))


def typed(base: type, node: Any, path: str) -> Any:
    """``node`` as the dataclass, a kind of ``base``, that describes its ``_target_``. Refusal names the key."""
    options = group(path, node)
    target = options.get("_target_")
    kind = TARGETS.get(target) if isinstance(target, str) else None
    if kind is None or not issubclass(kind, base):
        raise Refusal(f"{path}._target_ = {target} is no {base.__name__.lower()} whose options are described")
    for part in kind.parts:
        if part in options:
            options[part] = typed(base, options[part], f"{path}.{part}")
    if not issubclass(kind, Choice):  # it is the object itself
        del options["_target_"]
    return below(path, kind, options)


def fields_of(kind: type) -> tuple[Field[Any], ...]:
    """Of a dataclass, whichever it is."""
    return fields(cast(Any, kind))


def group(path: str, node: Any) -> dict[str, Any]:
    """A copy of a group of options. Raises Refusal, with its path, where it is none."""
    if not isinstance(node, Mapping):
        raise Refusal(f"{path} = {node} has to be a group of options")
    return dict(node)


_groups: dict[tuple[type, str], Any] = {}
"""Groups of options that were checked: most runs of a sweep have most of theirs in common."""


def below(path: str, kind: type, options: Mapping[str, Any]) -> Any:
    """An object of ``kind`` as ``build`` makes it; a Refusal begins with the whole path of the option."""
    key = kind, repr(options)
    try:
        if key not in _groups:
            _groups[key] = build(kind, options)
    except Refusal as error:
        raise Refusal(f"{path}.{error}") from error
    return _groups[key]


def build(kind: type, options: Mapping[str, Any]) -> Any:
    """An object of ``kind``: its groups are for itself to check; all else is converted to the types that it has."""
    names = {f.name: _container(f.type) for f in fields_of(kind) if f.init}
    for name, wanted in names.items():
        if wanted is list and not _is_flat(options.get(name)):
            raise Refusal(f"{name} = {options[name]} is not a list of single values")
        if wanted is dict and name in options:
            group(name, options[name])
    inner = {name: value for name, value in options.items() if names.get(name) in (Any, dict)}
    try:
        given = {name: value for name, value in options.items() if name not in inner}
        merged = OmegaConf.merge(_structure(kind), given)
        converted = cast(dict[str, Any], OmegaConf.to_container(merged, throw_on_missing=True))
        built = kind(**converted, **inner)
    except MissingMandatoryValue as error:
        raise Refusal(f"{error.full_key} has to be given") from error
    except OmegaConfBaseException as error:
        raise Refusal(f"{error.full_key or ''}: {first_line(error)}") from error
    for name in converted:
        _require_a_number_of_the_machine(name, getattr(built, name))
    return built


def _container(annotation: Any) -> Any:
    """``list`` of a list, and of one that may be missing; another type itself."""
    several = [of for of in get_args(annotation) if of is not NoneType] if isinstance(annotation, UnionType) else []
    (kind,) = several if len(several) == 1 else (annotation,)
    return get_origin(kind) or kind


def _is_flat(value: Any) -> bool:
    """A list without further ones in it, or what is none yet: missing, or named elsewhere."""
    if isinstance(value, list | ListConfig):
        return not any(isinstance(member, list | ListConfig | Mapping) for member in value)
    return value is None or (isinstance(value, str) and (value == MISSING or "${" in value))


@cache
def _structure(kind: type) -> DictConfig:
    """The types of the options that are no groups."""
    plain = [f for f in fields_of(kind) if f.init and (get_origin(f.type) or f.type) not in (Any, dict)]
    return OmegaConf.structured(make_dataclass(kind.__name__, [(f.name, f.type, MISSING) for f in plain]))


def _require_a_number_of_the_machine(name: str, value: Any) -> None:
    """A float, and the members of a list, have to be finite, an int one of 64 bits."""
    for number in value if isinstance(value, list) else [value]:
        if isinstance(number, float) and not math.isfinite(number):
            raise Refusal(f"{name} = {value} is not a finite number")
        if isinstance(number, int) and not -(2**63) <= number < 2**63:
            raise Refusal(f"{name} = {value} is not a number of 64 bits")


def first_line(error: Exception) -> str:
    """Without what OmegaConf puts around the words of another error."""
    line = next(iter(str(error).splitlines()), type(error).__name__)
    return re.sub(r"\w+ raised while resolving interpolation: ", "", line)
