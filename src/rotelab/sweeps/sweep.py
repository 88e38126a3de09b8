"""Sweeps: which runs belong to one, check them all before the first starts, go on after a failure, say how it ended.

With train.py all that drives Hydra. What it does holds under any launcher; only the list of failures at the end needs
the runs to be in this process (under others, a failed run is for the launcher to report).
"""

import atexit
import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import IO, Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from rotelab.config import arguments, choices, identity, schema
from rotelab.config.exits import exiting, interrupt, interruption, print_for_people
from rotelab.errors import CannotStack, InputError, NetworkError, RunError, is_out_of_memory, sentence
from rotelab.results import files, record
from rotelab.results.locks import hold
from rotelab.training.duration import in_words

IN_PROCESS = "hydra._internal.core_plugins.basic_launcher.BasicLauncher"


@dataclass
class _State:
    """What happened to the runs that this process has started."""

    total: int = 0
    folders: list[Path] = field(default_factory=list)
    """Of the sweep's runs."""
    failures: dict[str, Exception] = field(default_factory=dict)
    skipped: dict[str, None] = field(default_factory=dict)
    """Image files that runs left out, each once, in order."""
    same_data: bool = False
    """Whether all runs of the sweep read the same images, whatever becomes of these, and none could use them yet: what
    one can't use, none can."""
    same_network: bool = False
    """And what a network has to take of them: the network, its objective, its aggregator."""
    jobs: dict[str, DictConfig] = field(default_factory=dict)
    """The sweep's runs by their names, where this process is to train them all."""
    ends: dict[str, str | Exception] = field(default_factory=dict)
    """How runs ended that trained together with another, until it is their turn."""
    alone: set[str] = field(default_factory=set)
    """Stacks that can't be made: their runs train one after another."""
    lock: IO | None = None


_state = _State()


class Start(Callback):
    """Before anything is written or imported: check every run. ``dry_run`` ends here.

    Hydra turns exceptions in callbacks into warnings, so this one prints and exits by itself.
    """

    def on_run_start(self, config: DictConfig, **_: Any) -> None:
        with exiting():
            checked = schema.check(config)
            if checked.name is not None:
                raise InputError(f"name = {checked.name} names the folder of a sweep (-m): this is a single run")
            folder = Path(config.hydra.run.dir)
            files.check_own(folder)
            if checked.dry_run:
                _list([config], [folder.name], folder.parent)

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        with exiting():
            configs = list(jobs(config))
            if not configs:
                raise InputError("this sweep has no runs: one of its options is given no value, as by range(5,0)")
            checked = [schema.check(job) for job in configs]
            folder = Path(config.hydra.sweep.dir)
            names = [job.hydra.sweep.subdir for job in configs]
            if any(job.hydra.sweep.dir != str(folder) for job in configs):
                raise InputError("results, name, sweep and scale choose the folder of a sweep: start one for each")
            if repeated := sorted(name for name, times in Counter(names).items() if times > 1):
                raise InputError(f"{repeated[0]} is in this sweep more than once: vary what runs differ in (seed=0,1)")
            for name in names:
                files.check_own(folder / name)
            if checked[0].dry_run:
                _list(configs, names, folder)
            if files.complete(folder, names):
                _end(configs, names, folder)
            with exiting(folder):
                _state.lock = hold(folder)
                record.settle(folder)
                files.write_runs(folder, names)
            _state.total, _state.folders = len(configs), [folder / name for name in names]
            if config.hydra.launcher._target_ == IN_PROCESS:
                _state.jobs = dict(zip(names, configs, strict=True))
                read = [(type(job.data), vars(job.data) | {"inputs": None, "labels": None}) for job in checked]
                _state.same_data = all(data == read[0] for data in read)
                taken = [(job.model, job.objective, job.aggregator) for job in checked]
                _state.same_network = all(of == taken[0] for of in taken)
            _announce(configs, names, folder)


def jobs(config: DictConfig) -> Iterator[DictConfig]:
    """The composed config of every run of a sweep, in the order in which Hydra's own sweeper starts them."""
    loader = GlobalHydra.instance().config_loader()
    params = [f"{key}={value}" for key, value in (config.hydra.sweeper.params or {}).items()]
    overrides = OverridesParser.create(loader).parse_overrides([*params, *config.hydra.overrides.task])
    for batch in BasicSweeper.split_arguments(overrides, None):
        for job in batch:
            arguments.check_overrides(job)  # what a sweep or a scale gave, too
            yield loader.load_sweep_config(config, list(job))


def attempt(cfg: DictConfig, settings: DictConfig, folder: Path, run: Callable[[Path], str | Exception]) -> None:
    """One run of a sweep, or a single one: skip it when it has finished, remember when it fails.

    The failure of a run in a process of its own (a cluster's job) is raised, for its launcher to see, and a SIGTERM
    ends that process with 143, as it does ours.
    """
    several = settings.mode == RunMode.MULTIRUN
    job = several and settings.launcher._target_ != IN_PROCESS
    if job:
        signal.signal(signal.SIGTERM, interrupt)  # submitit leaves it to Lightning, which ends with 0
    total = f"/{_state.total}" if _state.total else ""  # unknown to a process that a launcher made
    label = f"[{settings.job.num + 1}{total}] " if several else ""
    label += f"{folder.name}{_overrides(settings, cfg)}"
    if folder.name not in _state.ends and files.finished(folder):
        print(f"{label}: finished before, in {folder}")
        _state.same_data = False
        return
    try:
        end = take(folder) or run(folder)
        if isinstance(end, Exception):
            raise end
        print(f"{label}: {end}, in {folder}", flush=True)
        _state.same_data = False
    except Exception as error:
        if signal_ := interruption(error):
            raise signal_ from error
        reason = explained(error, cfg, folder)
        if job:
            print(f"{label}: failed, in {folder}: {reason}", file=sys.stderr, flush=True)
            if "submitit" in settings.launcher._target_:
                atexit.register(_exit_with_1)
            raise
        error = reason
        of_all = _state.same_data and (_state.same_network or not isinstance(error, NetworkError))
        if isinstance(error, InputError) and of_all:
            with exiting():
                raise InputError(f"{error} (so no run of this sweep can work)") from error
        _state.failures[folder.name] = error
        if not isinstance(error, InputError | RunError):  # a fault of the code: show where
            traceback.print_exc()
        error.with_traceback(None)  # which holds the run's tensors
        print(f"{label}: failed, in {folder}", file=sys.stderr, flush=True)


def _exit_with_1() -> None:
    """Hydra gives a launcher what a job raises as a value: the process would end with 0, and Slurm say COMPLETED."""
    print_for_people()  # of whose streams one may be closed
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


def explained(error: Exception, cfg: DictConfig, folder: Path) -> Exception:
    """What went wrong in a sentence, where the disk or the memory is to blame; any other error as it is."""
    if isinstance(error, OSError):
        return RunError(sentence(error, folder))
    if is_out_of_memory(error):
        wide = [f"model.{key}" for key in ("width", "widths", "head_classes") if cfg.model.get(key)]
        smaller = ", ".join([*wide, "data.batch_size", "data.size", "data.side"])
        return RunError(f"there is not enough memory for this run: make one of {smaller} smaller")
    return error


def companions(folder: Path) -> list[tuple[DictConfig, Path]]:
    """The run of this folder and others of its sweep that may train together with it, those of its group that are left:
    configs and folders. None for a run that is to train by itself."""
    job = _state.jobs.get(folder.name)
    if job is None or job.trainer.together == 1 or files.twin(folder):
        return []
    key = _stack(folder.name)
    if key in _state.alone:
        return []
    together = [
        name
        for name in _group(folder.name)
        if name == folder.name
        or not (
            name in _state.ends
            or name in _state.failures
            or files.finished(folder.parent / name)
            or files.twin(folder.parent / name)
        )
    ]
    return [(_state.jobs[name], folder.parent / name) for name in together] if len(together) > 1 else []


def leave_alone(folder: Path, reason: Exception) -> None:
    """Say that the runs that could have trained together with that of this folder can't, and remember it."""
    reason = explained(reason, _state.jobs[folder.name], folder)
    text = str(reason) if isinstance(reason, CannotStack | RunError) else f"{type(reason).__name__}: {reason}"
    if not isinstance(reason, InputError):  # the run that is to blame says that by itself
        print(f"{folder.name} and others like it train one after another: {text}", file=sys.stderr, flush=True)
    _state.alone.add(_stack(folder.name))


def remember(folder: Path, end: str | Exception) -> None:
    """How the run of this folder ended, for when it is its turn."""
    _state.ends[folder.name] = end.with_traceback(None) if isinstance(end, Exception) else end  # it holds the weights


def take(folder: Path) -> str | Exception | None:
    """How the run of this folder ended, if it trained together with another."""
    return _state.ends.pop(folder.name, None)


def _group(name: str) -> list[str]:
    """The runs of a stack: of all runs of the sweep that can go together, whatever has become of them, the first
    ``trainer.together``, the next, and so on. A sweep that is started again makes the same stacks."""
    size = _state.jobs[name].trainer.together
    alike = [other for other in _state.jobs if _stack(other) == _stack(name)]
    first = alike.index(name) // size * size
    return alike[first : first + size]


@cache
def _stack(name: str) -> str:
    """What the run of this name has in common with those that it can train together with; asked for by every leader."""
    return identity.stack(schema.values(_state.jobs[name]))


def skipped(files: Sequence[str]) -> None:
    """Remember image files that a run left out, for the report."""
    _state.skipped |= dict.fromkeys(files)


def report() -> int:
    """Print the files that were left out and the runs that failed.

    The exit code: 0 where none failed, 2 for a single run whose data can't be used, else 1.
    """
    if _state.skipped:
        print("image files that can't be decoded and were left out:", *_state.skipped, sep="\n  ")
    if not _state.failures:
        return 0
    if _state.total:
        print(f"rotelab: {len(_state.failures)} of {_state.total} runs failed:", file=sys.stderr)
    for name, error in _state.failures.items():
        print(f"rotelab: {name}: {error}", file=sys.stderr)
    first, *_ = _state.failures.values()
    return 2 if isinstance(first, InputError) and not _state.total else 1


def interrupted() -> str:
    """What a person should know when a signal has ended the process."""
    if not _state.folders:
        return "interrupted: the same command starts again"
    finished = sum(files.finished(folder) for folder in _state.folders)
    return f"interrupted: {finished} of {len(_state.folders)} runs are finished; the same command goes on with the rest"


def _list(configs: list[DictConfig], names: list[str], folder: Path) -> None:
    """Print the runs, which have finished, and a prediction for the others, and end the process."""
    total, predict = 0.0, _prediction()
    for job, name in zip(configs, names, strict=True):
        label = f"{name}{_overrides(job.hydra, schema.normal(job))}"
        if files.finished(folder / name):
            print(f"{label}: finished")
        elif other := files.twin(folder / name):
            print(f"{label}: finished in {other.parent.name}")
        else:
            try:
                seconds = predict(job)
            except Exception as error:
                raise explained(error, job, folder) from None  # it may be the error itself
            total += seconds
            print(f"{label}: about {in_words(seconds)}", flush=True)
    print(f"{folder}: about {in_words(total)} left, if every run goes to its last epoch")
    sys.exit(0)


def _end(configs: list[DictConfig], names: list[str], folder: Path) -> None:
    """Say that all runs have finished, and end the process: nothing is written, for the disk may be read-only."""
    _announce(configs, names, folder)
    for number, (job, name) in enumerate(zip(configs, names, strict=True), start=1):
        label = f"[{number}/{len(names)}] {name}{_overrides(job.hydra, schema.normal(job))}"
        print(f"{label}: finished before, in {folder / name}")
    sys.exit(0)


def _announce(configs: list[DictConfig], names: list[str], folder: Path) -> None:
    """Say how much is done and how long the rest will take, where it runs in this process: on this machine."""
    left = [
        job
        for job, name in zip(configs, names, strict=True)
        if not files.finished(folder / name) and not files.twin(folder / name)
    ]
    text = f"{folder}: {len(configs)} runs, {len(configs) - len(left)} finished"
    if left and left[0].hydra.launcher._target_ == IN_PROCESS:
        with suppress(Exception):  # the run will say what is wrong, and others go on
            if left[0].trainer.together > 1:
                text += f", up to {left[0].trainer.together} at once"
            seconds = sum(map(_prediction(), left))
            text += f", about {in_words(seconds)} left if every run goes to its last epoch"
    print(text, flush=True)


def _prediction() -> Callable[[DictConfig], float]:
    """A function that predicts the seconds of a run; runs that differ in their seed alone are timed once."""
    from rotelab.config.instantiate import recipe
    from rotelab.training.timing import predicted_seconds

    seconds: dict[str, float] = {}

    def predict(job: DictConfig) -> float:
        key = OmegaConf.to_yaml(OmegaConf.masked_copy(job, [name for name in identity.SCIENCE if name != "seed"]))
        if key not in seconds:
            seconds[key] = predicted_seconds(replace(recipe(job, schema.check(job)), compile=None))
        return seconds[key]

    return predict


def overridden(settings: DictConfig, cfg: DictConfig) -> dict[str, Any]:
    """The overrides that make runs differ: names of choices, several at once (``[coherence,agreement]``) as they were
    given, and values as they were understood, not as they were written."""
    found = {}
    for text in settings.overrides.task:
        key, _, given = text.partition("=")
        if identity.names_runs(key):
            chosen = settings.runtime.choices
            known = chosen[key] if key in chosen else given if key in choices.groups() else OmegaConf.select(cfg, key)
            found[key] = OmegaConf.to_container(known, resolve=True) if OmegaConf.is_config(known) else known
    return found


def _overrides(settings: DictConfig, cfg: DictConfig) -> str:
    """What makes runs differ, in brackets."""
    given = [f"{key}={_shown(value)}" for key, value in overridden(settings, cfg).items()]
    return f" ({', '.join(given)})" if given else ""


def _shown(value: Any) -> str:
    """A value as it is given on a command line."""
    if isinstance(value, list):
        return f"[{','.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key}:{_shown(inner)}' for key, inner in value.items())}}}"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
