"""Train a run, or several together, each in its folder."""

import traceback
import warnings
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

from rotelab.config import identity, overrides, schema
from rotelab.config.exits import interruption
from rotelab.config.named import named
from rotelab.errors import InputError, NetworkError, Notice, Refusal, RunError, is_out_of_memory, sentence
from rotelab.plurals import plural
from rotelab.results import arrays, files, networks, record
from rotelab.results.locks import hold
from rotelab.sweeps.going_on import found, interruptible
from rotelab.system.signals import Waiting
from rotelab.tracking import described
from rotelab.tracking.options import of_an_agent
from rotelab.training.duration import in_words

if TYPE_CHECKING:  # it imports torch
    from rotelab.training.recipe import Outcome


@dataclass(frozen=True)
class Job:
    """A run that is to be trained: its checked config, its folder, and what its result says of it."""

    config: schema.Config
    folder: Path
    about: dict[str, Any]
    varied: Sequence[str] | None = None
    """The overrides in which runs of its sweep differ; None where there is no sweep."""

    @classmethod
    def of(
        cls,
        folder: Path,
        texts: Sequence[str],
        config: DictConfig,
        chosen: Mapping[str, Any],
        varied: Sequence[str] | None = None,
    ) -> "Job":
        """Of a config that was composed with these overrides, and the choices of its groups."""
        checked = schema.check(config)
        values = checked.values
        about = {
            "choices": {group: chosen[group] for group in ("objective", "model", "data")},
            "overrides": overrides.overridden(texts, chosen, values),
            "config": values,
            "science": identity.science(values),
            "digest": identity.digest(values),
        }
        return cls(checked, folder, about, varied)

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def shown(self) -> dict[str, Any]:
        """As dashboards show it."""
        return shown(self.folder, self.about, self.varied)


def shown(folder: Path, about: Mapping[str, Any], varied: Collection[str] | None) -> dict[str, Any]:
    """How dashboards show a run in a folder, of its result or of what that will say: by a ``name`` that says in what
    runs of its sweep differ, in the ``group`` of this, with its work as ``job_type``."""
    ours = named(folder.parent.name)
    return {
        "name": described.title(about, varied),
        "group": folder.parent.name,
        "job_type": ours.work if ours else "run" if varied is None else "sweep",
        "config": described.config(about, folder.name),
    }


@dataclass(frozen=True)
class End:
    """How a run ended: a line, or the error, whose kinds come whole from another process; and image files that it left
    out."""

    name: str
    line: str = ""
    error: InputError | RunError | None = None
    skipped: tuple[str, ...] = ()


def train(job: Job) -> End:
    """Train a run in its folder: from its checkpoint if it has one, else anew; what ends it, but a signal, is in the
    end."""
    with interruptible([job]) as signals:
        try:
            with hold(job.folder):
                if files.finished(job.folder):  # by a process that held the folder until now
                    return End(job.name, "finished meanwhile")
                _begin(job, goes_on=(job.folder / files.CHECKPOINT).exists())
                if twin := record.adopt(job.folder, job.about, job.config.save.wanted):
                    return End(job.name, f"the same run as in {twin.parent.name}, copied")
                return _fit(job, signals)
        except Exception as error:
            if signal_ := interruption(error):
                raise signal_ from error
            return _failed(job, error)


def _fit(job: Job, signals: Waiting) -> End:
    # these import torch and lightning, which takes seconds
    from rotelab.config.instantiate import observers, recipe, recipe_of
    from rotelab.training import fastest
    from rotelab.training.checkpoint import Checkpoints
    from rotelab.training.observer import losing, written
    from rotelab.training.progress import ProgressBar
    from rotelab.training.run import fit
    from rotelab.training.several import several

    path, curve = job.folder / files.CHECKPOINT, job.folder / files.CURVE
    kept = found([job])
    if not kept:
        _remove_past(job)
    try:
        bars = [ProgressBar(job.name, job.config.trainer.log_every)] if job.config.trainer.progress else []
        watching = [*bars, *observers(job.config, job.folder, job.shown)]
        keeping = Checkpoints(path, [curve], job.config.trainer.checkpoint_minutes, signals, kept)
        options, others = job.config.trainer, partial(recipe_of, job.config.values, job.folder.parent)
        with losing(watching):
            made, about = recipe(job.config, job.folder.parent), job.about
            if options.fastest:
                made, ways = fastest.kept(made, Path("~/.cache/rotelab/fastest").expanduser())
                about = about | {"fastest": ways}
            with several(others, options.devices, options.accelerator, keeps=True) as ranks:
                outcome = fit(made, curve, watching, keeping, ranks)
            arrays.keep(job.folder, outcome.arrays)
            result = record.result(job.folder, about, outcome)
            record.write_results({job.folder: result})
        written(watching, result)
    except Exception:
        _note(job, traceback.format_exc())
        raise
    return End(job.name, _line(outcome), skipped=outcome.skipped)


def train_together(jobs: Sequence[Job], ends: dict[str, End]) -> None:
    """Train runs of a sweep at once, each in its folder, from their checkpoint if they have one; ``ends`` gets those
    that there are, by name.

    Raises CannotStack where the runs don't go together, or no longer.
    """
    with interruptible(jobs) as signals, ExitStack() as held:
        for job in jobs:
            held.enter_context(hold(job.folder))
        for job in jobs:
            if files.finished(job.folder):  # by a process that held the folder until now
                ends[job.name] = End(job.name, "finished meanwhile")
        jobs = [job for job in jobs if job.name not in ends]
        if jobs:
            _fit_together(jobs, ends, signals)


def _fit_together(jobs: Sequence[Job], ends: dict[str, End], signals: Waiting) -> None:
    from rotelab.config.instantiate import loggers, observers, recipes
    from rotelab.training.checkpoint import Checkpoints
    from rotelab.training.observer import losing, written
    from rotelab.training.progress import ProgressBar
    from rotelab.training.stacks.checkpoint import OF_A_STACK
    from rotelab.training.stacks.fit import fit_together

    path = jobs[0].folder / files.CHECKPOINT
    kept = found(jobs)
    of_each: dict[str, dict[str, Any]] = dict(kept.about["ended"]) if kept else {}
    """Of those that have left: the result, the line and the files of their ends, or the error."""
    ends.update({name: End(name, error=RunError(of["error"])) for name, of in of_each.items() if "error" in of})
    left = [job for job in jobs if job.name not in of_each]
    for job in left:
        _begin(job, goes_on=kept is not None)

    def ended(number: int, end: "Outcome | RunError") -> None:
        job = left[number]
        if isinstance(end, RunError):
            _note(job, "".join(traceback.format_exception(end)))
            ends[job.name] = _failed(job, end)
            of_each[job.name] = {"error": str(ends[job.name].error)}
        else:
            arrays.keep(job.folder, end.arrays)
            line = f"{_line(end)}, {len(jobs)} together"
            result = record.result(job.folder, job.about, end)
            of_each[job.name] = {"result": result, "line": line, "skipped": end.skipped}

    def write() -> None:
        """All at once: were the process killed between two, the others would train without these, and round
        otherwise."""
        whole = {name: of for name, of in of_each.items() if "result" in of}
        record.write_results({job.folder: whole[job.name]["result"] for job in jobs if job.name in whole})
        path.unlink(missing_ok=True)
        ends.update({name: End(name, of["line"], skipped=tuple(of["skipped"])) for name, of in whole.items()})
        for job in (job for job in jobs if job.name in whole):
            # of one that had left in an earlier sitting nobody looked on in this one
            watching = looking[job.name] if job in left else loggers(job.config, job.folder, job.shown)
            written(watching, whole[job.name]["result"])

    options = jobs[0].config.trainer
    name = f"{left[0].name} and {len(left) - 1} others"
    bars = [ProgressBar(name, options.log_every)] if options.progress else []
    looking = {job.name: observers(job.config, job.folder, job.shown) for job in left}
    curves = [job.folder / files.CURVE for job in jobs]
    keeping = Checkpoints(path, curves, options.checkpoint_minutes, signals, kept, OF_A_STACK, lambda: of_each)
    made = recipes([job.config for job in left], jobs[0].folder.parent)
    curves = [job.folder / files.CURVE for job in left]
    with losing(chain.from_iterable(looking.values())):
        try:
            fit_together(made, curves, [*looking.values()], ended, bars, keeping, len(jobs))
        except Exception as error:
            if not interruption(error):  # the others go on by themselves
                write()
            raise
        write()


def tell_agent(job: Job) -> None:
    """The agent of a W&B sweep waits for the metrics of its trial, also of one that had finished before or was copied;
    nothing where that was told of, or there is no agent."""
    if of_an_agent(job.config.values["logger"]) and files.finished(job.folder):
        from rotelab.config.instantiate import loggers
        from rotelab.training.observer import written

        written(loggers(job.config, job.folder, job.shown), files.read(job.folder)[0])


def _begin(job: Job, goes_on: bool) -> None:
    for name in (files.RESULT, files.FAILURE):  # a result that is there was damaged
        (job.folder / name).unlink(missing_ok=True)
    if not goes_on:
        _remove_past(job)
    OmegaConf.save(OmegaConf.create(job.config.values), job.folder / files.CONFIG)


def _remove_past(job: Job) -> None:
    (job.folder / files.CURVE).unlink(missing_ok=True)
    networks.remove(job.folder)
    arrays.remove(job.folder)


def _note(job: Job, text: str) -> None:
    with suppress(OSError):  # the disk may be full
        (job.folder / files.FAILURE).write_text(text)


def _failed(job: Job, error: Exception) -> End:
    """The end with an error; where it is a fault of the code, it is shown where."""
    reason = explained(error, job.config, job.folder)
    if not isinstance(reason, InputError | RunError):
        traceback.print_exception(reason)
        reason = RunError(f"{type(reason).__name__}: {reason}")
    kind = next(kind for kind in (NetworkError, InputError, RunError) if isinstance(reason, kind))
    return End(job.name, error=kind(str(reason)))  # anew: the other holds the run's tensors


def explained(error: Exception, config: schema.Config, folder: Path) -> Exception:
    """What went wrong in a sentence, where the disk, the memory or what was given is to blame; a fault as it is."""
    if isinstance(error, OSError):
        return RunError(sentence(error, folder))
    if isinstance(error, Refusal) and not isinstance(error, InputError):  # of a measure, for one
        return RunError(str(error))
    if is_out_of_memory(error):
        wide = [f"model.{key}" for key in ("width", "widths", "head_classes") if config.values["model"].get(key)]
        smaller = ", ".join([*wide, "data.batch_size", "data.size", "data.side"])
        return RunError(f"there is not enough memory for this run: make one of {smaller} smaller")
    return error


def _line(outcome: "Outcome") -> str:
    from rotelab.training.progress import accuracies

    counts = f"{plural(outcome.epochs, 'epoch')}, {plural(outcome.steps, 'step')}, {in_words(outcome.seconds)}"
    line = f"{counts}: {accuracies(outcome.metrics)}"
    if outcome.dead_since is not None:
        line += f", dead since epoch {outcome.dead_since}: one class, no gradient"
    return line


def draw(folder: Path) -> None:
    """The curve of a run that has finished, which a picture that can't be drawn does not change."""
    try:
        from rotelab.figures import run

        run.save(folder)
    except Exception as error:
        reason = " ".join(str(error).split())
        warnings.warn(f"{folder}: the curve could not be drawn: {reason}", Notice, stacklevel=2)
