"""Figure 3 from a made-up table and from the command line."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas
import pytest
from command import run
from drawn import xs
from matplotlib.container import ErrorbarContainer

from rotelab.exact import basins
from rotelab.experiments.gradient_splitting import fig3
from rotelab.figures import style


def table(hits: dict[int, list[int]]) -> pandas.DataFrame:
    """So many hits of a per dimension and seed, beside 60 000 of b."""
    rows = []
    for dimension, counts in hits.items():
        for seed, in_a in enumerate(counts):
            found = basins.estimate(in_a, 60_000)
            rows.append((dimension, seed, 100_000, in_a, 60_000, *found, (2 / 3) ** dimension))
    columns = ["dimension", "seed", "points", "in_a", "in_b", "ratio", "low", "high", "analytic"]
    return pandas.DataFrame(rows, columns=columns)


SEEN = {1: [40_000, 40_100, 39_900], 10: [1040, 1050, 1030], 30: [1, 0, 0], 50: [0, 0, 0]}


def test_the_seeds_are_counted_together() -> None:
    together = fig3.pooled(table(SEEN))
    assert together.in_a.tolist() == [120_000, 3120, 1, 0]
    assert together.ratio.tolist() == [in_a / 180_000 for in_a in (120_000, 3120, 1, 0)]
    assert together.high[50] == basins.estimate(0, 180_000).high


def test_both_panels_are_drawn() -> None:
    figure = fig3.draw(table(SEEN))
    picture, ratios = figure.axes
    words = [text.get_text() for text in picture.texts]
    assert {"$s_a=2$", "$s_b=4$", "$s_a+2m=4$", "$s_b+2m=6$"} < set(words)
    assert words.count("$m$") == 4
    assert ratios.get_yscale() == "log"
    for bars, dimensions in zip(ratios.containers, ([1, 10, 30], [50]), strict=True):
        assert isinstance(bars, ErrorbarContainer)
        assert xs(bars.lines[0]).tolist() == dimensions
    assert "-176.09" in ratios.texts[1].get_text()
    assert "29.8 dimensions" in ratios.texts[0].get_text()  # log(180 000) / log(3/2)
    plt.close(figure)


def test_it_draws_where_every_dimension_is_hit() -> None:
    figure = fig3.draw(table({1: [40_000], 2: [26_000]}))
    assert len(figure.axes[1].containers) == 1
    plt.close(figure)


def test_it_refuses_when_seeds_are_missing() -> None:
    with pytest.raises(ValueError, match="same seeds"):
        fig3.draw(table({1: [40_000, 40_000], 2: [26_000]}))
    with pytest.raises(ValueError, match="same seeds"):
        fig3.draw(table(SEEN).iloc[:0])


def test_the_summary_says_where_they_agree() -> None:
    text = fig3.summary(table(SEEN))
    assert "in 3 of the 3 dimensions in which a is hit\nfirst dimension in which a is not hit: 50" in text
    assert "1/1.23e176" in text
    text = fig3.summary(table(SEEN | {10: [1600, 1600, 1600]}))
    assert "in 2 of the 3 dimensions in which a is hit\nit is outside in dimension 10\n" in text


@pytest.mark.slow
def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        style.save(fig3.draw(table(SEEN)), tmp_path / folder, "fig3")
    for name in ("fig3.png", "fig3.pdf"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_command_writes_picture_and_table(tmp_path: Path) -> None:
    code, out, err = run("gradient_splitting/fig3", "--out", str(tmp_path), module="rotelab.report.draw")
    assert (code, err) == (0, "")
    assert "(2/3)^1000 = 10^-176.09 = 1/1.23e176" in out
    assert "10 of the 10 dimensions" in out
    assert (tmp_path / "gradient_splitting" / "fig3.png").stat().st_size > 10_000
    assert (tmp_path / "gradient_splitting" / "fig3.pdf").exists()
    written = pandas.read_csv(tmp_path / "gradient_splitting" / "fig3.csv")
    assert list(written) == list(table(SEEN))
    assert len(written) == len(fig3.DIMENSIONS) * len(fig3.SEEDS)
    assert written.analytic[0] == pytest.approx(2 / 3)
