"""Bounds beside the gap."""

import gaps
import numpy
import pytest

from rotelab.experiments.generalization_measures import bounds, networks

TABLE = gaps.networks({"spec_fro_bound": lambda gap, seed: 1e6 * gap, "pacbayes_orig": lambda gap, seed: 5000.0})


def test_roots_are_taken_where_the_measure_is_their_square() -> None:
    found = bounds.bounds(networks.networks(TABLE))
    assert {*found} == {"params", "pacbayes_orig", "spec_fro_bound"}
    assert found.params.to_numpy() == pytest.approx(2**0.5)
    assert found.pacbayes_orig.to_numpy() == pytest.approx(10.0)
    assert found.spec_fro_bound.max() == pytest.approx(343_000)


def test_a_colour_a_bound() -> None:
    (panel,) = bounds.draw(TABLE).axes
    assert {str(line.get_label()) for line in panel.lines if numpy.size(line.get_xdata()) == 48} == {
        bounds.BOUNDS[name] for name in ("params", "pacbayes_orig", "spec_fro_bound")
    }
    assert bounds.summary(TABLE).splitlines()[:2] == ["gap 0.100 to 0.343", "parameters, root of n / m: 1.41 to 1.41"]
