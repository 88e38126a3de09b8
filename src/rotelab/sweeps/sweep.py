"""A sweep: all of its runs are checked before the first folder exists, those that have finished are left alone, the
others launched, and how they ended is said."""

import sys
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn
from hydra.types import HydraContext
from omegaconf import DictConfig

from rotelab.config import overrides, schema
from rotelab.config.exits import Interrupted, exiting, interruption
from rotelab.errors import InputError, RunError
from rotelab.options import first_line
from rotelab.plurals import plural
from rotelab.results import files, networks, record
from rotelab.results.locks import hold
from rotelab.sweeps import forecast, launchers
from rotelab.sweeps.composition import Composer, expand
from rotelab.sweeps.job import End, Job, train
from rotelab.sweeps.task import JOBS, Run, Task, check_use, leave, say, say_skipped
from rotelab.tracking.described import varied
from rotelab.tracking.options import of_an_agent


@dataclass(frozen=True)
class Sweep:
    """The runs of a sweep, checked, in the order in which they were given."""

    folder: Path
    runs: list[Run]
    together: int
    """So many may train as one stack."""
    dry_run: bool
    same_data: bool
    """Whether all read the same images, whatever becomes of these."""
    same_network: bool
    """And what a network has to take of them: the network, its objective, its aggregator."""


def sweep(context: HydraContext, config: DictConfig, params: Mapping[str, Any], given: Sequence[str]) -> list[End]:
    """Raises InputError before anything is written, and RunError where runs have failed."""
    composer = Composer(context.config_loader, config)
    found = checked(composer, Path(config.hydra.sweep.dir), expand(context.config_loader, params, given))
    predict = forecast.predictor(composer.compose)
    launchers.check(config.hydra.launcher)
    if found.dry_run:
        forecast.say_each(found.runs, found.folder, predict)
        return []
    names = [run.name for run in found.runs]
    if files.complete(found.folder, names):  # nothing is written: the disk may be read-only
        forecast.say_all(found.runs, found.folder)
        for run in found.runs:
            leave(run, found.folder)
        return []
    with exiting(found.folder), hold(found.folder):
        record.settle(found.folder)
        files.write_runs(found.folder, names)
        here = launchers.in_process(config.hydra.launcher)
        forecast.say_all(found.runs, found.folder, predict if here else None, found.together)
        try:
            ends = [*_copied(found, composer), *_launched(found, context, config)]
        except Interrupted as signal:
            finished = sum(files.finished(found.folder / name) for name in names)
            are = "is" if len(names) == 1 else "are"
            text = f"{finished} of {plural(len(names), 'run')} {are} finished; the same command goes on with the rest"
            if signal.epoch is not None:
                text += f", the first of them after epoch {signal.epoch}"
            raise Interrupted(cast(int, signal.code), text) from signal
        say_skipped(ends)
        report(ends, found)
    return ends


def checked(composer: Composer, folder: Path, expanded: Iterable[list[str]]) -> Sweep:
    """Composes and checks every run. Raises InputError, with the key that is to blame."""
    runs, data, built, given, of_all = [], set(), set(), [], {}
    expanded = list(expanded)
    for number, texts in enumerate(expanded, start=1):
        config, chosen = composer.compose(texts)
        of_all = values = schema.check(config).values
        given.append(overrides.overridden(texts, chosen, values))
        runs.append(Run.of(f"[{number}/{len(expanded)}] ", texts, chosen, values))
        files.check_own(folder / runs[-1].name)
        networks.check_kept(folder / runs[-1].name, runs[-1].kept)
        data.add(repr(values["data"] | {"inputs": None, "labels": None}))
        built.add(repr([values[group] for group in ("model", "objective", "aggregator")]))
    if repeated := sorted(name for name, times in Counter(run.name for run in runs).items() if times > 1):
        raise InputError(f"{repeated[0]} is in this sweep more than once: vary what runs differ in (seed=0,1)")
    _check_trial(of_all, len(runs))
    differ = sorted(varied(given))
    runs = [replace(run, varied=differ) for run in runs]
    return Sweep(folder, runs, of_all["trainer"]["together"], of_all["dry_run"], len(data) == 1, len(built) == 1)


def _check_trial(values: Mapping[str, Any], runs: int) -> None:
    """Raises InputError where several runs would be one trial of a W&B sweep."""
    if runs > 1 and of_an_agent(values["logger"]):
        raise InputError(f"logger.wandb.agent = true is for one run, a trial of a W&B sweep; these are {runs:,}")


def stacks(runs: Iterable[Run], most: int) -> list[list[Run]]:
    """Runs that can train together, at most so many: of all runs of a sweep, whatever has become of them, so that one
    that is started again makes the same stacks, in the order of their first."""
    alike: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        alike[run.stack].append(run)
    cut = [group[at : at + most] for group in alike.values() for at in range(0, len(group), most)]
    order = {run.name: number for number, run in enumerate(runs)}
    return sorted(cut, key=lambda group: order[group[0].name])


def _copied(found: Sweep, composer: Composer) -> list[End]:
    """Says what has finished, and copies runs that have in another sweep."""
    ends = []
    for run in found.runs:
        folder = found.folder / run.name
        if files.finished(folder):
            leave(run, found.folder)
        elif networks.twin(folder, run.kept):
            ends.append(train(Job.of(folder, run.overrides, *composer.compose(run.overrides))))
            say(run.label, ends[-1], found.folder)
    return ends


def left(found: Sweep) -> list[list[Run]]:
    """The stacks, without runs that have finished."""
    groups = stacks(found.runs, found.together)
    groups = [[run for run in group if not files.finished(found.folder / run.name)] for group in groups]
    return [group for group in groups if group]


def _launched(found: Sweep, context: HydraContext, config: DictConfig) -> list[End]:
    """A job a stack, under the overrides of its first run; the task, which launchers carry, knows the others."""
    groups = left(found)
    if not groups:  # submitit refuses an empty list
        return []
    fresh = sum(map(len, groups)) == len(found.runs)
    task = Task(groups, found.folder, found.same_data and fresh, found.same_network)
    launcher = Plugins.instance().instantiate_launcher(hydra_context=context, task_function=task, config=config)
    returned: Sequence[JobReturn] = ()
    folders = [[found.folder / run.name for run in group] for group in groups]
    with launchers.stopping(config.hydra.launcher, folders) as jobs, ExitStack() as after:
        if not launchers.in_process(config.hydra.launcher):
            after.callback((found.folder / JOBS).unlink, missing_ok=True)
            task.send()
        try:
            returned = launcher.launch([group[0].overrides for group in groups], initial_job_idx=0)
        except Exception as error:  # a process died: joblib gives back nothing of any job
            if signal := interruption(error):
                raise signal from error
            print(f"rotelab: the launcher gave up: {type(error).__name__}: {first_line(error)}", file=sys.stderr)
            returned = launchers.returned(jobs)
    launched = [run for group in groups for run in group]
    ends = ended(returned, [run.name for run in launched], found.folder)
    if launchers.of_submitit(config.hydra.launcher):
        labels = {run.name: run.label for run in launched}
        for end in ends:
            if not end.error:
                say(labels[end.name], end, found.folder)
    return ends


def ended(returned: Iterable[JobReturn], names: Iterable[str], folder: Path) -> list[End]:
    """The ends of runs that were launched: by what jobs returned, or else by what lies on the disk."""
    ends: list[End] = []
    for job in returned:
        try:
            ends += job.return_value
        except Exception:  # of the task itself, as what a run raises is in its end
            traceback.print_exc()
    lost = set(names) - {end.name for end in ends}
    return ends + [
        End(name, error=RunError("not finished: its job was lost, or is still at work"))
        for name in names
        if name in lost and not files.finished(folder / name)
    ]


def report(ends: Iterable[End], found: Sweep) -> None:
    """Raises RunError with a line for each run that failed, and InputError where none can work."""
    ends = list(ends)
    if len(ends) == len(found.runs):
        check_use(ends, found.same_data, found.same_network)
    errors = {end.name: end.error for end in ends if end.error}
    if errors:
        lines = (f"\nrotelab: {run.name}: {errors[run.name]}" for run in found.runs if run.name in errors)
        raise RunError(f"{len(errors)} of {plural(len(found.runs), 'run')} failed:{''.join(lines)}")
