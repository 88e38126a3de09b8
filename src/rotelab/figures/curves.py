"""What most figures are made of: learning curves of groups of runs, over epochs or optimizer steps."""

from collections.abc import Sequence
from dataclasses import replace

import pandas
from matplotlib.axes import Axes

from rotelab.figures import reference, style
from rotelab.plurals import plural
from rotelab.results.lines import Line, chance, last, mean, reached, rows, some, spread, steps_per_epoch


def draw(
    panel: Axes,
    table: pandas.DataFrame,
    lines: Sequence[Line],
    record: pandas.DataFrame | None = None,
    x: str = "epoch",
) -> None:
    """Mean, band of the seeds and thin single runs of each line, dead ones with a cross; the recorded curve dashed and
    thin in its colour; dotted, of accuracies, that of a guess."""
    for line in lines:
        runs = rows(table, line)
        style.seeds(panel, runs, x, line.color, line.linestyle, line.label)
        style.deaths(panel, runs, x, line.color)
        if record is not None and line.recorded:
            recorded = reference.curve(record, line.recorded, line.split)
            per_epoch = 1.0 if x == "epoch" else steps_per_epoch(table, line)
            panel.plot(
                recorded.index * per_epoch, recorded, color=line.color, linestyle=(0, (4, 2)), linewidth=0.8, alpha=0.7
            )
    if all(line.metric == "accuracy" and line.split != "gap" for line in lines):
        style.chance(panel, chance(table))
    panel.set(xlabel={"epoch": "epochs", "step": "optimizer steps"}[x], xlim=(0, None))
    if x == "step":  # sets of different size: logarithmic from the first epoch of the smallest on
        panel.set(xscale="log", xlim=(table.step[table.step > 0].min(), None))
    style.counted(panel)


def summary(table: pandas.DataFrame, lines: Sequence[Line], record: pandas.DataFrame | None = None) -> str:
    """Each line's last values, least to greatest over the seeds, and when its levels were reached, on average.

    With a ``record``, how far our curves are from the recorded ones as well.
    """
    texts = []
    for line in lines:
        final = last(table, line)
        where = line.split.replace("_", "-")
        text = f"{line.label}: {where} {spread(final.value, '.3f')} after {plural(spread(final.epoch, 'd'), 'epoch')}"
        for level, at in reached(table, line).groupby("level"):
            share = some(len(at), len(final))
            epochs, steps = (plural(f"{of.mean():.0f}", what) for of, what in ((at.epoch, "epoch"), (at.step, "step")))
            text += f"; {level} after {epochs}, {steps}{share}"
        texts.append(text)
    if record is not None:
        texts.append(distances(table, lines, record))
    return "\n".join(texts)


def distances(table: pandas.DataFrame, lines: Sequence[Line], record: pandas.DataFrame) -> str:
    """How far our mean curves are from the recorded ones by epoch, like for like where that can be."""
    texts = []
    for line in lines:
        recorded = reference.curve(record, line.recorded, line.split) if line.recorded else None
        if line.recorded is None or recorded is None or recorded.empty:
            continue
        metric = reference.metric(record, line.recorded, line.split)
        alike = replace(line, metric=metric) if metric else line
        if rows(table, alike).empty:
            metric, alike = None, line
        kind = {"legacy_accuracy": "measured like it", "accuracy": "honest both"}.get(metric, "not like for like")
        far = reference.distance(mean(table, alike), recorded)
        texts.append(f"{line.label}: {line.split.replace('_', '-')} at most {far:.3f} from {line.recorded} ({kind})")
    return "\n".join(texts)
