"""The command line that all figures of sweeps share."""

import argparse
from collections.abc import Callable, Collection
from pathlib import Path

import pandas
from matplotlib.figure import Figure

from rotelab import results
from rotelab.exits import exiting
from rotelab.figures import reference, style

Draw = Callable[[pandas.DataFrame, str, pandas.DataFrame | None], Figure]
Summary = Callable[[pandas.DataFrame, pandas.DataFrame | None], str]


@exiting()
def main(name: str, description: str, draw: Draw, summary: Summary, losses: Collection[str] = ()) -> None:
    """Draw the figure ``name`` of one or more sweeps: .png, .pdf, and the numbers that it shows, thinned, as .csv.

    ``losses`` are the splits whose loss it shows.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("sweep", type=Path, nargs="+", help="the sweep's folder, such as multirun/fig1-demo")
    parser.add_argument("--out", type=Path, help="where to write the figure (default: the first sweep's folder)")
    parser.add_argument("--data", help="what the images are, for the caption (default: the folder's name)")
    parser.add_argument("--reference", type=Path, help=f"a folder with the author's {reference.FILE}, drawn dashed")
    options = parser.parse_args()
    out = (options.out or options.sweep[0]).expanduser()
    try:
        record = reference.load(options.reference) if options.reference else None
        table = pandas.concat([results.load(sweep) for sweep in options.sweep], ignore_index=True)
        caption = f"{results.describe(options.sweep[0], options.data)}\n{style.seeds_caption(table)}"
        text = summary(table, record)
        if record is not None and any(series in text for series in record.series.unique()):
            caption += "; dashed: the author's recorded runs"
        figure = draw(table, caption, record)
    except (FileNotFoundError, ValueError) as error:
        parser.exit(1, f"rotelab: {error}\n")
    with exiting(out):
        paths = style.save(figure, out, name)
        results.thin(table, losses=losses).to_csv(out / f"{name}.csv", index=False, float_format="%.5g")
    print(text)
    print("the picture:", ", ".join(map(str, paths)))
