"""Planted labels are wrong, and those alone; of the second kind they are what networks confuse an image with."""

import torch

from rotelab.audit.planting import confused, places, uniform
from rotelab.randomness import stream

LABELS = torch.arange(1000) % 10


def test_no_image_is_planted_twice() -> None:
    first, second = places(1000, 2, stream("test"))
    assert len(first) == len(second) == 50
    assert len({*first.tolist(), *second.tolist()}) == 100


def test_what_is_planted_is_wrong_and_nothing_else_is() -> None:
    chosen, _ = places(1000, 2, stream("test"))
    made = uniform(LABELS, chosen, 10, stream("other"))
    assert (
        set((made.labels != LABELS).nonzero().flatten().tolist()) == set(made.planted.tolist()) == set(chosen.tolist())
    )
    assert len(made.labels[chosen].unique()) == 10


def test_confusions_are_what_networks_say_but_for_the_label() -> None:
    chosen, _ = places(1000, 2, stream("test"))
    probabilities = torch.zeros(1000, 10)
    probabilities[torch.arange(1000), LABELS] = 0.9
    probabilities[torch.arange(1000), (LABELS + 3) % 10] = 0.1
    made = confused(LABELS, chosen, probabilities, stream("other"))
    assert (made.labels[chosen] == (LABELS[chosen] + 3) % 10).all()
