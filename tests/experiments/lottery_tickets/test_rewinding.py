"""Tickets by where they go back to and how they are pruned, from made-up tables."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from asking import always
from drawn import curves, label, xs, ys
from ladders import rewound

from rotelab.experiments.lottery_tickets import rewinding


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_a_curve_a_way() -> None:
    accuracy, speed = rewinding.draw(rewound({("global", 2): always(0.5)})).axes
    drawn = {label(line): line for line in curves(accuracy) if label(line)[0] != "_"}
    assert [*drawn] == [
        "by layer, back to the start",
        "by layer, back to epoch 2",
        "all layers together, back to the start",
        "all layers together, back to epoch 2",
    ]
    assert ys(drawn["all layers together, back to epoch 2"]).tolist() == pytest.approx([0.5, 0.9])
    assert xs(drawn["by layer, back to the start"]).tolist() == pytest.approx([3.125, 100])
    assert "all layers together, back to epoch 2" in {label(line) for line in curves(speed)}


def test_it_says_what_was_seen() -> None:
    first, *_ = rewinding.summary(rewound({("layer", 0): lambda seed: 0.9 if seed % 2 else 0.5})).splitlines()
    assert first == "by layer, back to epoch 0: 100 %: 0.900; 3.12 %: 0.700"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (rewound().drop(columns="start.rewind"), "which name start.rewind"),
        (rewound().query("`start.rewind` == 0"), "start.rewind=0 and one other, not 0"),
        (rewound().query("`start.rounds` > 0"), "needs round 0"),
        (rewound().query("seed == 0 or `start.scope` == 'layer'"), "same seeds"),
    ],
)
def test_it_refuses_when_runs_are_missing(table: pandas.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rewinding.draw(table)
