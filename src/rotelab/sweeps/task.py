"""What a launcher calls: a stack of runs, or one, here or in a process of its own."""

import atexit
import gc
import hashlib
import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hydra import compose
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from rotelab.config import identity, nodes, overrides, resolvers
from rotelab.config.exits import exiting, interrupt, interruption, print_for_people
from rotelab.errors import CannotStack, InputError, NetworkError, RunError
from rotelab.files import write
from rotelab.results import files, record
from rotelab.sweeps import launchers
from rotelab.sweeps.job import End, Job, explained, train, train_together
from rotelab.system import signals
from rotelab.training.options import Save

JOBS = ".jobs.json"
"""Of a sweep: the runs of each job, while its jobs are with a launcher."""

resolvers.register()  # in the processes of a launcher as well, which import this before they compose


@dataclass(frozen=True)
class Run:
    """A run of a sweep, as plain data."""

    label: str
    """``[3/12] split-1a2b3c4d5e (objective=split, seed=0)``"""
    name: str
    overrides: list[str]
    stack: str
    """The same for runs that may train together."""
    cost: str
    """The same for runs that take the same time."""
    kept: tuple[int | None, ...] = ()
    """Epochs whose networks are kept, None for the end."""
    varied: Sequence[str] | None = None
    """The overrides in which runs of its sweep differ; None: not known, as it is of none."""

    @classmethod
    def of(cls, place: str, texts: list[str], chosen: Mapping[str, Any], values: Mapping[str, Any]) -> "Run":
        """Of its overrides, the choices of its groups and its whole config; ``place`` is ``[3/12] `` or nothing."""
        kept = Save(**values["save"]).wanted
        name = identity.name(chosen, values)
        label = f"{place}{name}{overrides.shown(overrides.overridden(texts, chosen, values))}"
        return cls(label, name, texts, identity.stack(values), identity.cost(values), kept)


@dataclass
class Task:
    """What a launcher calls for each job, which is a stack of runs, or one.

    It returns plain data: an exception that can't be unpickled would end a whole sweep. ``same_data`` says that all
    runs read the same images, whatever becomes of these, and none has used them yet: what one can't use, none can;
    ``same_network`` that so is what a network has to take of them.
    """

    stacks: list[list[Run]]
    folder: Path
    same_data: bool
    same_network: bool

    def __post_init__(self) -> None:
        self.process = os.getpid()
        self.alone: set[str] = set()
        """Stacks that can't be made: their runs train one after another."""
        self.sent = ""
        """What ``JOBS`` holds, as a hash."""

    def __getstate__(self) -> dict[str, Any]:
        """As it is sent with every job: small, without the runs of all."""
        return vars(self) | {"stacks": []}

    def send(self) -> None:
        """Leave the runs in the sweep's folder, where each job finds its own."""
        text = json.dumps([[asdict(run) for run in stack] for stack in self.stacks])
        write(self.folder / JOBS, text)
        self.sent = _hash(text)

    def runs(self, number: int) -> list[Run]:
        """Of a job. Raises RunError where the sweep has ended, or was started again, since the job was submitted."""
        if self.stacks:
            return self.stacks[number]
        text = (self.folder / JOBS).read_text() if (self.folder / JOBS).exists() else ""
        if _hash(text) != self.sent:
            raise RunError(f"{self.folder}: the sweep that this job is of has ended, or was started again")
        return [Run(**run | {"kept": tuple(run["kept"])}) for run in json.loads(text)[number]]

    def __call__(self, _: DictConfig) -> list[End]:
        settings = HydraConfig.get()
        elsewhere = os.getpid() != self.process
        if elsewhere:
            print_for_people()
            for number in signals.ENDING:  # submitit leaves them to Lightning, which ends with 0
                signal.signal(number, interrupt)
        with exiting(self.folder):
            runs = self.runs(settings.job.num)
        ends = []
        for run, end in self._ends(runs, settings.job.config_name):
            if not elsewhere:
                self._end_where_none_can_work(end)
            say(run.label, end, self.folder, why=elsewhere)
            ends.append(end)
        if elsewhere and launchers.of_submitit(settings.launcher) and any(end.error for end in ends):
            atexit.register(exit_with_1)
        return ends

    def _ends(self, runs: Sequence[Run], config_name: str | None) -> Iterator[tuple[Run, End]]:
        """Each run with its end: of those that train together, then of the rest, one after another."""
        ends: dict[str, End] = {}
        try:
            jobs = [self._job(run, config_name) for run in runs]
        except (InputError, RunError) as error:  # of images or of a configuration that are no longer there
            kind = InputError if isinstance(error, InputError) else RunError
            yield from ((run, End(run.name, error=kind(str(error)))) for run in runs)
            return
        stack = runs[0].stack
        if len(jobs) > 1 and stack not in self.alone:
            gc.collect()  # of the stack before, which may be large: a device's allocator does not look for it
            try:
                train_together(jobs, ends)
            except Exception as reason:  # whoever is to blame fails by itself, and the others go on
                if signal_ := interruption(reason):
                    raise signal_ from reason
                self.alone.add(stack)
                say_alone(jobs[0], reason)
            gc.collect()
        for run, job in zip(runs, jobs, strict=True):
            yield run, ends.get(run.name) or train(job)

    def _job(self, run: Run, config_name: str | None) -> Job:
        """Composed anew. Raises RunError where that makes another run of it than when the sweep was started."""
        config, chosen = composed(config_name, run.overrides)
        job = Job.of(self.folder / run.name, run.overrides, config, chosen, run.varied)
        if (name := files.name(chosen["objective"], job.about["digest"])) != run.name:
            raise RunError(f"this is {name} by now: conf/, its images or rotelab itself changed under the sweep")
        return job

    def _end_where_none_can_work(self, end: End) -> None:
        with exiting():
            check_use([end], self.same_data, self.same_network)
        self.same_data = self.same_data and end.error is not None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def check_use(ends: Sequence[End], same_data: bool, same_network: bool) -> None:
    """Raises InputError where runs could use neither data nor network, and so can none of their sweep."""
    for end in ends:
        of_all = same_data and (same_network or not isinstance(end.error, NetworkError))
        if not (isinstance(end.error, InputError) and of_all):
            return
    if ends:
        raise InputError(f"{ends[0].error} (so no run of this sweep can work)")


def composed(config_name: str | None, texts: list[str]) -> tuple[DictConfig, dict[str, Any]]:
    """The config of a run with these overrides, without Hydra's node, and what was chosen of each group."""
    full = compose(config_name, texts, return_hydra_config=True)
    return nodes.ours(full), nodes.written(full.hydra.runtime.choices)


def say_alone(job: Job, reason: Exception) -> None:
    """Print why runs that could train together don't."""
    reason = explained(reason, job.config, job.folder)
    if not isinstance(reason, InputError):  # the run that is to blame says that by itself
        text = str(reason) if isinstance(reason, CannotStack | RunError) else f"{type(reason).__name__}: {reason}"
        print(f"{job.name} and others like it train one after another: {text}", file=sys.stderr, flush=True)


def exit_with_1() -> None:
    """Hydra gives a launcher what a job returned: the process would end with 0, and Slurm say COMPLETED."""
    print_for_people()  # of whose streams one may be closed
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


def say(label: str, end: End, folder: Path, why: bool = False) -> None:
    """Print how a run in ``folder`` ended; why it failed is printed again at the end of a sweep, by its own process."""
    if end.error is None:
        print(f"{label}: {end.line}, in {folder / end.name}", flush=True)
    else:
        reason = f": {end.error}" if why else ""
        print(f"{label}: failed, in {folder / end.name}{reason}", file=sys.stderr, flush=True)


def leave(run: Run, folder: Path) -> None:
    """A run that has finished, as it is, and say so."""
    with suppress(OSError):  # the disk may be read-only
        record.clear(folder / run.name)
    print(f"{run.label}: finished before, in {folder / run.name}")


def say_skipped(ends: Iterable[End]) -> None:
    """Print the image files that runs left out, each once."""
    if skipped := dict.fromkeys(file for end in ends for file in end.skipped):
        print("image files that can't be decoded and were left out:", *skipped, sep="\n  ")
