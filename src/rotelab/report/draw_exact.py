"""Draws an experiment that needs no runs: it is measured at a scale, on images where it is of any."""

from argparse import Namespace
from pathlib import Path

from rotelab.config.exits import exiting
from rotelab.errors import InputError, Refusal, RunError, check_one_of
from rotelab.experiments import catalogue
from rotelab.experiments.experiment import Exact
from rotelab.figures import style
from rotelab.files import check_writable
from rotelab.results import files


def draw(name: str, experiment: Exact, options: Namespace) -> str:
    """Write the figure and its numbers; what was seen, in words. InputError for an unknown scale and bad images."""
    check_one_of("--scale", options.scale, *experiment.scales)
    scale, (work, _, file) = experiment.scales[options.scale], name.partition("/")
    own = options.results / files.sweep_folder(name, options.scale)
    out = (options.out / work if options.out else own).expanduser()
    with exiting(out):
        check_writable(out)
    try:
        table = experiment.measure(scale, options.images)
    except InputError:
        raise
    except Refusal as error:
        raise RunError(str(error)) from error
    figure, settings = experiment.draw(table), [f"scale {options.scale}", *experiment.describe(scale)]
    if experiment.images:
        folder = Path(options.images).expanduser().resolve().name if options.images else "digits"
        settings.insert(0, options.title or folder)
    style.caption(figure, catalogue.shows(name), [catalogue.work(work).title, *settings])
    with exiting(out):
        paths = style.save(figure, out, file)
        table.to_csv(out / f"{file}.csv", index=False, float_format="%.6g")
    return f"{experiment.summary(table)}\nthe picture: {', '.join(map(str, paths))}"
