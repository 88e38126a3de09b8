"""Latent generalization, from made-up tables: the figure and the claims."""

from collections.abc import Iterator, Mapping
from itertools import product

import matplotlib.pyplot as plt
import pandas
import pytest
from asking import Case, Of, always, ask, check_bound, verdict
from drawn import label, ys
from tables import Curve, runs, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.latent_generalization import probes
from rotelab.experiments.latent_generalization.claims.probes import CLAIMS
from rotelab.experiments.latent_generalization.probes import ARMS

Given = Mapping[tuple[str, str, int], Of]
"""(arm, metric, layer) -> the accuracy at the end."""
DEEP = 2
HALF, GUESS, QUARTER = always(0.5), always(0.1), always(0.25)


def made(given: Given | None = None, first: Of = HALF) -> pandas.DataFrame:
    """Two hidden layers: every probe is right on half of the images but for those that are ``given``, and on ``first``
    before training; networks are right on .25 of them, and have fitted .95 of their labels."""
    tables = []
    for name, arm in ARMS.items():
        curves: dict[str, Curve] = {
            "accuracy/train": lambda epoch, step, seed: 0.95,
            "accuracy/probed": _curve(QUARTER, GUESS),
        }
        for probe, fit, layer in product(probes.PROBES, probes.FITS, range(4)):
            metric = f"{probe}_{fit}"
            end = (given or {}).get((name, metric, layer), HALF)
            curves[f"{metric}/layer_{layer}"] = _curve(end, first)
        where = {"objective": arm.objective, **({probes.WRONG: arm.random} if arm.random else {})}
        tables.append(runs(where, curves, (0, 10), seeds=(0, 1, 2)))
    return together(*tables)


def _curve(end: Of, first: Of) -> Curve:
    return lambda epoch, step, seed: end(seed) if epoch else first(seed)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.slow
def test_a_line_an_arm_over_layers_and_over_epochs() -> None:
    given = {("split", "ridge_fresh", layer): always(0.6 + layer / 10) for layer in range(4)}
    panels = probes.draw(made(given, first=always(0.3))).axes
    assert len(panels) == 6
    fresh = {label(line): ys(line).tolist() for line in panels[0].lines}
    assert fresh["Eq. (1)"] == pytest.approx([0.6, 0.7, 0.8, 0.9])
    assert fresh["random labels"] == pytest.approx([0.5] * 4)
    assert fresh["random network"] == pytest.approx([0.3] * 4)
    over = {label(line): ys(line).tolist() for line in panels[2].lines}
    assert over["Eq. (1)"] == pytest.approx([0.3, 0.8])
    assert [text.get_text() for text in panels[0].get_xticklabels()] == ["pixels", "1", "2", "logits", "network"]


def test_it_says_what_was_seen() -> None:
    given = {("then", "subspace_train", DEEP): lambda seed: 0.6 + seed / 10}
    said = probes.summary(made(given, first=always(0.3))).splitlines()[-1]
    assert said.startswith(
        "Eq. (1) after Eq. (3): network 0.250; linear probe of layer 2 on other held-out images 0.300"
    )
    assert said.endswith("nearest subspace of layer 2 on the train split 0.300 at first, 0.600 to 0.800 at the end")


WORDS = {name: arm.words for name, arm in ARMS.items()}
CASES: dict[str, Case] = {
    "Half of the labels random: nearest-subspace probes fitted on them are more accurate than the network": (
        lambda of: made({("half", "subspace_train", layer): lambda seed: 0.25 + of(seed) for layer in (1, 2)}),
        0.1,
        -0.1,
    ),
    "Training on random labels leaves deep features that are better than a random network's": (
        lambda of: made({("random", "ridge_fresh", DEEP): lambda seed: 0.5 + of(seed)}),
        0.1,
        -0.1,
    ),
    **{
        f"{WORDS[arm]}: deep features are better than a random network's": (
            lambda of, arm=arm: made({(arm, "ridge_fresh", DEEP): lambda seed: 0.5 + of(seed)}),
            0.1,
            -0.1,
        )
        for arm in ("half", "split", "then")
    },
    **{
        f"{WORDS[arm]}: the deep features are worse than under plain training on true labels": (
            lambda of, arm=arm: made({(arm, "ridge_fresh", DEEP): lambda seed: 0.5 + of(seed)}),
            -0.1,
            0.1,
        )
        for arm in ("half", "random", "split", "then")
    },
    "Eq. (1) leaves better deep features when it begins with plain training": (
        lambda of: made({("then", "ridge_fresh", DEEP): lambda seed: 0.5 + of(seed)}),
        0.1,
        -0.1,
    ),
    **{
        f"{WORDS[arm]}: the last layer's inputs tell more than the network says, by the same labels": (
            lambda of, arm=arm: made({(arm, "ridge_train", DEEP): lambda seed: 0.25 + of(seed)}),
            0.1,
            -0.1,
        )
        for arm in ("plain", "half", "split", "then")
    },
    **{
        f"{WORDS[arm]}: a hidden layer tells more than the pixels": (
            lambda of, arm=arm: made({(arm, "ridge_fresh", 0): lambda seed: 0.5 - of(seed)}),
            0.1,
            -0.1,
        )
        for arm in ARMS
    },
}


ALIKE = ("plain", "half", "random", "then")
"""Arms whose claims are those of others."""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, marks=[pytest.mark.slow] if text.startswith(tuple(WORDS[arm] for arm in ALIKE)) else [])
        for text in CASES
    ],
)
def test_claims_at_their_bounds(text: str) -> None:
    check_bound(CLAIMS, text, CASES[text])


def test_no_claim_is_left_out() -> None:
    checks = {claim.text for claim in CLAIMS if claim.check}
    assert {claim.text for claim in CLAIMS} == {*CASES} | checks


@pytest.mark.parametrize(("train", "wanted"), [(0.95, HOLDS), (0.8, FAILS)])
def test_whether_a_network_has_memorized(train: float, wanted: str) -> None:
    table = made()
    table.loc[(table.objective == "split") & (table.split == "train"), "value"] = train
    assert verdict(CLAIMS, "Eq. (1): the network has memorized", table) == wanted


def test_no_seed_chooses_its_own_layer() -> None:
    """Layer 1 is best in seed 0 and nowhere else: the others choose layer 2 for it."""
    given = {
        ("half", "subspace_train", 1): lambda seed: 0.9 if seed == 0 else 0.0,
        ("half", "subspace_train", 2): always(0.5),
    }
    text = "Half of the labels random: nearest-subspace probes fitted on them are more accurate than the network"
    found = ask(CLAIMS, text, made(given)).intervals[""]
    assert (found.mean, found.low, found.high) == pytest.approx((0.25, 0.25, 0.25))


def test_without_a_look_before_training_nothing_is_said_of_the_random_network() -> None:
    late = made().query("epoch > 0")
    assert verdict(CLAIMS, "Eq. (1): deep features are better than a random network's", late) == NOT_MEASURED


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().query("objective != 'split'"), r"none is Eq. \(1\)"),
        (made().query("metric == 'accuracy'"), "no run measured probes"),
        (made().query("not (objective == 'split' and seed == 1)"), "same seeds"),
    ],
    ids=["arms", "probes", "seeds"],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        probes.draw(table)
