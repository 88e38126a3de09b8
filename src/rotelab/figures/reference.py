"""The author's recorded curves, laid over ours: ``paper_curves.csv`` with columns series, split, epoch, accuracy.

They are not part of this repository; without them every figure is drawn all the same.
"""

from pathlib import Path

import pandas

from rotelab.errors import Refusal

FILE, INDEX = "paper_curves.csv", "paper_curves_index.csv"
SPLITS = {"train": "train", "pseudo_test": "test", "held_out": "holdout"}
"""Our name of a split -> the record's."""
WINDOW = 9
"""Epochs over which curves are averaged before they are compared: a single epoch's jump is no difference."""


def load(folder: Path | str) -> pandas.DataFrame:
    """The record in ``folder``. Raises Refusal where it is not there or has other columns."""
    path = Path(folder).expanduser() / FILE
    if not path.exists():
        raise Refusal(f"reference: there is no {path}")
    table = pandas.read_csv(path)
    if missing := {"series", "split", "epoch", "accuracy"} - set(table.columns):
        raise Refusal(f"reference: {path} has no column {', '.join(sorted(missing))}")
    if (index := path.with_name(INDEX)).exists():
        counts = pandas.read_csv(index)[["series", "split", "batches_trained_inferred", "batches_evaluated"]]
        table = table.merge(counts, on=["series", "split"], how="left")
    return table


def metric(record: pandas.DataFrame, series: str, split: str) -> str | None:
    """Which accuracy of ours a recorded one is like, by the batches that it averages over.

    ``legacy_accuracy`` for one batch more than was trained on, ``accuracy`` for none more; None for several more.
    Without the index, or for ``gap``, that of the train split is taken to be the former.
    """
    if split == "held_out":
        return "accuracy"
    if "batches_evaluated" not in record:
        return "legacy_accuracy"
    rows = record[(record.series == series) & (record.split == "train")]
    more = (rows.batches_evaluated - rows.batches_trained_inferred).min()  # nan for a series that the index lacks
    return "accuracy" if more <= 0 else "legacy_accuracy" if more == 1 else None


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
