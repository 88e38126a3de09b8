"""Tables 1 and 4: do regularizers keep networks from fitting random labels, and what do they gain on true ones?"""

import pandas

from rotelab.claims.claim import Ask, Claim, Values
from rotelab.claims.samples import Unpaired
from rotelab.claims.verdicts import Above, Below, Within
from rotelab.experiments.randomization_tests import table1
from rotelab.experiments.randomization_tests.claims.random_labels import (
    final,
    fits_random_labels,
    in_the_paper,
    plain,
)
from rotelab.experiments.randomization_tests.table1 import Setting
from rotelab.figures.networks import FITTED, NAMES


def _decay(network: str) -> Setting:
    return Setting(network, crop=False, decay=True)


def _both(network: str) -> Setting:
    return Setting(network, crop=True, decay=True)


def _gain(better: Setting, than: Setting) -> Ask:
    """Test accuracy on true labels, one setting minus another: by seed where the network is the same, with the same
    weights to begin with."""

    def values(table: pandas.DataFrame) -> Values:
        one, other = final(table, better, 0), final(table, than, 0)
        if better.network == than.network:
            return {"": (one - other).dropna()}
        return {"": Unpaired(tuple(one), tuple(other))}

    return values


def _gain_in_the_paper(better: Setting, than: Setting) -> str:
    test = [float(table1.PAPER[setting][0][1]) for setting in (better, than)]
    return f"{(test[0] - test[1]) / 100:.4f}"


CLAIMS = [
    *(
        Claim(
            text=f"{what} {verb} {NAMES[setting.network]} from fitting random labels",
            where="Table 4",
            paper=in_the_paper(setting, 1, 0),
            quantity="last train accuracy on random labels with it",
            rule=rule,
            values=fits_random_labels(setting),
            sweep=("table1",),
        )
        for what, verb, setting, rule in (
            ("Weight decay", "does not keep", _decay("inception"), Above(FITTED)),
            ("Weight decay", "keeps", _decay("alexnet"), Below(FITTED)),
            ("Weight decay", "does not keep", _decay("mlp_3x512"), Above(FITTED)),
            ("Weight decay", "does not keep", _decay("mlp_1x512"), Above(FITTED)),
            ("Random cropping", "does not keep", Setting("inception", crop=True, decay=False), Above(FITTED)),
        )
    ),
    *(
        Claim(
            text=f"{NAMES[network]}: random crops and weight decay help, but little",
            where="Table 1",
            paper=_gain_in_the_paper(_both(network), plain(network)),
            quantity="last test accuracy on true labels, with both minus with neither",
            rule=Within(0.0, 0.06),
            values=_gain(_both(network), plain(network)),
            sweep=("table1",),
        )
        for network in ("inception", "alexnet")
    ),
    *(
        Claim(
            text=f"{name}: weight decay alone makes little difference",
            where="Table 1",
            paper=_gain_in_the_paper(_decay(network), plain(network)),
            quantity="last test accuracy on true labels, with it minus without",
            rule=Within(-0.02, 0.02),
            values=_gain(_decay(network), plain(network)),
            sweep=("table1",),
        )
        for network, name in NAMES.items()
    ),
    *(  # how much more another network gains than regularizers do: the plain accuracy cancels out
        Claim(
            text=f"{NAMES[regularized.network]} gains more by becoming Inception than by {by}",
            where="section 3",
            paper=_gain_in_the_paper(plain("inception"), regularized),
            quantity="last test accuracy on true labels, Inception without regularizers minus the other one with them",
            rule=Above(0.0),
            values=_gain(plain("inception"), regularized),
            sweep=("table1",),
        )
        for regularized, by in (
            (_both("alexnet"), "random crops and weight decay"),
            (_decay("mlp_3x512"), "weight decay"),
        )
    ),
    *(
        Claim(
            text=text,
            where="section 3, Table 1",
            paper=_gain_in_the_paper(plain("inception"), plain("inception_no_bn")),
            quantity="last test accuracy on true labels, with minus without batch norm, no regularizer",
            rule=rule,
            values=_gain(plain("inception"), plain("inception_no_bn")),
            sweep=("table1",),
            only=only,
        )
        for text, rule, only in (
            ("Batch norm helps Inception on the test set", Above(0.0), None),
            ("... by 3 to 4 points, give or take one", Within(0.02, 0.05), "paper"),
        )
    ),
]
