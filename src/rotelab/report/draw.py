"""Draws an experiment: of the folders of its sweeps, or, where it needs no runs, of what it measures now.

python -m rotelab.report.draw fig1 --scale demo
"""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import pandas
from matplotlib.figure import Figure

from rotelab.config import choices
from rotelab.config.exits import exiting
from rotelab.config.flags import Flags
from rotelab.errors import InputError, Refusal, RunError
from rotelab.experiments import catalogue
from rotelab.experiments.experiment import Experiment
from rotelab.figures import reference, style
from rotelab.report import draw_exact
from rotelab.results import describe, files
from rotelab.results.table import load_sweep, thin


@exiting()
def main() -> None:
    """.png, .pdf, and the numbers that the figure shows as .csv."""
    epilog = "experiments:\n  " + "\n  ".join(catalogue.names())
    parser = Flags(__doc__, epilog=epilog)
    parser.add_argument("name", help="of the experiment, such as fig1 or gradient_splitting/fig1")
    parser.add_argument("sweep", type=Path, nargs="*", default=[], help="the folders of its sweeps (else by --scale)")
    parser.add_argument(
        "--results", type=Path, default=choices.results(), help="where results lie (default: %(default)s)"
    )
    parser.add_scale()
    parser.add_argument("--out", type=Path, help="figures are written to OUT/WORK (default: the first sweep's folder)")
    parser.add_argument("--title", help="what the images are, for the caption (default: the folder's name)")
    parser.add_argument("--images", help="a folder, <images>/train/<class>/* and test, for an experiment without runs")
    parser.add_argument("--reference", type=Path, help=f"a folder with the author's {reference.FILE}, drawn dashed")
    options = parser.parse_args()
    name = catalogue.full(options.name)
    experiment = catalogue.module(name).EXPERIMENT
    print((_draw if experiment.of_runs else draw_exact.draw)(name, experiment, options))


def _draw(name: str, experiment: Experiment, options: Namespace) -> str:
    """Write the figure of runs, and its numbers, thinned; what was seen, in words."""
    folders = [files.sweep_folder(sweep, options.scale) for sweep in catalogue.sweeps(name)]
    sweeps = options.sweep or [options.results / folder for folder in folders]
    work, _, file = name.partition("/")
    out = (options.out / work if options.out else sweeps[0]).expanduser()
    try:
        record = reference.load(options.reference) if options.reference else None
        made, table, text = figure(name, sweeps, record, options.title)
    except InputError:
        raise
    except (FileNotFoundError, Refusal) as error:
        raise RunError(str(error)) from error
    with exiting(out):
        paths = style.save(made, out, file)
        thin(table, losses=experiment.losses).to_csv(out / f"{file}.csv", index=False, float_format="%.5g")
    return f"{text}\nthe picture: {', '.join(map(str, paths))}"


def figure(
    name: str, sweeps: Sequence[Path], record: pandas.DataFrame | None = None, title: str | None = None
) -> tuple[Figure, pandas.DataFrame, str]:
    """Of an experiment, by its full name, from the folders of its sweeps: with its table, and what was seen in words.

    Raises FileNotFoundError or a Refusal where runs are missing.
    """
    experiment = catalogue.module(name).EXPERIMENT
    table = pandas.concat([load_sweep(sweep) for sweep in sweeps], ignore_index=True)
    text = experiment.summary(table, record)
    note = list(experiment.note(table))
    if record is not None and any(series in text for series in record.series.unique()):
        note.append("dashed: the author's recorded runs")
    drawn = experiment.draw(table, record)
    settings = [catalogue.work(name.partition("/")[0]).title, *describe.sweeps(sweeps, title)]
    style.caption(drawn, catalogue.shows(name), note, settings)
    return drawn, table, text


if __name__ == "__main__":
    main()
