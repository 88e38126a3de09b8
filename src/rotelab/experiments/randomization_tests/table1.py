"""Tables 1 and 4: regularizers on five networks, on true and random labels.

A row is a network with some of its regularizers switched off, a cell an accuracy in percent: the mean and, in
brackets, the range of the seeds; * where a run never fitted its train split. Rows of one network that differ little
on test images say that its regularizers are not what makes it generalize.
"""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import pandas
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from rotelab.errors import Refusal
from rotelab.experiments.experiment import Experiment
from rotelab.experiments.randomization_tests.fig1b import FRACTION
from rotelab.figures import networks, style
from rotelab.plurals import plural
from rotelab.results.lines import Line, check_seeds, last

AUGMENTATION, WEIGHT_DECAY = "data/augmentation", "optimizer.weight_decay"
CROP = "random_crop"
LABELS = {0: "true labels", 1: "random labels"}


class Setting(NamedTuple):
    """A network with its regularizers: one row of the table."""

    network: str
    crop: bool
    decay: bool


PAPER = {
    Setting("inception", True, True): {0: ("100.0", "89.05")},
    Setting("inception", True, False): {0: ("100.0", "89.31"), 1: ("99.93", "-")},
    Setting("inception", False, True): {0: ("100.0", "86.03"), 1: ("100.0", "-")},
    Setting("inception", False, False): {0: ("100.0", "85.75"), 1: ("100.0", "9.78")},
    Setting("inception_no_bn", False, True): {0: ("100.0", "83.00")},
    Setting("inception_no_bn", False, False): {0: ("100.0", "82.00"), 1: ("100.0", "10.12")},
    Setting("alexnet", True, True): {0: ("99.90", "81.22")},
    Setting("alexnet", True, False): {0: ("99.82", "79.66")},
    Setting("alexnet", False, True): {0: ("100.0", "77.36"), 1: ("fails", "-")},
    Setting("alexnet", False, False): {0: ("100.0", "76.07"), 1: ("99.82", "9.86")},
    Setting("mlp_3x512", False, True): {0: ("100.0", "53.35"), 1: ("100.0", "-")},
    Setting("mlp_3x512", False, False): {0: ("100.0", "52.39"), 1: ("100.0", "10.48")},
    Setting("mlp_1x512", False, True): {0: ("99.80", "50.39"), 1: ("99.21", "-")},
    Setting("mlp_1x512", False, False): {0: ("100.0", "50.51"), 1: ("99.34", "10.61")},
}
"""Train and test accuracy in percent, by fraction of random labels. With random labels and a regularizer the paper
(Table 4) has the train accuracy alone, and AlexNet with weight decay "fails to converge"."""
OF_SETTING = ("network", "random\ncrop", "weight\ndecay")
OURS, THEIRS = ("train, %", "test, %", "epochs to fit"), ("paper:\ntrain", "paper:\ntest")
HEADER = (*OF_SETTING, *(f"{name}:\n{of}" for name in LABELS.values() for of in OURS + THEIRS))
WIDTHS = (1.75, 0.65, 0.65, *(1.55, 1.4, 1.05, 0.95, 0.95) * 2)
"""Of the columns, in proportion."""


def line(table: pandas.DataFrame, setting: Setting, fraction: int, split: str = "train") -> Line:
    """ValueError, with a sentence, where the sweep has not one weight decay besides none."""
    decays = sorted(value for value in table.get(WEIGHT_DECAY, pandas.Series()).dropna().unique() if value)
    if setting.decay and len(decays) != 1:
        raise Refusal(f"there has to be one {WEIGHT_DECAY} besides 0, and not {decays or 'none'}")
    where = {
        "network": setting.network,
        FRACTION: fraction,
        AUGMENTATION: CROP if setting.crop else "none",
        WEIGHT_DECAY: decays[0] if setting.decay else 0,
    }
    label = f"{networks.NETWORKS[setting.network].name}, {LABELS[fraction]}"
    return Line(label, where, networks.NETWORKS[setting.network].color, split)


def settings(table: pandas.DataFrame) -> list[Setting]:
    """In the paper's order: every network with every regularizer of the sweep.

    Raises Refusal, with a sentence, where it is none of Table 1.
    """
    if {FRACTION, AUGMENTATION, WEIGHT_DECAY} - set(table):
        raise Refusal(f"this table needs runs of sweep=table1, which names {AUGMENTATION} and {WEIGHT_DECAY}")
    crops = [crop for crop in (True, False) if (CROP if crop else "none") in set(table[AUGMENTATION])]
    decays = [decay for decay in (True, False) if decay in set(table[WEIGHT_DECAY] > 0)]
    return [Setting(*of) for of in product(networks.found(table), crops, decays)]


def rows(table: pandas.DataFrame) -> list[tuple[str, ...]]:
    """Under HEADER: ours, mean and range over seeds, beside the paper's; ``-`` where there is none.

    Raises Refusal, with a sentence, where runs are missing or the rows differ in their seeds.
    """
    there = [fraction for fraction in LABELS if (table[FRACTION] == fraction).any()] if FRACTION in table else []
    of = settings(table)
    check_seeds(table, [line(table, setting, fraction) for setting in of for fraction in there])
    found = []
    for setting in of:
        cells = [networks.NETWORKS[setting.network].name, *("yes" if on else "no" for on in setting[1:])]
        for fraction in LABELS:
            cells += _ours(table, setting, fraction) if fraction in there else ["-"] * 3
            cells += PAPER.get(setting, {}).get(fraction, ("-", "-"))
        found.append(tuple(cells))
    return found


def _ours(table: pandas.DataFrame, setting: Setting, fraction: int) -> list[str]:
    """Train and test accuracy after the last epoch, and the epochs to fit; * where a run never fitted."""
    train, test = (last(table, line(table, setting, fraction, split)).value for split in ("train", "held_out"))
    fits = networks.fits(table, line(table, setting, fraction))
    fitted = fits[fits.fitted].epoch
    share = "" if len(fitted) in (0, len(fits)) else f" ({len(fitted)} of {len(fits)})"
    epochs = f"{fitted.mean():.0f}{share}" if len(fitted) else "not"
    return [f"{_percent(train)}{'' if fits.fitted.all() else ' *'}", _percent(test), epochs]


def _percent(values: pandas.Series) -> str:
    mean, least, most = (f"{100 * value:.1f}" for value in (values.mean(), values.min(), values.max()))
    return mean if least == most else f"{mean} ({least}-{most})"


def note(table: pandas.DataFrame) -> list[str]:
    count = table.seed.nunique()
    return [
        f"ours: mean, and in brackets the range, of {plural(count, 'seed')}, after the last epoch",
        f"to fit: to the first train accuracy of {networks.FITTED}",
        "*: a run never had it",
        "the paper's: Table 1 and, of random labels with a regularizer, Table 4",
        "random crops in Table 4 with a slower decay of the learning rate, and longer",
    ]


def draw(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> Figure:
    """A table of text. Raises Refusal, with a sentence, where runs are missing."""
    found = rows(table)
    figure, (panel,) = style.axes(1, width=15.0, height=1.2 + 0.24 * len(found))
    panel.set_axis_off()
    widths = [width / sum(WIDTHS) for width in WIDTHS]
    drawn = panel.table(found, colLabels=HEADER, colWidths=widths, cellLoc="center", bbox=Bbox.unit())
    drawn.auto_set_font_size(False)
    for (row, column), cell in drawn.get_celld().items():
        cell.set(linewidth=0.3, edgecolor="#999999")
        cell.set_text_props(fontsize=7.5, fontweight="bold" if row == 0 else "normal")
        cell.set_height(2.2 if row == 0 else 1)
        cell.set_facecolor(_shade(found, row, column))
        if column == 0 and row:
            cell.set_text_props(ha="left")
    return figure


def _shade(found: Sequence[Sequence[str]], row: int, column: int) -> str:
    """Of a cell: what is the paper's is shaded, every other network tinted."""
    if row == 0:
        return "#dddddd"
    place = column - len(OF_SETTING)
    if place >= 0 and place % len(OURS + THEIRS) >= len(OURS):
        return "#f0f0f0"
    names = list(dict.fromkeys(cells[0] for cells in found))
    return ("white", "#eaf3f9")[names.index(found[row - 1][0]) % 2]


def summary(table: pandas.DataFrame, record: pandas.DataFrame | None = None) -> str:
    """The table in Markdown."""
    header = [cell.replace("\n", " ") for cell in HEADER]
    lines = [f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows(table))]
    return "\n".join([*lines, "", *note(table)])


EXPERIMENT = Experiment(draw, summary, note=note)
