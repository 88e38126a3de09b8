"""What the benchmark of an audit puts among images: wrong labels and copies."""

import pytest
import torch
from audited import images

from rotelab.benchmarks import audit


@pytest.mark.parametrize("kind", ["symmetric", "next class"])
def test_a_tenth_of_the_labels_is_wrong(kind: str) -> None:
    labels = torch.arange(1000) % 10
    made = audit.noisy(labels, kind, 0, 10)
    assert int((made != labels).sum()) == 100
    steps = ((made - labels) % 10).unique().tolist()
    assert steps == ([0, 1] if kind == "next class" else list(range(10)))
    assert not torch.equal(made, audit.noisy(labels, kind, 1, 10))


def test_copies_stand_behind_the_images_that_they_are_of() -> None:
    of = images()
    all_, made = audit.planted(of)
    assert len(all_) == len(of) + len(made) == len(of) + 4 * audit.COPIED
    assert {image.size for image in all_} == {(32, 32)} and {way for way, _ in made} == set(audit.WAYS)


def test_some_images_of_each_class() -> None:
    found = audit.some(images(), 30)
    assert torch.bincount(found.labels).tolist() == [10, 10, 10] and len(found.files) == 30
