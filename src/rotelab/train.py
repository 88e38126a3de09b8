"""The command line: compose, check, instantiate, fit, write the result.

    python -m rotelab.train objective=threshold objective.k=0.2
    python -m rotelab.train sweep=fig1 scale=demo

Exit codes: 0, all went well; 1, a run failed; 2, the configuration or the data can't be used; 130, Ctrl-C;
143, SIGTERM. torch is imported only when a run begins.
"""

import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from rotelab import arguments, identity, results, schema, sweep
from rotelab.choices import CONF
from rotelab.errors import RunError
from rotelab.exits import exiting, print_unfailingly
from rotelab.locks import hold

identity.register_resolvers()


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="train")
def _task(cfg: DictConfig) -> None:
    print_unfailingly()  # in the process of a launcher as well
    settings, cfg = HydraConfig.get(), OmegaConf.create(schema.values(cfg))
    sweep.attempt(cfg, settings, Path(settings.runtime.output_dir), lambda folder: _train(cfg, folder))


def _train(cfg: DictConfig, folder: Path) -> str | Exception:
    """The run of this folder, together with others of its sweep where that is wanted and possible."""
    if jobs := sweep.companions(folder):
        gc.collect()  # of the stack before, which may be large: a device's allocator does not look for it
        try:
            train_together(jobs)
        except Exception as reason:  # whoever is to blame fails by itself, and the others go on
            sweep.leave_alone(folder, reason)
        gc.collect()
    if end := sweep.take(folder):
        return end
    return train(cfg, folder)


def train(cfg: DictConfig, folder: Path) -> str:
    """Run a composed config in ``folder``, anew if it holds an unfinished run; one line on how it ended."""
    config, about = schema.check(cfg), _about(cfg, HydraConfig.get())
    with hold(folder):
        if results.finished(folder):  # by a process that held the folder until now
            return "finished meanwhile"
        _begin(cfg, folder)
        if twin := results.adopt(folder, about):
            return f"the same run as in {twin.parent.name}, copied"

        from rotelab.instantiate import loggers, recipe  # these import torch and lightning, which takes seconds
        from rotelab.progress import ProgressBar
        from rotelab.run import fit

        try:
            observers = [ProgressBar()] if config.trainer.progress else []
            observers += loggers(cfg, config, folder, group=folder.parent.name)
            outcome = fit(recipe(cfg, config), folder / results.CURVE, observers)
            results.write_result(folder, about, outcome)
            sweep.skipped(outcome.skipped)
        except Exception:
            _failed(folder, traceback.format_exc())
            raise
    return _line(outcome)


def train_together(jobs: Sequence[tuple[DictConfig, Path]]) -> None:
    """Run composed configs of a sweep, with their hydra nodes, at once, each in its folder; ``sweep`` is told how each
    ended. Raises CannotStack where they don't go together, or no longer."""
    from rotelab.instantiate import loggers, recipes
    from rotelab.progress import ProgressBar
    from rotelab.together import fit_together

    with ExitStack() as held:
        for _, folder in jobs:
            held.enter_context(hold(folder))
        for _, folder in jobs:
            if results.finished(folder):  # by a process that held the folder until now
                sweep.remember(folder, "finished meanwhile")
        jobs = [(cfg, folder) for cfg, folder in jobs if not results.finished(folder)]
        if not jobs:
            return
        cfgs = [OmegaConf.create(schema.values(cfg)) for cfg, _ in jobs]
        configs, folders = [schema.check(cfg) for cfg in cfgs], [folder for _, folder in jobs]
        abouts = [_about(plain, cfg.hydra) for plain, (cfg, _) in zip(cfgs, jobs, strict=True)]
        for cfg, folder in zip(cfgs, folders, strict=True):
            _begin(cfg, folder)
        observers = [
            loggers(cfg, config, folder, group=folder.parent.name)
            for cfg, config, folder in zip(cfgs, configs, folders, strict=True)
        ]

        def ended(number: int, end: "rotelab.run.Outcome | RunError") -> None:  # noqa: F821
            folder = folders[number]
            if isinstance(end, RunError):
                _failed(folder, "".join(traceback.format_exception(end)))
                sweep.remember(folder, end)
            else:
                results.write_result(folder, abouts[number], end)
                sweep.remember(folder, f"{_line(end)}, {len(folders)} together")
                sweep.skipped(end.skipped)

        bars = [ProgressBar()] if configs[0].trainer.progress else []
        curves = [folder / results.CURVE for folder in folders]
        fit_together(recipes(cfgs, configs), curves, observers, ended, bars)


def _begin(cfg: DictConfig, folder: Path) -> None:
    for name in (results.CURVE, results.FAILURE):
        (folder / name).unlink(missing_ok=True)
    OmegaConf.save(cfg, folder / results.CONFIG, resolve=True)


def _failed(folder: Path, text: str) -> None:
    with suppress(OSError):  # the disk may be full
        (folder / results.FAILURE).write_text(text)


def _line(outcome: "rotelab.run.Outcome") -> str:  # noqa: F821
    from rotelab.progress import accuracies

    return f"{outcome.epochs} epochs, {outcome.steps} steps, {outcome.seconds:.0f} s: {accuracies(outcome.metrics)}"


def _about(cfg: DictConfig, settings: DictConfig) -> dict[str, Any]:
    """What a result says of its config: the names of the choices, what was overridden, all of it, its digest."""
    config = OmegaConf.to_container(cfg, resolve=True)
    choices = settings.runtime.choices
    overrides = [text.partition("=") for text in settings.overrides.task]
    groups = ("objective", "model", "data")
    return {
        "choices": {group: choices[group] for group in groups},
        "overrides": {
            key: choices[key] if key in choices else _plain(OmegaConf.select(cfg, key))
            for key, _, _ in overrides
            if identity.names_runs(key)
        },
        "config": config,
        "science": identity.science(config),
        "digest": identity.digest(config),
    }


def _plain(value: Any) -> Any:
    return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # before Lightning, whose handler ends with 0
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    os.environ["HYDRA_FULL_ERROR"] = "1"  # errors come here, instead of being printed by Hydra
    with exiting():
        sys.argv[1:] = [arguments.expanded(argument) for argument in sys.argv[1:]]
        arguments.check(sys.argv[1:])
        sys.argv[1:] = arguments.named(sys.argv[1:])
        _task()
    sys.exit(sweep.report())


if __name__ == "__main__":
    from rotelab.train import main  # by its module's name, under which a launcher's processes import the task

    main()
