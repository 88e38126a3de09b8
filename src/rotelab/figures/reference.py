"""The author's recorded curves, laid over ours: ``paper_curves.csv`` with columns series, split, epoch, accuracy.

They are not part of this repository; without them every figure is drawn all the same.
"""

from pathlib import Path

import pandas

FILE = "paper_curves.csv"
SPLITS = {"train": "train", "pseudo_test": "test", "held_out": "holdout"}
"""Our name of a split -> the record's."""
WINDOW = 9
"""Epochs over which curves are averaged before they are compared: a single epoch's jump is no difference."""


def load(folder: Path | str) -> pandas.DataFrame:
    """The record in ``folder``. Raises ValueError where it is not there or has other columns."""
    path = Path(folder).expanduser() / FILE
    if not path.exists():
        raise ValueError(f"reference: there is no {path}")
    table = pandas.read_csv(path)
    if missing := {"series", "split", "epoch", "accuracy"} - set(table.columns):
        raise ValueError(f"reference: {path} has no column {', '.join(sorted(missing))}")
    return table


def curve(record: pandas.DataFrame, series: str, split: str) -> pandas.Series:
    """Accuracy by epoch of a recorded series, or nothing; ``split`` is ours, or ``gap``: train minus test."""
    if split == "gap":
        return (curve(record, series, "train") - curve(record, series, "pseudo_test")).dropna()
    rows = record[(record.series == series) & (record.split == SPLITS[split])]
    return rows.set_index("epoch").accuracy.sort_index()


def distance(ours: pandas.Series, recorded: pandas.Series) -> float:
    """The largest difference of two curves by epoch, smoothed over WINDOW epochs; nan where they share no epoch."""
    both = pandas.concat([ours, recorded], axis=1, join="inner")  # before they are averaged: one may go on for longer
    smooth = both.rolling(WINDOW, center=True, min_periods=1).mean()
    return float((smooth.iloc[:, 0] - smooth.iloc[:, 1]).abs().max())
