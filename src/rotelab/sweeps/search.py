"""A run that another sweeper than ours has chosen, such as Optuna's: each is checked as it starts, and the sweeper is
told one number of it."""

from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from rotelab.config import arguments, nodes, resolvers, schema
from rotelab.errors import InputError, RunError, did_you_mean
from rotelab.results import files, networks
from rotelab.sweeps.job import Job, train
from rotelab.sweeps.task import Run, leave, say
from rotelab.tracking import described
from rotelab.tracking.options import of_an_agent

resolvers.register()  # in the processes of a launcher as well


def trial(config: DictConfig) -> float:
    """Train the run in the sweep's folder, where it has not finished before, and return what ``optimize`` names.

    Raises InputError for what can't be used, and RunError where the run fails or has no such number: the sweeper
    decides what that means for the others.
    """
    settings = HydraConfig.get()
    texts, chosen = nodes.written(settings.overrides.task), nodes.written(settings.runtime.choices)
    arguments.check_overrides(texts)
    values, sweeper = schema.check(config).values, f"{arguments.SWEEPER}={chosen[arguments.SWEEPER]}"
    if values["optimize"] is None:
        raise InputError(f"{sweeper} needs a number of each run: optimize=accuracy/held_out, or epochs_to/0.5")
    if values["dry_run"]:
        raise InputError(f"dry_run=true lists the runs of a grid; {sweeper} chooses its runs as it goes")
    if of_an_agent(values["logger"]):
        raise InputError(f"logger.wandb.agent=true is for one run; {sweeper} chooses several")
    run, folder = Run.of("", texts, chosen, values), Path(settings.sweep.dir)
    files.check_own(folder / run.name)
    networks.check_kept(folder / run.name, run.kept)
    if files.finished(folder / run.name):
        leave(run, folder)
    else:
        end = train(Job.of(folder / run.name, texts, config, chosen, [text.partition("=")[0] for text in texts]))
        say(run.label, end, folder)
        if end.error:
            raise type(end.error)(f"{run.name}: {end.error}")
    return value(folder / run.name, values["optimize"])


def value(run: Path, name: str) -> float:
    """A number of the summary of a finished run. Raises RunError where it has none of that name."""
    told = described.ended(run)
    if isinstance(found := told.get(name), int | float):
        return float(found)
    if name.partition("_to/")[0] in described.COUNTED and name.partition("/")[2] in map(str, described.LEVELS):
        raise RunError(f"{run.name} has not come to a train accuracy of {name.partition('/')[2]}: no {name}")
    numbers = [key for key, value in told.items() if isinstance(value, int | float)]
    meant = did_you_mean(name, numbers) or f": there are {', '.join(numbers)}"
    raise RunError(f"{run.name} has no {name} to optimize{meant}")
