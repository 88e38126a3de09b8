"""Zhang et al., Tables 1 and 4 from made-up runs: every cell where it belongs."""

from collections.abc import Iterator
from itertools import product

import matplotlib.pyplot as plt
import pandas
import pytest
from tables import constant, runs, straight, together

from rotelab.experiments.randomization_tests import table1
from rotelab.experiments.randomization_tests.table1 import HEADER, PAPER, Setting
from rotelab.figures import networks

NETWORKS = ("alexnet", "inception")


def made(
    names: tuple[str, ...] = NETWORKS,
    seeds: tuple[int, ...] = (0, 1),
    crops: tuple[str, ...] = ("none", "random_crop"),
    decays: tuple[float, ...] = (0, 5e-4),
    fractions: tuple[float, ...] = (0, 1),
    last: float = 1.0,
) -> pandas.DataFrame:
    """Train accuracies come to ``last`` on random labels with weight decay, else to 1; test ones are .6 or .1."""
    tables = []
    for name, crop, decay, fraction in product(names, crops, decays, fractions):
        curves = {
            "accuracy/train": straight(last if decay and fraction else 1.0, 10),
            "accuracy/held_out": constant(0.1 if fraction else 0.6, spread=0.02),
        }
        where = {
            "network": name,
            "data.labels.fraction": fraction,
            "data/augmentation": crop,
            "optimizer.weight_decay": decay,
        }
        tables.append(runs(where, curves, seeds=seeds))
    return together(*tables)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_ours_stands_beside_the_papers() -> None:
    rows = table1.rows(made())
    assert [row[:3] for row in rows] == [
        (name, crop, decay) for name in ("Inception", "AlexNet") for crop in ("yes", "no") for decay in ("yes", "no")
    ]
    assert {len(row) for row in rows} == {len(HEADER)}
    assert rows[3] == (
        *("Inception", "no", "no"),
        *("100.0", "61.0 (60.0-62.0)", "10", "100.0", "85.75"),
        *("100.0", "11.0 (10.0-12.0)", "10", "100.0", "9.78"),
    )
    assert rows[0][-5:] == ("100.0", "11.0 (10.0-12.0)", "10", "-", "-")
    assert rows[6][-2:] == ("fails", "-")  # AlexNet with weight decay


def test_what_did_not_fit_has_a_star() -> None:
    never = table1.rows(made(last=0.8))
    assert never[0][8:11] == ("80.0 *", "11.0 (10.0-12.0)", "not")
    assert never[1][8:11] == ("100.0", "11.0 (10.0-12.0)", "10")
    some = table1.rows(together(made(seeds=(0,)), made(seeds=(1,), last=0.8)))
    assert some[0][8:11] == ("90.0 (80.0-100.0) *", "11.0 (10.0-12.0)", "10 (1 of 2)")


def test_a_sweep_of_less() -> None:
    rows = table1.rows(made(("mlp_3x512",), crops=("none",), decays=(0,), fractions=(0,)))
    assert rows == [
        (*("MLP 3x512", "no", "no"), *("100.0", "61.0 (60.0-62.0)", "10", "100.0", "52.39"), *"---", "100.0", "10.48")
    ]


def test_the_papers_numbers() -> None:
    """All rows of Table 1 that we have a setting for; of random labels all without, and five with a regularizer."""
    assert {setting.network for setting in PAPER} == set(networks.NAMES)
    assert len(PAPER) == 14
    assert sum(1 in of for of in PAPER.values()) == 10
    assert PAPER[Setting("alexnet", crop=True, decay=True)][0] == ("99.90", "81.22")


def test_the_picture_has_every_cell() -> None:
    figure = table1.draw(made())
    (panel,) = figure.axes
    (drawn,) = panel.tables
    cells = drawn.get_celld()
    assert len(cells) == 9 * len(HEADER)
    assert cells[4, 4].get_text().get_text() == "61.0 (60.0-62.0)"


def test_every_text_fits_its_cell() -> None:
    figure = table1.draw(made(tuple(networks.NETWORKS)))
    figure.canvas.draw()
    (drawn,) = figure.axes[0].tables
    for cell in drawn.get_celld().values():
        text, box = cell.get_text().get_window_extent(), cell.get_window_extent()
        assert text.x1 <= box.x1 + 1
        assert text.x0 >= box.x0 - 1


def test_the_summary_is_markdown() -> None:
    lines = table1.summary(made()).splitlines()
    assert {line.count("|") for line in lines[:10]} == {len(HEADER) + 1}
    assert "ours: mean, and in brackets the range, of 2 seeds, after the last epoch" in lines


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (made().drop(columns="optimizer.weight_decay"), "sweep=table1"),
        (made(decays=(0, 1e-4, 5e-4)), "one optimizer.weight_decay besides 0"),
        (together(made(("inception",)), made(("alexnet",), crops=("none",))), "network=alexnet.*random_crop"),
        (together(made(), made(("alexnet",), seeds=(2,), fractions=(0,))), "same seeds"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        table1.draw(table)
