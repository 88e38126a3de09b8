"""The command line: compose, check, instantiate, fit, write the result.

    python -m rotelab.train objective=threshold objective.k=0.2
    python -m rotelab.train sweep=fig1 scale=demo

Exit codes: 0, all went well; 1, a run failed; 2, the configuration or the data can't be used; 130, Ctrl-C;
143, SIGTERM; 138, SIGUSR1. torch is imported only when a run begins.
"""

import gc
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from rotelab import signals
from rotelab.config import arguments, identity, schema
from rotelab.config.choices import CONF
from rotelab.config.exits import Interrupted, exiting, interrupt, interruption, print_for_people
from rotelab.errors import Notice, RunError
from rotelab.results import files, record
from rotelab.results.locks import hold
from rotelab.sweeps import sweep
from rotelab.training.duration import in_words

identity.register_resolvers()


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="train")
def _task(cfg: DictConfig) -> None:
    print_for_people()  # in the process of a launcher as well
    settings, cfg = HydraConfig.get(), schema.normal(cfg)
    sweep.attempt(cfg, settings, Path(settings.runtime.output_dir), lambda folder: _train(cfg, folder))


def _train(cfg: DictConfig, folder: Path) -> str | Exception:
    """The run of this folder, together with others of its sweep where that is wanted and possible."""
    if jobs := sweep.companions(folder):
        gc.collect()  # of the stack before, which may be large: a device's allocator does not look for it
        try:
            train_together(jobs)
        except Exception as reason:  # whoever is to blame fails by itself, and the others go on
            if signal_ := interruption(reason):
                raise signal_ from reason
            sweep.leave_alone(folder, reason)
        gc.collect()
    if end := sweep.take(folder):
        return end
    return train(cfg, folder)


def train(cfg: DictConfig, folder: Path) -> str:
    """Run a composed config in ``folder``, anew if it holds an unfinished run; one line on how it ended."""
    config, settings = schema.check(cfg), HydraConfig.get()
    about = _about(cfg, settings)
    with hold(folder):
        if files.finished(folder):  # by a process that held the folder until now
            return "finished meanwhile"
        _begin(cfg, folder)
        if twin := record.adopt(folder, about):
            line = f"the same run as in {twin.parent.name}, copied"
        else:
            line = _fit(cfg, config, folder, about)
        if config.draw and settings.mode == RunMode.RUN:  # a sweep has a figure of its own
            _draw(folder)
    return line


def _fit(cfg: DictConfig, config: schema.Config, folder: Path, about: dict[str, Any]) -> str:
    """Train, and write the result; one line on how it ended."""
    from rotelab.config.instantiate import observers, recipe  # these import torch and lightning, which takes seconds
    from rotelab.training.progress import ProgressBar
    from rotelab.training.run import fit

    try:
        bars = [ProgressBar(folder.name, config.trainer.log_every)] if config.trainer.progress else []
        watching = [*bars, *observers(cfg, config, folder, group=folder.parent.name)]
        outcome = fit(recipe(cfg, config), folder / files.CURVE, watching)
        record.write_results({folder: record.result(folder, about, outcome)})
        sweep.skipped(outcome.skipped)
    except Exception:
        _failed(folder, traceback.format_exc())
        raise
    return _line(outcome)


def train_together(jobs: Sequence[tuple[DictConfig, Path]]) -> None:
    """Run composed configs of a sweep, with their hydra nodes, at once, each in its folder; ``sweep`` is told how each
    ended. Raises CannotStack where they don't go together, or no longer."""
    from rotelab.config.instantiate import observers, recipes
    from rotelab.training.progress import ProgressBar
    from rotelab.training.stacks.fit import fit_together

    with ExitStack() as held:
        for _, folder in jobs:
            held.enter_context(hold(folder))
        for _, folder in jobs:
            if files.finished(folder):  # by a process that held the folder until now
                sweep.remember(folder, "finished meanwhile")
        jobs = [(cfg, folder) for cfg, folder in jobs if not files.finished(folder)]
        if not jobs:
            return
        cfgs = [schema.normal(cfg) for cfg, _ in jobs]
        configs, folders = [schema.check(cfg) for cfg in cfgs], [folder for _, folder in jobs]
        abouts = [_about(plain, cfg.hydra) for plain, (cfg, _) in zip(cfgs, jobs, strict=True)]
        for cfg, folder in zip(cfgs, folders, strict=True):
            _begin(cfg, folder)
        watching = [
            observers(cfg, config, folder, group=folder.parent.name)
            for cfg, config, folder in zip(cfgs, configs, folders, strict=True)
        ]

        found: dict[Path, dict[str, Any]] = {}
        lines: dict[Path, str] = {}

        def ended(number: int, end: "rotelab.training.recipe.Outcome | RunError") -> None:  # noqa: F821
            folder = folders[number]
            if isinstance(end, RunError):
                _failed(folder, "".join(traceback.format_exception(end)))
                sweep.remember(folder, end)
            else:
                found[folder] = record.result(folder, abouts[number], end)
                lines[folder] = f"{_line(end)}, {len(folders)} together"
                sweep.skipped(end.skipped)

        def write() -> None:
            """All at once: were the process killed between two, the others would train without these, and round
            otherwise."""
            record.write_results(found)
            for folder, line in lines.items():
                sweep.remember(folder, line)

        name, options = f"{folders[0].name} and {len(folders) - 1} others", configs[0].trainer
        bars = [ProgressBar(name, options.log_every)] if options.progress else []
        curves = [folder / files.CURVE for folder in folders]
        try:
            fit_together(recipes(cfgs, configs), curves, watching, ended, bars)
        except Exception as error:
            if not interruption(error):  # the others go on by themselves
                write()
            raise
        write()


def _draw(folder: Path) -> None:
    """The curve of a run that has finished, which a picture that can't be drawn does not change."""
    try:
        from rotelab.figures import run

        run.save(folder)
    except Exception as error:
        reason = " ".join(str(error).split())
        warnings.warn(f"{folder}: the curve could not be drawn: {reason}", Notice, stacklevel=2)


def _begin(cfg: DictConfig, folder: Path) -> None:
    for name in (files.RESULT, files.CURVE, files.FAILURE):  # a result that is there was damaged
        (folder / name).unlink(missing_ok=True)
    OmegaConf.save(cfg, folder / files.CONFIG, resolve=True)


def _failed(folder: Path, text: str) -> None:
    with suppress(OSError):  # the disk may be full
        (folder / files.FAILURE).write_text(text)


def _line(outcome: "rotelab.training.recipe.Outcome") -> str:  # noqa: F821
    from rotelab.training.progress import accuracies

    counts = f"{outcome.epochs} epochs, {outcome.steps} steps, {in_words(outcome.seconds)}"
    line = f"{counts}: {accuracies(outcome.metrics)}"
    if outcome.dead_since is not None:
        line += f", dead since epoch {outcome.dead_since}: one class, no gradient"
    return line


def _about(cfg: DictConfig, settings: DictConfig) -> dict[str, Any]:
    """What a result says of its config: the names of the choices, what was overridden, all of it, its digest."""
    config = OmegaConf.to_container(cfg, resolve=True)
    choices = settings.runtime.choices
    groups = ("objective", "model", "data")
    return {
        "choices": {group: choices[group] for group in groups},
        "overrides": sweep.overridden(settings, cfg),
        "config": config,
        "science": identity.science(config),
        "digest": identity.digest(config),
    }


def main() -> None:
    for number in signals.ENDING:  # before Lightning, whose handler ends with 0
        signal.signal(number, interrupt)
    os.environ["HYDRA_FULL_ERROR"] = "1"  # errors come here, instead of being printed by Hydra
    try:
        with exiting():
            sys.argv[1:] = [arguments.expanded(argument) for argument in sys.argv[1:]]
            arguments.check(sys.argv[1:])
            sys.argv[1:] = arguments.named(sys.argv[1:])
            _task()
        code = sweep.report()
    except Interrupted:
        print(sweep.interrupted(), file=sys.stderr, flush=True)
        raise
    sys.exit(code)


if __name__ == "__main__":
    from rotelab.train import main  # by its module's name, under which a launcher's processes import the task

    main()
