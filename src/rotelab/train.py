"""The command line: compose, check, train, write the result.

    python -m rotelab.train objective=threshold objective.k=0.2
    python -m rotelab.train sweep=fig1 scale=demo
    python -m rotelab.train --images ~/cats_and_dogs

Exit codes: 0, all went well; 1, a run failed; 2, the configuration or the data can't be used; 130, Ctrl-C;
143, SIGTERM; 138, SIGUSR1. torch is imported only when a run begins. Sweeps go to ``hydra_plugins.rotelab_sweeper``.
"""

import os
import signal
import sys
import time
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from rotelab.config import arguments, help, nodes, schema
from rotelab.config.choices import CONF
from rotelab.config.exits import Interrupted, exiting, interrupt
from rotelab.errors import InputError
from rotelab.results import files, networks, states
from rotelab.sweeps import forecast
from rotelab.sweeps.job import Job, draw, tell_agent, train
from rotelab.sweeps.search import trial
from rotelab.sweeps.task import Run, leave, say, say_skipped
from rotelab.system import signals


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="train")
def _single(config: DictConfig) -> float | None:
    """A run that is no part of a sweep. Ends the process where it can't be trained: Hydra would say that twice. Or a
    trial of another sweeper than ours, which is told what becomes of it."""
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        return trial(config)
    with exiting():
        _train(config)
    return None


def _train(config: DictConfig) -> None:
    settings = HydraConfig.get()
    texts, chosen = nodes.written(settings.overrides.task), nodes.written(settings.runtime.choices)
    values = schema.check(config).values
    if values["name"] is not None:
        raise InputError(f"name = {values['name']} names the folder of a sweep (-m): this is a single run")
    run, folder = Run.of("", texts, chosen, values), Path(values["results"]) / files.SINGLE
    files.check_own(folder / run.name)
    networks.check_kept(folder / run.name, run.kept)
    if values["dry_run"]:
        forecast.say_each([run], folder, forecast.predictor(lambda _: (config, chosen)))
        return
    job = Job.of(folder / run.name, texts, config, chosen)
    if files.finished(folder / run.name):
        leave(run, folder)
        tell_agent(job)
    else:
        end = train(job)
        if values["draw"] and not end.error:
            draw(folder / run.name)
        if isinstance(end.error, InputError):
            states.forget(job.folder, time.time())
        else:
            say(run.label, end, folder)
        say_skipped([end])
        tell_agent(job)
        if end.error:
            raise type(end.error)(f"{run.name}: {end.error}")


def main() -> None:
    for number in signals.ENDING:  # before Lightning, whose handler ends with 0
        signal.signal(number, interrupt)
    os.environ["HYDRA_FULL_ERROR"] = "1"  # errors come here, instead of being printed by Hydra
    try:
        with exiting():
            if not sys.stderr.isatty():
                os.environ.setdefault("NO_COLOR", "1")  # Optuna would colour a file
            sys.argv[1:] = [arguments.expanded(argument) for argument in arguments.images(sys.argv[1:])]
            arguments.check(sys.argv[1:])
            if {"--help", "-h"} & set(sys.argv[1:]):
                print(help.page([text for text in sys.argv[1:] if not text.startswith("-")]))
                return
            sys.argv[1:] = arguments.named(sys.argv[1:])
            _single()
    except Interrupted as signal_:
        print(f"interrupted: {signal_.text}", file=sys.stderr, flush=True)
        raise


if __name__ == "__main__":
    main()
