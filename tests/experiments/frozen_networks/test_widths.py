"""Frozen networks, from made-up tables: the figure and the claims."""

from collections.abc import Iterator, Mapping
from itertools import product

import matplotlib.pyplot as plt
import pandas
import pytest
from asking import Case, Of, always, ask, check_bound, verdict
from drawn import label, ys
from tables import Curve, runs, together

from rotelab.claims.verdicts import NOT_MEASURED
from rotelab.experiments.frozen_networks import widths
from rotelab.experiments.frozen_networks.claims.widths import CLAIMS
from rotelab.experiments.frozen_networks.widths import NETWORK

Given = Mapping[tuple[str, int, int, bool], Of]
"""(arm, width, layer, whether at the end) -> the accuracy."""
HALF = always(0.5)
WIDE, NARROW, DEEP = 16, 1, 2


def made(given: Given | None = None) -> pandas.DataFrame:
    """Two hidden layers: all is right on half of the images but for what is ``given``."""
    tables = []
    for arm, width in product(widths.ARMS, (NARROW, WIDE)):
        curves: dict[str, Curve] = {}
        for layer in range(NETWORK, 4):
            first, end = ((given or {}).get((arm, width, layer, ends), HALF) for ends in (False, True))
            name = "accuracy/probed" if layer == NETWORK else f"ridge_train/layer_{layer}"
            curves[name] = _curve(first, end)
        where = {"objective": "standard", widths.WIDTH: width, widths.TRAINED: arm}
        tables.append(runs(where, curves, (0, 10), seeds=(0, 1, 2)))
    return together(*tables)


def _curve(first: Of, end: Of) -> Curve:
    return lambda epoch, step, seed: end(seed) if epoch else first(seed)


def at(width: int, layer: int, ends: bool, base: float, sign: float = 1.0, arm: str = "all") -> Case:
    """The number that a claim is about, in one place of the table."""
    return lambda of: made({(arm, width, layer, ends): lambda seed: base + sign * of(seed)}), 0.3, -0.1


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.slow
def test_a_line_a_layer_and_one_of_each_arm() -> None:
    given = {
        ("all", NARROW, 1, False): always(0.3),
        ("all", WIDE, 1, False): always(0.8),
        ("all", WIDE, DEEP, True): always(0.9),
        ("batch_norm", WIDE, NETWORK, True): always(0.7),
    }
    panels = widths.draw(made(given)).axes
    random, trained, networks = (
        {label(line): ys(line).tolist() for line in panel.lines if label(line)[0] != "_"} for panel in panels
    )
    assert random["layer 1"] == pytest.approx([0.3, 0.8]) and random["layer 2"] == pytest.approx([0.5, 0.5])
    assert trained["layer 2"] == pytest.approx([0.5, 0.9])
    assert networks["batch norm alone"] == pytest.approx([0.5, 0.7])
    assert all(lines["pixels"] == pytest.approx([0.5, 0.5]) for lines in (random, trained, networks))


def test_it_says_what_was_seen() -> None:
    said = widths.summary(made({("all", WIDE, 1, False): lambda seed: 0.6 + seed / 10})).splitlines()
    assert said[1] == (
        "width 16: pixels 0.500; random layers 0.600 to 0.800, 0.500; trained layers 0.500, 0.500; "
        "all is trained 0.500; batch norm alone 0.500; as many weights of convolutions 0.500; "
        "the last layer alone 0.500"
    )


CASES: dict[str, Case] = {
    "A wide random network tells more than the pixels": at(WIDE, 0, False, 0.5, -1.0),
    "... and a narrow one less": (lambda of: at(NARROW, 0, False, 0.5, -1.0)[0](of), -0.1, 0.1),
    "Deep layers of a random network gain by width": at(WIDE, DEEP, False, 0.5),
    "... and tell less than its first layer": (lambda of: at(WIDE, DEEP, False, 0.5)[0](of), -0.1, 0.1),
    "Trained features are better than random ones": (
        lambda of: made({("all", WIDE, layer, True): lambda seed: 0.5 + of(seed) for layer in (1, 2)}),
        0.1,
        -0.1,
    ),
    "Training batch norm alone leads far from chance": at(WIDE, NETWORK, True, 0.1, arm="batch_norm"),
    "... the farther, the wider": at(WIDE, NETWORK, True, 0.5, arm="batch_norm"),
    "... but not as far as training all": (lambda of: at(WIDE, NETWORK, True, 0.5, arm="batch_norm")[0](of), -0.1, 0.1),
    "... and farther than training as many weights of convolutions": at(WIDE, NETWORK, True, 0.5, arm="batch_norm"),
    "... and farther than training the last layer alone": at(WIDE, NETWORK, True, 0.5, arm="batch_norm"),
    "Batch norm, trained alone, makes deep features better": at(WIDE, DEEP, True, 0.5, arm="batch_norm"),
}


@pytest.mark.parametrize(
    "text", [pytest.param(text, marks=[pytest.mark.slow] if text.startswith("... ") else []) for text in CASES]
)
def test_claims_at_their_bounds(text: str) -> None:
    check_bound(CLAIMS, text, CASES[text])


def test_no_claim_is_left_out() -> None:
    assert {claim.text for claim in CLAIMS} == {*CASES}


def test_no_seed_chooses_its_own_layer() -> None:
    given = {("all", WIDE, 1, False): lambda seed: 0.8 if seed == 0 else 0.0, ("all", WIDE, 0, False): always(0.4)}
    found = ask(CLAIMS, "A wide random network tells more than the pixels", made(given)).intervals[""]
    assert (found.mean, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))


def test_one_width_says_nothing_of_widths() -> None:
    assert verdict(CLAIMS, "... and a narrow one less", made().query("`model.width` == 16")) == NOT_MEASURED


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().drop(columns="optimizer.trained"), "that name optimizer.trained"),
        (made().query("metric == 'accuracy'"), "no run measured probes"),
        (made().query("`optimizer.trained` != 'head'"), "in which the last layer alone"),
        (made().query("not (seed == 1 and `model.width` == 16)"), "same seeds"),
        (made().query("epoch > 0"), "probed before training"),
    ],
    ids=["settings", "probes", "arms", "seeds", "start"],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        widths.draw(table)
