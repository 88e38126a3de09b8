"""The bound over the share of random labels."""

import numpy
import pandas
import pytest
from tables import constant, runs, together

from rotelab.errors import Refusal
from rotelab.experiments.generalization_measures import posterior
from rotelab.experiments.generalization_measures.posterior import FRACTION


def table(bounds: dict[float, float], spread: float = 0.0) -> pandas.DataFrame:
    """Of networks of .2 to .7 test accuracy, with three seeds."""
    return together(
        *(
            runs(
                {FRACTION: fraction, "objective": "standard"},
                {
                    "accuracy/held_out": constant(0.7 - fraction / 2),
                    "posterior/error_bound": constant(bound, spread),
                    "posterior_mistakes/held_out": constant(0.4),
                    "posterior_mistakes/train": constant(0.1),
                },
                seeds=(0, 1, 2),
            )
            for fraction, bound in bounds.items()
        )
    )


def test_errors_are_of_the_ends() -> None:
    found = posterior.errors(table({0.0: 0.5, 1.0: 0.9}), ("accuracy", "held_out"))
    assert found.set_index(["fraction", "run"]).value.to_dict() == pytest.approx(
        {(fraction, seed): 0.3 + fraction / 2 for fraction in (0.0, 1.0) for seed in range(3)}
    )


def test_a_line_of_each_kind_and_the_error_of_a_guess() -> None:
    (panel,) = posterior.draw(table({0.0: 0.5, 0.5: 0.8, 1.0: 0.95})).axes
    means = {str(line.get_label()): numpy.asarray(line.get_ydata()) for line in panel.lines}
    assert means["bound"] == pytest.approx([0.5, 0.8, 0.95])
    assert means["test error of the network"] == pytest.approx([0.3, 0.55, 0.8])
    assert {label for label, _, _ in posterior.SHOWN} < set(means)
    assert any(numpy.allclose(numpy.asarray(line.get_ydata()), 0.9) for line in panel.lines)


def test_in_words() -> None:
    said = posterior.summary(table({0.0: 0.5, 1.0: 0.9}, 0.01)).splitlines()
    assert said[0] == "bound: 0.500 to 0.520 at 0, 0.900 to 0.920 at 1"


def test_one_share_alone_is_no_figure() -> None:
    with pytest.raises(Refusal, match=FRACTION):
        posterior.draw(table({0.0: 0.5}))
