"""Is memorizing hard, or badly conditioned? Our question to the paper's central claim, by rules set before the runs."""

from collections.abc import Callable
from functools import partial
from math import log2

import pandas

from rotelab.claims.claim import Claim, Values, our_question
from rotelab.claims.questions import all_seeds, chance, ease
from rotelab.claims.shares import Count, ShareDifference, counts
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.gradient_splitting import conditioning
from rotelab.experiments.gradient_splitting.conditioning import LEVEL, PARTS, line, of
from rotelab.experiments.gradient_splitting.fig1 import OBJECTIVES
from rotelab.results.lines import reached, rows
from rotelab.results.record import UNITS

WORDS = {
    "whitening": "Whitened inputs help",
    "he_start": "He start helps",
    "small_head": "A last layer that begins small helps",
    "low_beta2": "A short memory of squared gradients helps",
    "head_decay": "A decay of the last layer helps",
    "balanced_pairs": "Pairs of one class help",
}


def _ratio(inputs: str) -> Callable[[pandas.DataFrame], Values]:
    """Log2 of what Eq. (1) takes over what Eq. (3) takes to the level, under good settings, where all came there."""

    def values(table: pandas.DataFrame) -> Values:
        found = of(table, inputs)
        times = {name: reached(found, line(name, "good"), [LEVEL]).set_index("seed") for name in OBJECTIVES}
        found_all = f"both objectives came to {LEVEL}"
        return {
            unit: all_seeds(times["split"][column] / times["standard"][column], found.seed, found_all).map(log2)
            for unit, column in UNITS.items()
        }

    return values


def _came(table: pandas.DataFrame, settings: str) -> tuple[Count, ...]:
    """By seed: whether Eq. (1) came to the level."""
    of_it = line("split", settings)
    seeds = pandas.Series(rows(table, of_it).seed.unique())
    return counts(seeds.isin(reached(table, of_it, [LEVEL]).seed), seeds)


def _only_under_good(table: pandas.DataFrame) -> Values:
    images = of(table, "images")
    return {"": ShareDifference(_came(images, "good"), _came(images, "usual"))}


def _part(name: str, table: pandas.DataFrame) -> Values:
    images = of(table, "images")
    whole, without = (ease(images, line("split", settings)) for settings in ("good", f"without_{name}"))
    return {"": whole - without}


def _unseen(table: pandas.DataFrame) -> dict[str, pandas.Series]:
    images = of(table, "images")
    found = {name: conditioning.held_out(images, name, "good") for name in OBJECTIVES}
    return {name: all_seeds(held, images.seed, f"{name} came to {LEVEL}") for name, held in found.items()}


def _below_plain(table: pandas.DataFrame) -> Values:
    held = _unseen(table)
    return {f"at train accuracy {LEVEL}": held["split"] - held["standard"]}


def _above_chance(table: pandas.DataFrame) -> Values:
    return {f"at train accuracy {LEVEL}": _unseen(table)["split"] - chance(table)}


def _plain_gains(table: pandas.DataFrame) -> Values:
    images = of(table, "images")
    good, usual = (ease(images, line("standard", settings)) for settings in ("good", "usual"))
    return {"": good - usual}


CLAIMS = [
    Claim(
        text=f"Under good conditioning memorizing takes many more epochs than plain training, to {LEVEL}",
        where="section 2, our settings",
        paper="many more",
        recorded="2335 / 573 under the paper's settings",
        quantity="log2 of what Eq. (1) takes over what Eq. (3) takes",
        rule=Above(1.0),
        values=_ratio("images"),
        sweep=("conditioning",),
        dead=True,
    ),
    our_question(
        text=f"... namely fewer than 5 times as many, to {LEVEL}",
        quantity="log2 of what Eq. (1) takes over what Eq. (3) takes",
        rule=Below(log2(5)),
        values=_ratio("images"),
        sweep=("conditioning",),
        dead=True,
    ),
    our_question(
        text=f"On noise, under good conditioning, gradient splitting takes at most twice the epochs, to {LEVEL}",
        quantity="log2 of what Eq. (1) takes over what Eq. (3) takes",
        rule=Within(high=1.0),
        values=_ratio("noise"),
        sweep=("conditioning_noise",),
        dead=True,
    ),
    our_question(
        text=f"Gradient splitting comes to {LEVEL} under good settings, and not under the usual ones",
        quantity="share of seeds that came there, good minus usual, within the same epochs",
        rule=Above(0.5),
        values=_only_under_good,
        sweep=("conditioning",),
        dead=True,
    ),
    our_question(
        text="Plain training gains from good conditioning as well",
        quantity="mean train accuracy over the epochs under Eq. (3), good settings minus usual ones",
        rule=Above(0.0),
        values=_plain_gains,
        sweep=("conditioning",),
        dead=True,
    ),
    *(
        our_question(
            text=f"{words} gradient splitting",
            quantity="mean train accuracy over the epochs under Eq. (1), good settings minus good ones without it",
            rule=Above(0.0),
            values=partial(_part, name),
            sweep=("conditioning",),
            dead=True,
        )
        for name, words in WORDS.items()
    ),
    Claim(
        text="A network that memorized under good conditioning has a lower held-out accuracy than one trained plainly",
        where="section 2, our settings",
        paper="overfitting of an unseen set",
        recorded=".257 against .497 (5k, at train accuracy .83)",
        quantity="held-out accuracy, Eq. (1) minus Eq. (3), at the same train accuracy",
        rule=Below(0.0),
        values=_below_plain,
        sweep=("conditioning",),
        dead=True,
    ),
    Claim(
        text="... which is no better than chance",
        where="section 2, our reading of 'severe'",
        paper="none",
        recorded=".257 (5k), .293 (10k)",
        quantity="held-out accuracy under Eq. (1), minus chance",
        rule=Within(-0.03, 0.03),
        values=_above_chance,
        sweep=("conditioning",),
        dead=True,
    ),
]
assert tuple(WORDS) == PARTS
