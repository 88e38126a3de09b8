"""Grokking, from made-up tables and at its smallest: the figure, its words and the claims."""

from collections.abc import Iterable, Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import xs, ys

from rotelab.claims.claim import NotMeasured
from rotelab.experiments.grokking import modular_addition as figure
from rotelab.experiments.grokking.claims import modular_addition as claims

STEPS = (1, 10, 100, 1000)


def run(decay: float, fraction: float, seed: int, test: tuple[float, ...]) -> pandas.DataFrame:
    """It fits at step 10."""
    table = pandas.DataFrame({"step": STEPS, "train": (0.1, 1.0, 1.0, 1.0), "test": test})
    rest = {"loss": 0.1, "norm": (10.0, 12.0, 11.0, 9.0), "coherence": 2.0, "periodicity": (0.3, 0.3, 0.6, 0.9)}
    return table.assign(decay=decay, fraction=fraction, seed=seed, **rest)


NEVER, LATE, LAST = (0.0, 0.0, 0.1, 0.1), (0.0, 0.0, 0.95, 1.0), (0.0, 0.0, 0.5, 0.9)


def made() -> pandas.DataFrame:
    """A seed that generalizes at step 100, and one at 1,000; none without decay, or of 30 % of the pairs."""
    tables = [run(1.0, 0.6, 0, LATE), run(1.0, 0.6, 1, LAST)]
    tables += [run(decay, fraction, seed, NEVER) for decay, fraction in ((0.0, 0.6), (1.0, 0.3)) for seed in (0, 1)]
    return pandas.concat(tables, ignore_index=True).sample(frac=1, random_state=0)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_the_step_at_which_a_seed_generalizes_and_a_cross_where_it_does_not() -> None:
    last = figure.draw(made()).axes[5]
    points = sorted((float(xs(line)[0]), float(ys(line)[0]), str(line.get_marker())) for line in last.lines)
    assert points == [(0.3, 1000, "x"), (0.3, 1000, "x"), (0.6, 100, "o"), (0.6, 1000, "o")]


def test_it_says_what_was_seen() -> None:
    said = figure.summary(made()).splitlines()
    (late,) = (line for line in said if line.startswith("decay 1, 60%"))
    assert "fits in 2 of 2 seeds, at step 10 to 10; generalizes in 2, at step 100 to 1000, 55 " in late
    (never,) = (line for line in said if line.startswith("decay 0, 60%"))
    assert "generalizes in 0; at the end norm 9.0, coherence 2.0, greatest wave 0.90" in never


@pytest.mark.parametrize(
    ("rows", "words"),
    [("decay == 1", "several weight decays"), ("seed == 0 or fraction > .5", "same seeds")],
    ids=["decays", "seeds"],
)
def test_it_refuses_where_runs_are_missing(rows: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        figure.draw(made().query(rows))


def test_the_smallest_scale() -> None:
    scale = figure.SCALES["smoke"]
    table = figure.measure(scale, None)
    assert {*zip(table.decay, table.fraction, strict=True)} == {(1.0, 0.6), (0.0, 0.6), (1.0, 0.8)}
    assert table.step.max() == scale.steps
    assert "49 pairs" in figure.describe(scale)[0]
    same = figure.measure(scale, None)
    assert table.equals(same), "the same scale gives the same numbers"


def test_claims_are_of_the_looks_at_the_fit_and_at_the_test_accuracy(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = {1.0: pandas.concat([run(1.0, 0.7, 0, LATE), run(1.0, 0.7, 1, LAST)]), 0.0: run(0.0, 0.7, 0, NEVER)}
    monkeypatch.setattr(claims, "_found", tables.__getitem__)
    none = pandas.DataFrame()
    found = [claim.values(none)[""] for claim in claims.CLAIMS]
    delay, without, waves, norm = ([*of] for of in found if isinstance(of, Iterable))
    assert delay == pytest.approx([3.321928, 6.643856])
    assert without == pytest.approx([0.1])
    assert waves == pytest.approx([0.3, 0.6])
    assert norm == pytest.approx([-0.125531, -0.415037], abs=1e-5)
    monkeypatch.setattr(claims, "_found", lambda decay: tables[0.0])
    with pytest.raises(NotMeasured, match="does not come to both"):
        claims.CLAIMS[0].values(none)
