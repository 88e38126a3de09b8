"""The figure of Theorem 1 from a made-up table and from the command line."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas
import pytest
from drawn import label, words, ys

from rotelab.experiments.randomization_tests import expressivity
from rotelab.figures import style

COLUMNS = ["points", "labels", "n", "d", "seed", "weights", "lambda_min", "w_max", "residual"]


def table(worst: float = 1e-6) -> pandas.DataFrame:
    """Five dimensions; the residual rises with n, up to ``worst``."""
    rows = [
        (points, labels, n, 5, seed, 2 * n + 5, 1 / n**2, 10.0 * n, worst * n / 100 * (seed + 1) / 3)
        for points in ("images", "random points")
        for labels in expressivity.LABELS
        for n in (1, 10, 100)
        for seed in (0, 1, 2)
    ]
    return pandas.DataFrame(rows, columns=COLUMNS)


def test_all_panels_are_drawn() -> None:
    figure = expressivity.draw(table())
    residuals, sizes, weights = figure.axes
    labels = words(residuals)
    assert labels == [f"{p}, labels {kind}" for p in ("images", "random points") for kind in ("0 to 9", "normal")]
    means = [line for line in residuals.lines if label(line) == "images, labels normal"]
    assert ys(means[0]).tolist() == pytest.approx([2e-8 / 3, 2e-7 / 3, 2e-6 / 3])
    assert words(sizes) == [
        "greatest $|w_j|$, as in (a)",
        "$\\lambda_{min}$",
    ]
    dashed, counted = weights.lines
    assert ys(dashed).tolist() == ys(counted).tolist() == [7, 25, 205]
    plt.close(figure)


def test_an_exact_fit_is_drawn_on_a_logarithmic_axis() -> None:
    figure = expressivity.draw(table(0.0))
    assert ys(figure.axes[0].lines[0]).min() == 1e-17
    plt.close(figure)


def test_weights_that_are_too_many_are_seen() -> None:
    seen = table()
    seen.loc[seen.n == 10, "weights"] += 1
    figure = expressivity.draw(seen)
    dashed, counted = figure.axes[2].lines
    assert (ys(counted) - ys(dashed)).tolist() == [0, 1, 0]
    assert "2n + d weights in 24 of 36 networks" in expressivity.summary(seen)
    plt.close(figure)


def test_it_refuses_when_seeds_are_missing() -> None:
    with pytest.raises(ValueError, match="same seeds"):
        expressivity.draw(table().iloc[1:])
    with pytest.raises(ValueError, match="same seeds"):
        expressivity.summary(table().iloc[:0])


def test_the_summary_says_the_worst() -> None:
    text = expressivity.summary(table())
    assert "images, labels 0 to 9: residual at most 1.0e-06 for n up to 100; there |w| up to 1.0e+03" in text
    assert "2n + d weights in 36 of 36 networks; residual below 1e-3 in 36" in text
    assert "residual below 1e-3 in 32" in expressivity.summary(table(1e-3 * 1.2))


@pytest.mark.slow
def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        style.save(expressivity.draw(table()), tmp_path / folder, "expressivity")
    assert (tmp_path / "a" / "expressivity.png").read_bytes() == (tmp_path / "b" / "expressivity.png").read_bytes()


def test_measuring_is_the_same_each_time_and_ends_with_the_images() -> None:
    scale = expressivity.SCALES["smoke"]
    once = expressivity.measure(scale, None)
    assert once.equals(expressivity.measure(scale, None))
    assert list(once) == COLUMNS
    assert sorted(once.n.unique()) == [1, 2, 5, 10, 20]
    assert set(once.d) == {16}
    assert once.residual.max() < 1e-9
