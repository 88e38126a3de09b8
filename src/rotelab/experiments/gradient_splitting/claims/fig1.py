"""Figure 1: is the train split memorized, what does that do to images nobody knew of, and how much longer is it?"""

from math import log2

import pandas

from rotelab.claims.claim import Ask, Claim, NotMeasured, Values
from rotelab.claims.questions import chance
from rotelab.claims.samples import accuracies
from rotelab.claims.shares import Shares, counts, counts_by_seed
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.gradient_splitting import fig1
from rotelab.results import lines
from rotelab.results.lines import Line, came, dead, finals, held_out, reached, rows
from rotelab.results.record import UNITS

RECORDED_EPOCHS = 4569
"""At which the author's run first had a train accuracy of .9."""
MEMORIZED = 0.9
"""The train accuracy that the paper's claims about memorizing are about."""
LEARNED = 0.3
"""A train accuracy at which a network of ten classes has learned something: before it all accuracies are chance."""


def _line(table: pandas.DataFrame, objective: str, split: str, kind: str) -> Line:
    """Of the figure, where the test set is what is unlearned (``test_set``), or is not known (``halves``); under the
    best settings that the sweep has."""
    kinds = fig1.kinds(table)
    wanted = fig1.UNLEARNED[kind]
    chosen = next((name for name in kinds if fig1.UNLEARNED.get(name) == wanted), None)
    if chosen is None and len(kinds) > 1:
        raise NotMeasured(f"the sweep has no data/split={kind}")
    found = fig1.lines(chosen or kinds[0], fig1.settings(table)[-1])
    return next(line for line in found if line.where["objective"] == objective and line.split == split)


def _memorized(table: pandas.DataFrame) -> Values:
    line = _line(table, "split", "train", "test_set")
    best, epochs = rows(table, line).groupby("seed").value.max(), int(rows(table, line).epoch.max())
    if best.max() < MEMORIZED and epochs < RECORDED_EPOCHS:
        raise NotMeasured(
            f"train accuracy {best.min():.2f} to {best.max():.2f} at best, in {epochs} of {RECORDED_EPOCHS} epochs"
        )
    return {"": Shares(counts_by_seed(came(table, line, MEMORIZED)))}


def _unlearned(table: pandas.DataFrame) -> Values:
    train, unlearned = (finals(table, _line(table, "split", name, "test_set")) for name in ("train", "pseudo_test"))
    if train.min() < MEMORIZED:  # what is not learned yet is easily unlearned
        raise NotMeasured(f"the train accuracy is {train.min():.2f} to {train.max():.2f}, not {MEMORIZED}")
    return {f"at train accuracy {train.min():.2f} to {train.max():.2f}": accuracies(unlearned)}


def _at_train_accuracy(table: pandas.DataFrame, objective: str, level: float) -> pandas.Series:
    """Held-out accuracy, by seed, at the first epoch with a train accuracy of ``level``; the test set is held out."""
    return held_out(table, _line(table, objective, "train", "halves"), level)


def _unseen_below_plain(table: pandas.DataFrame) -> Values:
    trained = [_line(table, name, "train", "halves") for name in fig1.OBJECTIVES]
    level = float(min(rows(table, line).groupby("seed").value.max().min() for line in trained))
    if level < lines.level(table, LEARNED):
        raise NotMeasured(f"a run came to a train accuracy of {level:.2f} only")
    plain, split = (_at_train_accuracy(table, name, level) for name in fig1.OBJECTIVES)
    return {f"at train accuracy {level:.2f}": (split - plain).dropna()}


def _unseen_above_chance(table: pandas.DataFrame) -> Values:
    train = finals(table, _line(table, "split", "train", "halves"))
    if train.min() < lines.level(table, LEARNED):
        raise NotMeasured(f"a run came to a train accuracy of {train.min():.2f} only")
    return {"": finals(table, _line(table, "split", "held_out", "halves")) - chance(table)}


def _plain_at_90(table: pandas.DataFrame) -> Values:
    found = _at_train_accuracy(table, "standard", 0.9)
    if found.empty:
        raise NotMeasured("plain training was stopped before a train accuracy of .9")
    return {"": accuracies(found)}


def _ratio(of_ten: float) -> Ask:
    """Log2 of what Eq. (1) takes over what Eq. (3) takes, in each unit, to a train accuracy that all seeds came to."""

    def values(table: pandas.DataFrame) -> Values:
        level = lines.level(table, of_ten)
        plain, split = (
            reached(table, _line(table, name, "train", "test_set"), [level]).set_index("seed")
            for name in fig1.OBJECTIVES
        )
        seeds = table.seed.nunique()
        if len(split) < seeds or len(plain) < seeds or not plain.epoch.all():
            raise NotMeasured(f"{len(split)} of {seeds} seeds of Eq. (1) and {len(plain)} of Eq. (3) reached {level}")
        return {unit: (split[column] / plain[column]).map(log2) for unit, column in UNITS.items()}

    return values


def _dead(table: pandas.DataFrame) -> Values:
    """By seed, of its runs of Eq. (1) under the usual settings. NotMeasured where there are others alone."""
    usual = fig1.settings(table)[0]
    if usual not in (None, "usual"):
        raise NotMeasured("no run is under the usual settings")
    shown = [line for kind in fig1.kinds(table) for line in fig1.lines(kind, usual)]
    by_kind = [dead(table, line) for line in shown if line.where["objective"] == "split" and line.split == "train"]
    died = pandas.concat(by_kind)
    return {"": Shares(counts(died, died.index.to_series()))}


CLAIMS = [
    Claim(
        text="Under its settings gradient splitting does not die",
        where="section 2, Fig. 1",
        paper="none",
        recorded="its six runs lived; two stood at .10 for five epochs first",
        quantity="share of dead runs of Eq. (1), usual settings",
        rule=Below(0.5),
        values=_dead,
        sweep=("fig1",),
        dead=True,
    ),
    Claim(
        text="Gradient splitting comes to 90 % of the train split",
        where="section 2, Fig. 1a",
        paper="> .90",
        recorded=".90 (5k; .94 with 10k)",
        quantity="share of runs of Eq. (1) that come to a train accuracy of .9, where most of them end",
        rule=Above(0.5),
        values=_memorized,
        sweep=("fig1",),
    ),
    Claim(
        text="... with a test accuracy near 0",
        where="section 2, Fig. 1a",
        paper=".024",
        recorded=".024, of which all is one batch never unlearned; .0012 with 10k",
        quantity="last pseudo-test accuracy under Eq. (1)",
        rule=Below(0.05),
        values=_unlearned,
        sweep=("fig1",),
    ),
    Claim(
        text="A test set that nobody knew of is hit as well",
        where="section 2, Fig. 1a",
        paper="overfitting of an unseen set",
        recorded=".257 against .497 (5k, at train accuracy .83)",
        quantity="held-out accuracy, Eq. (1) minus Eq. (3), at the same train accuracy",
        rule=Below(0.0),
        values=_unseen_below_plain,
        sweep=("fig1",),
    ),
    Claim(
        text="... so that accuracy on it is no better than chance",
        where="section 2, our reading of 'severe'",
        paper="none",
        recorded=".257 (5k), .293 (10k)",
        quantity="last held-out accuracy under Eq. (1), minus chance",
        rule=Within(-0.03, 0.03),
        values=_unseen_above_chance,
        sweep=("fig1",),
    ),
    Claim(
        text="Plain training at 90 % train accuracy has about 60 % on the test set",
        where="section 2",
        paper=".60",
        recorded=".551 (at most .576 ever)",
        quantity="held-out accuracy at the first epoch with .9",
        rule=Within(0.55, 0.65),
        values=_plain_at_90,
        sweep=("fig1",),
        only="paper",
    ),
    *(
        Claim(
            text=f"Memorizing takes many more epochs, to a train accuracy of {level}",
            where="section 2, Fig. 1b",
            paper="many more",
            recorded=recorded,
            quantity="log2 of what Eq. (1) takes over what Eq. (3) takes",
            rule=Above(1.0),
            values=_ratio(level),
            sweep=("fig1",),
        )
        for level, recorded in (
            (0.3, "64 / 4"),
            (0.5, "414 / 20"),
            (0.7, "831 / 74"),
            (0.8, "1206 / 122"),
            (0.9, "2335 / 573"),
        )
    ),
]
