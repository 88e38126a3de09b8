"""Groups of classes in the place of classes."""

import pytest
import torch
from composing import composed

from rotelab.config import schema
from rotelab.config.instantiate import source
from rotelab.data.class_groups import group, grouped
from rotelab.data.sources import digits
from rotelab.errors import InputError


def test_neighbours_are_a_group() -> None:
    assert group(torch.arange(10), 10, 2).tolist() == [0] * 5 + [1] * 5
    assert group(torch.arange(10), 10, 3).tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert group(torch.arange(10), 10, 10).tolist() == [*range(10)]


def test_a_source_in_groups_has_the_same_images() -> None:
    plain = digits(None)
    made = grouped(plain, 2)
    assert made.classes == ("0 1 2 3 4", "5 6 7 8 9")
    assert torch.equal(made.parts["all"].labels, (plain.parts["all"].labels >= 5).long())
    assert made.parts["all"].images is plain.parts["all"].images
    assert grouped(plain, None) is plain


def test_more_groups_than_classes_are_refused() -> None:
    with pytest.raises(InputError, match=r"data.class_groups = 11 is more than the 10 classes"):
        grouped(digits(None), 11)


def test_the_option_reaches_the_source() -> None:
    assert len(source(schema.check(composed("data.class_groups=2")))().classes) == 2
    assert len(source(schema.check(composed()))().classes) == 10
    with pytest.raises(InputError, match=r"data.class_groups = 1 is not 2 or more"):
        schema.check(composed("data.class_groups=1"))
