"""What a command line may say, checked before anything is composed, imported or written.

An allow list: of Hydra's own options only those that have a use here. Folders are chosen by ``results`` and ``name``.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn, cast

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, IntervalSweep, Override, RangeSweep, Transformer, ValueType
from hydra.errors import OverrideParseException

from rotelab.config import choices
from rotelab.config.identity import overrides_digest
from rotelab.data import layouts
from rotelab.errors import InputError, did_you_mean
from rotelab.tracking import described

FLAGS = {"help", "hydra_help", "version", "cfg", "resolve", "package", "run", "multirun", "info"}
SWEEPER = "hydra/sweeper"
"""Who chooses the runs of ``-m``: ours goes through a grid, another's as it sees fit, by ``optimize``."""
SEARCH = ("n_trials", "n_jobs", "direction", "storage", "study_name", "max_failure_rate", "sampler.*")
DIRECTIONS = ("maximize", "minimize")
"""Optuna would take the second for granted: of an accuracy it would look for the worst."""
HYDRA = (
    *("hydra/launcher", "hydra.launcher.*", "hydra.verbose"),
    *(SWEEPER, f"{SWEEPER}/sampler", *(f"hydra.sweeper.{option}" for option in SEARCH)),
)
"""The keys of Hydra's own configuration that may be changed."""
TYPO = 0.9
"""How near a name has to be to a known one to be no other: legacy_accuracy is a measure's own."""
MOST = 100_000
"""Values of a range: each is a run, of which all are checked before the first starts."""
MAKE = {"results": "RESULTS=...", "data.folder": "DATA=...", "scale": "SCALE=...", "sweep": "the target, make fig1"}
"""What of make says what a target's ARGS must not say once more."""


def images(arguments: Sequence[str]) -> list[str]:
    """With ``--images FOLDER`` as the options that it stands for, by what is in the folder, whatever it is called."""
    left, given = list(arguments), [text for text in arguments if re.match("--images(=|$)", text)]
    if not given:
        return left
    at = left.index(given[0])
    flag, equals, folder = left.pop(at).partition("=")
    if len(given) > 1 or (not equals and at == len(left)):
        raise InputError(f"{flag} FOLDER: one folder of images")
    folder = Path(folder if equals else left.pop(at)).expanduser()
    return [*left, f"data={_source(folder)}", f"data.folder={quoted(str(folder))}"]


def _source(images: Path) -> str:
    """Which reads them; that of folders says what is wrong where none does."""
    with suppress(InputError):
        return layouts.found(images)
    return "image_folder"


def quoted(text: str) -> str:
    """As Hydra's grammar takes any text."""
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', text).replace("${", r"\${")
    return f'"{escaped}"'


def expanded(argument: str) -> str:
    """``data.folder=~/images`` with the home folder: a shell leaves it to us, and Hydra's grammar has no ``~``;
    ``sweep=fig1`` with the work that it is of; and ``save=true`` as ``save.last=true``."""
    if argument.startswith("sweep="):
        return f"sweep={choices.sweep(argument.removeprefix('sweep='))}"
    if re.match(r"save=[^{]", argument):
        return f"save.last={argument.removeprefix('save=')}"
    return re.sub(r"^([\w./@]+=)~(?=/|$)", lambda match: match[1] + str(Path.home()), argument)


def check(arguments: Sequence[str]) -> None:
    """Raises InputError, with the argument first, for flags and overrides that are refused."""
    parser = get_args_parser()
    parser.error = partial(_unreadable, arguments)
    given = parser.parse_args(arguments)
    for flag, value in vars(given).items():
        if flag == "overrides":
            check_overrides(value)
        elif value and flag not in FLAGS:
            raise InputError(f"--{flag.replace('_', '-')}: rotelab has a configuration of its own, conf/")
    _check_search(given.overrides, given.multirun)
    _check_scale(given.overrides)


def named(arguments: Sequence[str]) -> list[str]:
    """A sweep of one's own (``-m`` without ``sweep`` or ``name``) with ``name=sweep-1a2b3c``, a hash of what it varies:
    the same command finds its folder again, and another one does not hide it. One of ours with the ``-m`` that its
    configuration says: where that can't be composed, Hydra would take its values for those of a single run."""
    given = get_args_parser().parse_args(arguments)
    keys = {text.partition("=")[0] for text in given.overrides}
    if "sweep" in keys and not any(getattr(given, flag) for flag in ("multirun", "run", "cfg", "info")):
        return ["--multirun", *arguments]
    if not given.multirun or keys & {"name", "sweep"}:
        return list(arguments)
    first = arguments.index(given.overrides[0]) if given.overrides else len(arguments)
    read = _all(given.overrides)
    varied = {one.get_key_element(): _values(one) for one in read}
    name = f"name=sweep-{overrides_digest(varied)}"
    return [*arguments[:first], name, *arguments[first:]]


def _unreadable(arguments: Sequence[str], message: str) -> NoReturn:
    for text, after in zip(arguments, [*arguments[1:], "..."], strict=True):
        key, equals, value = text.removeprefix("--").partition("=")
        if text.startswith("--") and choices.is_option(key):
            meant = value if equals else "..." if after.startswith("-") or "=" in after else after
            raise InputError(f"--{key}: options are given as key=value, here {key}={meant}")
    raise InputError(f"{message}: flags such as -m come before all key=value, and --help lists them")


def check_overrides(texts: Sequence[str]) -> None:
    """As ``check``, for overrides alone: those of a command line, or of a run of a sweep."""
    _all(texts)
    keys = [text.partition("=")[0].strip() for text in texts]
    for key in keys:
        if keys.count(key) > 1:
            with_make = f" (with make it is given by {MAKE[key]}, not in ARGS)" if key in MAKE else ""
            raise InputError(f"{key} is given twice{with_make}")


def _check_scale(texts: Sequence[str]) -> None:
    """Raises InputError where a sweep has no such size, or a size whose images are drawn is given others."""
    given = {text.partition("=")[0]: text.partition("=")[2] for text in texts}
    scale, work = given.get("scale", ""), given.get("sweep", "").partition("/")[0]
    if scale and (known := choices.sizes(work)) and scale not in known:
        raise InputError(f"scale={scale} is none of {work}: there are {', '.join(known)}")
    if "data.folder" in given and "data" not in given and choices.images(scale) == "digits":
        others = " or ".join(name for name in choices.sizes(work) if choices.images(name) == "image_folder")
        raise InputError(f"data.folder: scale={scale} is of the digits; a folder of images needs scale={others}")


def _check_search(texts: Sequence[str], multirun: bool) -> None:
    """Raises InputError where a sweeper that chooses by a number of each run is not told which, or what it would only
    say after its first runs is wrong; and where that number is named to nobody."""
    given = {one.key_or_group: one.value() for one in _all(texts)}
    sweeper, optimize = _other_sweeper(texts), given.get("optimize")
    if not sweeper:
        if optimize is not None:
            raise InputError(f"optimize={optimize} is for a sweeper that chooses runs by it: -m hydra/sweeper=optuna")
        return
    if not multirun:
        raise InputError(f"{sweeper} chooses several runs: -m before it")
    if "sweep" in given:
        raise InputError(f"sweep={given['sweep']} says itself which runs there are, not {sweeper}: give their options")
    if not isinstance(optimize, str):
        raise InputError(f"{sweeper} chooses runs by a number of each: optimize=accuracy/held_out, or epochs_to/0.5")
    if optimize not in described.names() and (near := get_close_matches(optimize, described.names(), 1, TYPO)):
        raise InputError(f"optimize={optimize}: did you mean {near[0]}?")  # a measure's own name is not known here
    if given[SWEEPER] == "optuna" and given.get("hydra.sweeper.direction") not in DIRECTIONS:
        raise InputError(f"{sweeper} has to know what is better: hydra.sweeper.direction={' or '.join(DIRECTIONS)}")
    for key in ("hydra.sweeper.n_trials", "hydra.sweeper.n_jobs"):
        if isinstance(number := given.get(key), int) and number < 1:
            raise InputError(f"{key} = {number} is not at least 1")


def _other_sweeper(texts: Sequence[str]) -> str | None:
    return next((text for text in texts if re.match(f"{SWEEPER}=(?!rotelab$)", text)), None)


def _all(texts: Sequence[str]) -> list[Override]:
    """Each that may be given beside the others: an interval where another sweeper than ours chooses values of it."""
    single_values = _other_sweeper(texts) is None
    return [override(text, single_values) for text in texts]


@cache
def override(text: str, single_values: bool = True) -> Override:
    """One that may be given, as Hydra reads it. Raises InputError for any other."""
    override = _read(text)
    key = override.key_or_group
    if override.is_add() or override.is_force_add() or override.is_delete():
        raise InputError(f"{text.partition('=')[0]}: options can be changed, not added or removed")
    if key.split(".")[-1] == "_target_":
        raise InputError(f"{key}: choose by the group, such as objective=standard")
    if re.split(r"[./]", key)[0] == "hydra" and not any(fnmatchcase(key, one) for one in HYDRA):
        beside = [one for one in HYDRA if one.rpartition(".")[0] == key.rpartition(".")[0]]
        others = f": Hydra's options here are {', '.join(HYDRA)}; results= and name= choose folders"
        raise InputError(f"{key}{did_you_mean(key, beside) or others}")
    if re.split(r"[.:/]", override.package or "")[0] == "hydra":
        raise InputError(f"{text}: nothing of ours goes into Hydra's configuration")
    if override.is_interval_sweep() and single_values:
        raise InputError(f"{text}: a sweep needs single values, not an interval (but with hydra/sweeper=optuna)")
    if key.startswith("axis.") and override.is_sweep_override():
        values = text.partition("=")[2]
        raise InputError(f"{text}: what a sweep goes through is one text: '{key}=\"{values}\"', quotes and all")
    if override.is_interval_sweep() and not _ascends(cast(IntervalSweep, override.value())):
        raise InputError(f"{text}: an interval goes from its least value to its greatest")
    if override.is_range_sweep():
        _check_range(text, cast(RangeSweep, override.value()))
    if key == "hydra/launcher":
        for value in _flat(_values(override)):
            if not re.fullmatch(r"\w+", str(value)):
                raise InputError(f"{key} = {value} is not the name of a launcher")
    elif key == SWEEPER and override.value() == "optuna":
        if find_spec("hydra_plugins.hydra_optuna_sweeper") is None:
            raise InputError(f"{text} needs hydra-optuna-sweeper: pip install 'rotelab[optuna]'")
    elif key.startswith(SWEEPER):  # Hydra says which there are
        pass
    elif key in choices.BY_WORK and override.is_sweep_override():
        there = "rotelab train --help lists them" if key == "sweep" else f"there are {', '.join(choices.of(key))}"
        raise InputError(f"{text}: one {key} at a time, each has a folder of its own; {there}")
    elif key in choices.groups():
        known = choices.of(key)
        for value in _flat(_values(override)):
            if value not in known:
                word = "null" if value is None else str(value)
                meant = did_you_mean(word, known) or f": there are {', '.join(known)}"
                raise InputError(f"{key}={word}: there is no such choice as {key}/{word}{meant}")
    elif "/" in key:
        raise InputError(f"{key}: there is no such group{did_you_mean(key, choices.groups())}")
    elif (group := key.replace(".", "/")) in choices.groups() and isinstance(override.value(), str):
        raise InputError(f"{key}: its choices are given as {group}={override.value()}")
    return override


def _ascends(interval: IntervalSweep) -> bool:
    return interval.start is not None and interval.end is not None and interval.start < interval.end


def _check_range(text: str, given: RangeSweep) -> None:
    start, stop = given.start or 0, given.stop or 0  # Hydra's grammar gives both
    runs = (stop - start) / given.step if given.step else 0
    if not 0 < runs <= MOST:
        raise InputError(f"{text}: a range has to hold 1 to {MOST:,} values, and its step leads from first to last")


def _read(text: str) -> Override:
    key, equals, value = text.partition("=")
    if not text.strip():
        raise InputError("an empty argument: options are given as key=value")
    try:
        return OverridesParser.create().parse_overrides([text])[0]
    except OverrideParseException as error:
        if not equals:
            raise InputError(f"{text}: options are given as key=value") from error
        quote = '"' if "'" in value or '"' not in value else "'"
        quoted = shlex.quote(f"{key}={quote}{value.strip(quote)}{quote}")
        raise InputError(
            f"{text} can't be read: put quotes around text, {quoted}, and commas between the values of a sweep"
        ) from error


def _values(override: Override) -> list[Any]:
    """The value of an override, or those of a sweep, as they were understood."""
    if override.value_type == ValueType.GLOB_CHOICE_SWEEP:
        return cast(Glob, override.value()).filter(choices.of(override.key_or_group))
    if override.is_interval_sweep():
        return [(override.input_line or "").partition("=")[2]]
    if override.is_sweep_override():
        return [Override._convert_value(value) for value in override.sweep_iterator(Transformer.identity)]
    return [override.value()]


def _flat(value: Any) -> Iterator[Any]:
    """The members of lists of lists; an empty one, which chooses nothing, is one itself."""
    if isinstance(value, list) and value:
        for inner in value:
            yield from _flat(inner)
    else:
        yield value
