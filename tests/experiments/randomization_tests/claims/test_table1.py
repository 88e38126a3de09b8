"""Random labels and regularizers: every claim of Tables 1 and 4."""

from collections.abc import Callable
from functools import cache, partial
from itertools import product

import asking
import pandas
import pytest
from tables import constant, runs, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.randomization_tests.claims import random_labels, regularizers
from rotelab.experiments.randomization_tests.table1 import Setting
from rotelab.figures.networks import NAMES

CLAIMS = [*random_labels.CLAIMS, *regularizers.CLAIMS]
ask, verdict = partial(asking.ask, CLAIMS), partial(asking.verdict, CLAIMS)

SEEDS = (0, 1, 2)


Cell = Callable[[Setting, int], float]


@cache
def untrained() -> pandas.DataFrame:
    tables = []
    for network, crop, decay, fraction in product(NAMES, ("none", "random_crop"), (0, 5e-4), (0, 1)):
        where = {
            "network": network,
            "data.labels.fraction": fraction,
            "data/augmentation": crop,
            "optimizer.weight_decay": decay,
        }
        nothing = {"accuracy/train": constant(0.0), "accuracy/held_out": constant(0.0)}
        tables.append(runs(where, nothing, [1], seeds=SEEDS))
    return together(*tables)


def table1(train: Cell = lambda *_: 1.0, test: Cell = lambda *_: 0.1, spread: float = 0.0) -> pandas.DataFrame:
    """Last accuracies by setting and fraction of random labels; ``spread`` more test accuracy with every seed."""
    table = untrained()
    settings = zip(
        table.network, table["data/augmentation"] != "none", table["optimizer.weight_decay"] > 0, strict=True
    )
    cells = zip(map(Setting._make, settings), table["data.labels.fraction"], table.split, table.seed, strict=True)
    return table.assign(
        value=[
            train(setting, fraction) if split == "train" else test(setting, fraction) + spread * seed
            for setting, fraction, split, seed in cells
        ]
    )


@pytest.fixture(scope="module")
def alike() -> pandas.DataFrame:
    """All fit, and are at chance."""
    return table1()


def only(chosen: Setting, fraction: int, value: float, other: float) -> Cell:
    return lambda setting, of: value if (setting, of) == (chosen, fraction) else other


@pytest.mark.parametrize("network", NAMES)
def test_random_labels_are_fitted(network: str, alike: pandas.DataFrame) -> None:
    text = f"{NAMES[network]} fits random labels"
    assert verdict(text, alike) == HOLDS
    assert verdict(text, table1(train=only(Setting(network, False, False), 1, 0.98, 1.0))) == FAILS
    without = ask(text, alike[alike.network != network])
    assert without.verdict == NOT_MEASURED
    assert without.ours.startswith(f"there is no finished run of network={network}, data.labels.fraction=1")


@pytest.mark.parametrize("network", NAMES)
def test_random_labels_leave_the_test_set_at_chance(network: str, alike: pandas.DataFrame) -> None:
    text, chosen = f"... and {NAMES[network]} is at chance on the test set then", Setting(network, False, False)
    assert verdict(text, alike) == HOLDS
    assert verdict(text, table1(test=only(chosen, 1, 0.2, 0.1))) == FAILS
    assert verdict(text, table1(test=only(chosen, 1, 0.12, 0.1), spread=0.02)) == UNDECIDED
    some = ask(text, table1(train=only(chosen, 1, 0.5, 1.0)))
    assert some.ours == f"{NAMES[network]} had a train accuracy of 0.50 on random labels"


@pytest.mark.parametrize(
    ("text", "setting", "fits"),
    [
        ("Weight decay does not keep Inception from", Setting("inception", False, True), HOLDS),
        ("Weight decay keeps AlexNet from", Setting("alexnet", False, True), FAILS),
        ("Weight decay does not keep MLP 3x512 from", Setting("mlp_3x512", False, True), HOLDS),
        ("Weight decay does not keep MLP 1x512 from", Setting("mlp_1x512", False, True), HOLDS),
        ("Random cropping does not keep Inception from", Setting("inception", True, False), HOLDS),
    ],
)
def test_regularizers_on_random_labels(text: str, setting: Setting, fits: str, alike: pandas.DataFrame) -> None:
    text = f"{text} fitting random labels"
    assert verdict(text, alike) == fits
    assert verdict(text, table1(train=only(setting, 1, 0.5, 1.0))) == {HOLDS: FAILS, FAILS: HOLDS}[fits]


@pytest.mark.parametrize("network", ["inception", "alexnet"])
def test_both_regularizers_help_little(network: str, alike: pandas.DataFrame) -> None:
    text, both = f"{NAMES[network]}: random crops and weight decay help, but little", Setting(network, True, True)
    found = ask(text, table1(test=only(both, 0, 0.53, 0.5)))
    assert (found.verdict, found.intervals[""].mean) == (HOLDS, pytest.approx(0.03))
    assert verdict(text, table1(test=only(both, 0, 0.6, 0.5))) == FAILS
    assert verdict(text, table1(test=only(both, 0, 0.45, 0.5))) == FAILS
    assert verdict(text, alike[alike["data/augmentation"] == "none"]) == NOT_MEASURED


@pytest.mark.parametrize("network", NAMES)
def test_weight_decay_makes_little_difference(network: str, alike: pandas.DataFrame) -> None:
    text, decay = f"{NAMES[network]}: weight decay alone makes little difference", Setting(network, False, True)
    assert verdict(text, alike) == HOLDS
    assert verdict(text, table1(test=only(decay, 0, 0.55, 0.5))) == FAILS
    assert verdict(text, table1(test=only(decay, 0, 0.45, 0.5))) == FAILS
    none = ask(text, alike[alike["optimizer.weight_decay"] == 0])
    assert none.ours == "there has to be one optimizer.weight_decay besides 0, and not none"


@pytest.mark.parametrize(
    ("text", "regularized"),
    [
        (
            "AlexNet gains more by becoming Inception than by random crops and weight decay",
            Setting("alexnet", True, True),
        ),
        ("MLP 3x512 gains more by becoming Inception than by weight decay", Setting("mlp_3x512", False, True)),
    ],
)
def test_the_architecture_matters_more(text: str, regularized: Setting) -> None:
    def test(inception: float) -> Cell:
        values = {"inception": inception, regularized.network: 0.5}
        return lambda setting, fraction: 0.55 if setting == regularized else values.get(setting.network, 0.1)

    found = ask(text, table1(test=test(0.7)))
    assert (found.verdict, found.intervals[""].mean) == (HOLDS, pytest.approx(0.15))  # gains .2 against .05
    assert verdict(text, table1(test=test(0.52))) == FAILS


def test_batch_norm_helps(alike: pandas.DataFrame) -> None:
    text = "Batch norm helps Inception on the test set"
    with_it = Setting("inception", False, False)
    assert verdict(text, table1(test=only(with_it, 0, 0.53, 0.5))) == HOLDS
    assert verdict(text, alike) == FAILS


def test_batch_norm_helps_by_3_to_4_points_at_the_papers_sizes() -> None:
    text, with_it = "... by 3 to 4 points, give or take one", Setting("inception", False, False)
    three, ten = (table1(test=only(with_it, 0, value, 0.5)) for value in (0.535, 0.6))
    assert verdict(text, three, "paper") == HOLDS
    assert verdict(text, ten, "paper") == FAILS
    assert ask(text, three).ours == "a number of the sizes of scale=paper"
