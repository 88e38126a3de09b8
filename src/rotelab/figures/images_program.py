"""The command line that the figures from images without a sweep share: --scale, --folder, --data, --out."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import pandas
from matplotlib.figure import Figure

from rotelab.errors import InputError
from rotelab.exits import exiting
from rotelab.figures import style

Scale = TypeVar("Scale")


@exiting()
def main(
    name: str,
    description: str,
    scales: Mapping[str, Scale],
    measure: Callable[[Scale, str | None], pandas.DataFrame],
    describe: Callable[[Scale], str],
    draw: Callable[[pandas.DataFrame, str], Figure],
    summary: Callable[[pandas.DataFrame], str],
) -> None:
    """Measure at a scale and draw the figure ``name``: .png, .pdf, and its numbers as .csv."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--scale", choices=scales, default="demo", help="how many images (default: demo)")
    parser.add_argument(
        "--folder", help="images, <folder>/train/<class>/* and <folder>/test/<class>/* (default: digits)"
    )
    parser.add_argument("--data", help="what the images are, for the caption (default: the folder's name)")
    parser.add_argument("--out", type=Path, help=f"where the files go (default: multirun/{name}-SCALE)")
    options = parser.parse_args()
    out = (options.out or Path("multirun") / f"{name}-{options.scale}").expanduser()
    scale = scales[options.scale]
    try:
        table = measure(scale, options.folder)
    except InputError as error:
        parser.exit(2, f"rotelab: {error}\n")
    except ValueError as error:
        parser.exit(1, f"rotelab: {error}\n")
    title = options.data or (Path(options.folder).expanduser().resolve().name if options.folder else "digits")
    figure = draw(table, f"{title}, scale {options.scale}: {describe(scale)}")
    with exiting(out):
        paths = style.save(figure, out, name)
        table.to_csv(out / f"{name}.csv", index=False, float_format="%.6g")
    print(summary(table), f"the picture: {', '.join(map(str, paths))}", sep="\n")
