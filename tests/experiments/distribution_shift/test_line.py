"""Accuracy on the line, from made-up tables: the figure and the claims."""

from collections.abc import Iterator
from itertools import product

import matplotlib.pyplot as plt
import pandas
import pytest
from asking import ask, verdict
from drawn import label, xs, ys
from scipy.stats import norm
from tables import Curve, runs, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.distribution_shift import line as figure
from rotelab.experiments.distribution_shift.claims.line import CLAIMS

KINDS = tuple(figure.KINDS)
ON_LINE = {
    (kind, over): f"Accuracy after {words} is on a line over that before it, {over}"
    for kind, words in figure.KINDS.items()
    for over in ("over networks at the end of training", "over networks and epochs")
}
ALIKE = {
    kind: f"Convolutional networks lie on the line of fully connected ones, after {words}"
    for kind, words in figure.KINDS.items()
}
MODELS = ("mlp_1x64", "mlp_384", "convnet5_quarter")


def at(place: float) -> Curve:
    """Of this probit at the end, from half of it on."""
    return lambda epoch, step, seed: float(norm.cdf(place * (0.5 + epoch / 4) + 0.01 * seed))


def made(higher: float = 0.0, apart: float = 0.0, slope: float = 0.5) -> pandas.DataFrame:
    """Lines of this ``slope``, that of convolutional networks ``higher``; every other network lies ``apart``."""
    tables = []
    for place, (model, size) in enumerate(product(MODELS, (60, 200, 600))):
        end = 0.2 + 0.2 * place
        up = higher * model.startswith("conv") + apart * (-1) ** place

        def after(epoch: int, step: int, seed: int, end: float = end, up: float = up) -> float:
            return float(norm.cdf(slope * norm.ppf(at(end)(epoch, step, seed)) - 0.1 + up))

        curves = {f"{kind}_accuracy/{strength}": after for kind in KINDS for strength in figure.STRENGTHS}
        where = {"objective": "standard", "model": model, "data.size": size}
        tables.append(runs(where, {"accuracy/held_out": at(end), **curves}, range(3), seeds=range(4)))
    return together(*tables)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_dots_are_probits_and_the_line_goes_through_them() -> None:
    noise, blur, last = figure.draw(made()).axes
    for panel in (noise, blur):
        (dots,) = (of for of in panel.lines if label(of) == "strong shift")
        assert len(xs(dots)) == 9 * 4
        assert ys(dots) == pytest.approx(0.5 * xs(dots) - 0.1, abs=1e-6)
        assert [tick.get_text() for tick in panel.get_xticklabels()] == ["0.1", "0.3", "0.5", "0.7", "0.9", "0.97"]
    assert {"mlp_384, noise", "convnet5_quarter, blur"} <= {label(of) for of in last.lines}


def test_a_line_and_what_lies_above_it() -> None:
    found = figure.one(figure.networks(made(higher=0.3)), "blur", "strong")
    fit = figure.line(found[~figure.convolutional(found)])
    assert (fit.slope, fit.intercept, fit.r) == pytest.approx((0.5, -0.1, 1))
    assert fit.above(found[figure.convolutional(found)]) == pytest.approx(0.3)
    with pytest.raises(ValueError, match="three accuracies"):
        figure.line(found[:2])


def test_it_says_what_was_seen() -> None:
    said = figure.summary(made(higher=0.3)).splitlines()
    assert len(said) == 6
    assert said[0].startswith("noise, light: r 0.9")
    assert said[-1].endswith("convolutions +0.30 probits above other networks' line")
    assert "36 networks, 72 dots a shift" in figure.note(made())


@pytest.mark.parametrize("kind", KINDS)
def test_claims_hold_and_fail(kind: str) -> None:
    for (of, _), text in ON_LINE.items():
        if of == kind:
            assert verdict(CLAIMS, text, made()) == HOLDS
            assert verdict(CLAIMS, text, made(slope=-0.5)) == FAILS
            (found,) = ask(CLAIMS, text, made(apart=0.4)).intervals.values()
            assert found.mean < 0.9
    assert verdict(CLAIMS, ALIKE[kind], made()) == HOLDS
    assert verdict(CLAIMS, ALIKE[kind], made(higher=0.4)) == FAILS
    (found,) = ask(CLAIMS, ALIKE[kind], made(higher=0.4)).intervals.values()
    assert found.mean == pytest.approx(0.4)


def test_what_cannot_be_asked() -> None:
    assert verdict(CLAIMS, ALIKE["noise"], made().query("model != 'convnet5_quarter'")) == NOT_MEASURED
    assert verdict(CLAIMS, next(iter(ON_LINE.values())), made().query("`data.size` == 60 and seed == 0")[:0]) == (
        NOT_MEASURED
    )


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().drop(columns="data.size"), "data.size"),
        (made().query("metric != 'blur_accuracy'"), "no run measured accuracy after blur"),
        (made().query("seed == 0 or model != 'mlp_384'"), "same seeds"),
    ],
    ids=["settings", "measures", "seeds"],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        figure.draw(table)
