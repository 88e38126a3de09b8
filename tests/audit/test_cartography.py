"""The map of images whose curves are known."""

import numpy

from rotelab.audit import cartography
from rotelab.audit.labels import Looks, merged
from rotelab.audit.suspicion import suspicion

LEARNED = numpy.array([[0.9, 0.1, 0.1, 0.4], [0.9, 0.9, 0.1, 0.4], [0.9, 0.9, 0.1, 0.6], [0.9, 0.9, 0.1, 0.4]])
"""Epoch x image: at once, from the second epoch on, never, forgotten again."""
HELD_OUT = numpy.tile([0.8, 0.7, 0.1, 0.6], (4, 1))
OUTLOOK = numpy.array([[0.8, 0.2], [0.7, 0.3], [0.1, 0.9], [0.6, 0.4]])


def looks() -> Looks:
    return Looks(LEARNED, LEARNED - 0.5, HELD_OUT, HELD_OUT - 0.5, OUTLOOK)


def test_the_epoch_in_which_an_image_is_learned_for_good() -> None:
    found = cartography.drawn(looks(), numpy.zeros(4, int))
    assert found.learned.tolist() == [1, 2, 0, 0]
    assert found.agreed.tolist() == [True, True, False, True]
    assert found.hard_but_right.tolist() == [False, False, False, True]
    assert found.variability[0] == 0 < found.variability[1]


def test_what_is_learned_late_and_contradicted_is_most_suspicious() -> None:
    assert suspicion(looks()).argmax() == 2
    assert suspicion(looks()).argmin() == 0


def test_looks_are_merged_where_they_count() -> None:
    other = Looks(*(1 - part for part in (LEARNED, LEARNED - 0.5, HELD_OUT, HELD_OUT - 0.5, OUTLOOK)))
    first = numpy.array([True, False, True, True])
    found = merged([(looks(), first), (other, numpy.array([False, True, True, True]))])
    assert (found.learned[:, 0] == LEARNED[:, 0]).all()
    assert (found.learned[:, 1] == 1 - LEARNED[:, 1]).all()
    assert numpy.allclose(found.learned[:, 2:], 0.5)
    assert numpy.allclose(found.outlook.sum(axis=1), 1)
