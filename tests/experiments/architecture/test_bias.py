"""What an architecture knows of images, from made-up tables: the figure and the claims."""

from collections.abc import Iterator, Sequence

import matplotlib.pyplot as plt
import pandas
import pytest
from architectures import plain
from asking import Of, always, ask, check_bound, verdict
from drawn import label, ys

from rotelab.claims.verdicts import FAILS, HOLDS, UNDECIDED
from rotelab.experiments.architecture import bias
from rotelab.experiments.architecture.claims.bias import CLAIMS
from rotelab.experiments.architecture.networks import MOVED

CONVOLUTIONAL, LOCAL, FULL, TRANSFORMER = "convolutional", "locally_connected", "fully_connected", "vision_transformer"
SHARED = "Where images are moved, shared weights generalize better than as many that are not shared"
AHEAD = "Where images are moved, convolutions generalize better than fully connected layers"
STILL_AHEAD = "... and where they stand as they are"
PERMUTED = "Once pixels are permuted, convolutions are no longer ahead"
COST = "The permutation costs convolutions more than fully connected layers"
BLIND = "Fully connected layers are blind to a permutation"
LOCALITY = "Locality without shared weights generalizes better than none"
FEW = "From few images a vision transformer generalizes worse than convolutions"
SHIFT = "A test image that is moved by a pixel costs convolutions less than fully connected layers"
COMMON = "The architecture whose examples have more in common generalizes better"


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("text", "network", "arm", "base", "good", "bad"),
    [
        (SHARED, CONVOLUTIONAL, "moved", 0.2, -0.1, 0.1),
        (AHEAD, CONVOLUTIONAL, "moved", 0.2, -0.1, 0.1),
        (STILL_AHEAD, CONVOLUTIONAL, "as they are", 0.1, -0.05, 0.05),
        (PERMUTED, CONVOLUTIONAL, "moved, permuted", 0.2, 0.0, -0.1),
        (COST, CONVOLUTIONAL, "moved, permuted", 0.2, 0.1, -0.1),
        (BLIND, FULL, "moved, permuted", 0.2, 0.01, 0.1),
        (LOCALITY, LOCAL, "moved", 0.2, -0.1, 0.1),
        (FEW, TRANSFORMER, "as they are", 0.1, 0.2, -0.05),
    ],
)
def test_of_test_errors(text: str, network: str, arm: str, base: float, good: float, bad: float) -> None:
    def table(value: Of) -> pandas.DataFrame:
        return plain({(network, arm): lambda seed: base + value(seed)})

    check_bound(CLAIMS, text, (table, good, bad))


def test_what_a_pixel_costs() -> None:
    found = ask(CLAIMS, SHIFT, plain(moved={CONVOLUTIONAL: 0.1}))
    assert found.verdict == HOLDS
    assert [at.mean for at in found.intervals.values()] == pytest.approx([-0.2])
    assert verdict(CLAIMS, SHIFT, plain(moved={CONVOLUTIONAL: 0.4})) == FAILS


@pytest.mark.parametrize(
    ("r", "expected", "tau"),
    [
        ((4.0, 3.0, 2.0, 1.0), HOLDS, -1.0),
        ((1.0, 2.0, 3.0, 4.0), FAILS, 1.0),
        ((2.0, 2.0, 2.0, 2.0), UNDECIDED, 0.0),
    ],
)
def test_what_examples_have_in_common(r: Sequence[float], expected: str, tau: float) -> None:
    names = (CONVOLUTIONAL, LOCAL, FULL, TRANSFORMER)
    errors = {(name, arm.words): always(0.1 * place) for place, name in enumerate(names, 1) for arm in bias.ARMS}
    found = ask(CLAIMS, COMMON, plain(errors, r=dict(zip(names, r, strict=True))))
    assert found.verdict == expected
    assert [at.mean for at in found.intervals.values()] == pytest.approx([tau])


def test_r_is_a_mean_over_epochs_and_not_over_measurements() -> None:
    table = plain()
    of = table.metric == "coherence_r"
    table.loc[of, "value"] = table[of].epoch.map({0: 99.0, 1: 1.0, 2: 5.0, 3: 3.0})
    thinned = table[~(of & (table.epoch == 2))]
    assert bias.coherence(table, CONVOLUTIONAL, MOVED).tolist() == pytest.approx([3.5] * 3)
    assert bias.coherence(thinned, CONVOLUTIONAL, MOVED).tolist() == pytest.approx([2.0] * 3)


def test_it_draws_errors_moves_and_r() -> None:
    still, moved, common = bias.draw(plain({(CONVOLUTIONAL, "moved"): always(0.05)}, r={LOCAL: 7.0})).axes
    means = [ys(line).item() for line in still.lines if label(line) == "_convolutional"]
    assert means == pytest.approx([0.1, 0.1, 0.05, 0.2])
    solid = {label(line): ys(line).tolist() for line in moved.lines if label(line)[0] != "_"}
    assert solid["convolutional"] == pytest.approx([0.1, 0.4, 0.7])
    assert {label(line): ys(line).tolist() for line in common.lines}["locally connected"] == [7, 7, 7]


def test_it_says_what_was_seen() -> None:
    first, *rest = bias.summary(plain()).splitlines()
    assert first.startswith("convolutional: test error as they are 0.100 (0.100, 3 epochs, r 2); permuted 0.100")
    assert "trained moved, test moved by 1 and 2: 0.500, 0.800" in first and len(rest) == 3
    assert "train accuracies at the end 1.000, of 48 runs" in bias.note(plain())


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (plain().drop(columns="network"), "which name network"),
        (plain().query("network != 'convolutional'"), "convolutional is not both"),
        (plain().query("network != 'convolutional' or seed > 0"), "some are missing"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        bias.draw(table)
