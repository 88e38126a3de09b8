"""Is memorizing hard, or badly conditioned? Our question to the paper's central claim, by rules set before the runs."""

from collections.abc import Callable
from functools import partial
from math import log2

import pandas

from rotelab.claims.claim import Claim, Values, our_question
from rotelab.claims.questions import all_seeds, chance, ease
from rotelab.claims.shares import ShareDifference, counts_by_seed
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.gradient_splitting.conditioning import LEVEL, PARTS, line, objectives, of
from rotelab.results.lines import Line, came, held_out, reached
from rotelab.results.record import UNITS

WORDS = {
    "whitening": "Whitened inputs help",
    "he_start": "He start helps",
    "small_head": "A last layer that begins small helps",
    "low_beta2": "A short memory of squared gradients helps",
    "head_decay": "A decay of the last layer helps",
    "balanced_pairs": "Pairs of one class help",
}


def times(table: pandas.DataFrame, plain: Line, split: Line) -> dict[str, pandas.Series]:
    """In each of UNITS, by seed: log2 of what ``split`` took to the level over what ``plain`` did. NotMeasured where a
    seed of one did not come there."""
    took = {of: reached(table, of_it, [LEVEL]).set_index("seed") for of, of_it in (("plain", plain), ("split", split))}
    both = f"both objectives came to {LEVEL}"
    return {
        unit: all_seeds(took["split"][column] / took["plain"][column], table.seed, both).map(log2)
        for unit, column in UNITS.items()
    }


def below_plain(table: pandas.DataFrame, plain: Line, split: Line) -> pandas.Series:
    """By seed: held-out accuracy of ``split`` minus that of ``plain``, each at the level. NotMeasured as ``times``."""
    return _unseen(table, split) - _unseen(table, plain)


def _unseen(table: pandas.DataFrame, line: Line) -> pandas.Series:
    return all_seeds(held_out(table, line, LEVEL), table.seed, f"{line.label} came to {LEVEL}")


def _ratio(inputs: str) -> Callable[[pandas.DataFrame], Values]:
    return lambda table: times(of(table, inputs), *objectives("good"))


def _only_under_good(table: pandas.DataFrame) -> Values:
    images = of(table, "images")
    good, usual = (counts_by_seed(came(images, line("split", settings), LEVEL)) for settings in ("good", "usual"))
    return {"": ShareDifference(good, usual)}


def _part(name: str, table: pandas.DataFrame) -> Values:
    images = of(table, "images")
    whole, without = (ease(images, line("split", settings)) for settings in ("good", f"without_{name}"))
    return {"": whole - without}


def _below_plain(table: pandas.DataFrame) -> Values:
    return {f"at train accuracy {LEVEL}": below_plain(of(table, "images"), *objectives("good"))}


def _above_chance(table: pandas.DataFrame) -> Values:
    return {f"at train accuracy {LEVEL}": _unseen(of(table, "images"), line("split", "good")) - chance(table)}


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
