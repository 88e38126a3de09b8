"""Section 4: the norm of the first layer's gradient under Eq. (1) and Eq. (3).

Both axes are logarithmic beyond epoch 1; orange is gradient splitting, blue plain training, on the left by the
gradient over all training batches, on the right by that of the epoch's last batch, which is what the author recorded.
The paper says where the norm peaks and where it ends: compare the heights of both peaks, and how far each curve has
fallen at its right end.
"""

import pandas
from matplotlib.figure import Figure

from rotelab.experiments.experiment import Experiment
from rotelab.experiments.gradient_splitting.fig1 import OBJECTIVES, kinds
from rotelab.figures import curves, style
from rotelab.results.lines import Line, check_seeds, rows

PANELS = {
    "gradient_norm": "of all training batches",
    "last_batch_gradient_norm": "of the epoch's last batch, as recorded",
}


def lines(table: pandas.DataFrame, metric: str) -> list[Line]:
    """Both objectives, on the first of the sweep's choices of what is unlearned."""
    kind = kinds(table)[0]
    return [
        Line(name, {"objective": objective, "data/split": kind}, color, "first_layer", metric=metric)
        for objective, (name, color) in OBJECTIVES.items()
    ]


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """Both axes logarithmic; the record of these norms is one series of unknown setting, and is not laid over."""
    figure, panels = style.axes(2)
    for panel, (metric, name) in zip(panels, PANELS.items(), strict=True):
        shown = lines(table, metric)
        check_seeds(table, shown)
        curves.draw(panel, table, shown)
        panel.set_xscale("symlog", linthresh=1)
        panel.set(yscale="log", ylabel="norm of the first layer's gradient", xlim=(0, None))
        panel.set_title(name, fontsize=8)
        style.legend_below(panel)
    return figure


def extremes(table: pandas.DataFrame, line: Line) -> pandas.DataFrame:
    """(seed, peak, epoch of the peak, end): the greatest and the last norm of each run."""
    found = []
    for seed, run in rows(table, line).sort_values("epoch").groupby("seed"):
        peak = run.loc[run.value.idxmax()]
        found.append((seed, peak.value, int(peak.epoch), run.value.iloc[-1]))
    return pandas.DataFrame(found, columns=["seed", "peak", "epoch", "end"])


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    texts = []
    for metric, name in PANELS.items():
        for line in lines(table, metric):
            found = extremes(table, line)
            texts.append(
                f"{line.label}, {name}: peak {found.peak.min():.3g} to {found.peak.max():.3g} at epochs "
                f"{found.epoch.min()} to {found.epoch.max()}, at the end {found.end.min():.3g} to {found.end.max():.3g}"
            )
    return "\n".join(texts)


EXPERIMENT = Experiment(draw, summary)
