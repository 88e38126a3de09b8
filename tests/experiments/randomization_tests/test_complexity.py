"""The figure of complexity from a made-up table and from a few digits."""

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import label, xs, ys

from rotelab.exact import shattering
from rotelab.experiments.randomization_tests import complexity

FITTED = {"linear": {4: (16, 16), 5: (30, 32), 8: (16, 32)}, "MLP 4": {4: (16, 16), 5: (32, 32), 8: (32, 32)}}


def table() -> pandas.DataFrame:
    """Complexity falls with n, more so for the linear model; 2^n labelings are all tried up to 5 points."""
    rows = []
    for seed in (0, 1, 2):
        for model, of_model in FITTED.items():
            for n in (10, 100):
                mean = (1 if model == "MLP 4" else 5 / n**0.5) - seed / 100
                rows.append(("rademacher", model, n, seed, mean, mean - 0.1, mean + 0.1, None, None, None))
            for n, (fitted, tried) in of_model.items():
                rows.append(("shattering", model, n, seed, None, None, None, fitted, tried, n <= 5))
        for n in (4, 8):
            rows.append(("halfspaces", "linear", n, seed, 3 / n, None, 4 / n, None, None, None))
    return pandas.DataFrame(rows, columns=complexity._COLUMNS)


def test_the_panels_are_drawn() -> None:
    figure = complexity.draw(table())
    estimates, planes, shares = figure.axes
    lines = {label(line): ys(line).tolist() for line in planes.lines}
    assert lines["linear, exact"] == [1, 0.5]
    assert lines["linear"] == [0.75, 0.375]
    (linear,) = (line for line in estimates.lines if label(line) == "linear")
    assert ys(linear).tolist() == pytest.approx([5 / 10**0.5 - 0.01, 0.49])
    assert [text.get_text() for text in estimates.get_xticklabels()] == ["10", "100"]
    drawn = {label(line): line for line in shares.lines}
    assert ys(drawn["linear"]).tolist() == pytest.approx([1, 30 / 32, 0.5])
    assert ys(drawn["linear, Cover's count"]).tolist() == [shattering.separable_share(n, 3) for n in (4, 5, 8)]
    dots = [line for line in shares.lines if line.get_marker() == "o"]
    assert [sorted(set(xs(line))) for line in dots] == [[4, 5], [4, 5]]
    assert "d+1=4" in shares.texts[0].get_text()
    plt.close(figure)


def test_shattered_is_where_no_seed_failed() -> None:
    assert complexity.shattered(table()).to_dict("index") == {
        "linear": {"tried": 4, "proved": 4},
        "MLP 4": {"tried": 8, "proved": 5},
    }
    once = table()
    failed = (once.part == "shattering") & (once.model == "MLP 4") & (once.n == 4) & (once.seed == 1)
    once.loc[failed, "fitted"] = 15
    assert complexity.shattered(once).loc["MLP 4"].tolist() == [0, 0]


def test_the_summary_says_both() -> None:
    text = complexity.summary(table())
    assert "linear: Rademacher 1.57 at 10, 0.49 at 100" in text
    assert "linear, 3 dimensions: trained to 0.75 of 1.00 at 4, 0.38 of 0.50 at 8" in text
    assert "linear: all labelings fitted up to n = 4, all those tried up to n = 4 (VC dimension 4)" in text
    assert "MLP 4: all labelings fitted up to n = 5, all those tried up to n = 8" in text


def test_it_refuses_when_seeds_are_missing() -> None:
    with pytest.raises(ValueError, match="same seeds"):
        complexity.draw(table().iloc[1:])
    with pytest.raises(ValueError, match="same seeds"):
        complexity.summary(table().iloc[:0])
    with pytest.raises(ValueError, match="same seeds"):
        complexity.draw(table().query("part == 'shattering'"))


@pytest.mark.slow
def test_a_few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complexity, "MODELS", {"linear": complexity.MODELS["linear"]})
    scale = complexity.SCALES["smoke"]
    once = complexity.measure(scale, None)
    monkeypatch.setattr(complexity, "SEEDS", (0,))
    again = complexity.measure(scale, None)
    assert again.equals(once[once.seed == 0].astype(again.dtypes))
    means = once[once.part == "rademacher"].groupby("n")["mean"].mean()
    assert means[8] == 1  # 16 dimensions
    assert 0.4 < means[40] < 0.95
    assert complexity.shattered(once).loc["linear"].tolist() == [4, 4]  # d + 1 points of 3 dimensions
    planes = once[once.part == "halfspaces"]
    assert (planes["mean"] <= planes.high + 1e-9).all()
    assert planes[planes.n <= 4].high.tolist() == [1] * 6
    beyond = once[(once.part == "shattering") & (once.n == 5)]
    assert beyond.fitted.tolist() == [30, 30, 30]


def test_the_caption_says_how_many() -> None:
    text = " · ".join(complexity.describe(complexity.SCALES["small"]))
    assert "all labelings up to n = 6 (dots), 64 random ones beyond" in text
    assert "3 seeds" in text
