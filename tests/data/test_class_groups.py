"""Groups of classes in the place of classes."""

import pytest
import torch
from composing import composed

from rotelab.config import schema
from rotelab.config.instantiate import source
from rotelab.data.class_groups import group, grouped, told_apart
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


def test_some_classes_are_told_from_all_others() -> None:
    plain = digits(None)
    made = told_apart(plain, ["8", "0"])
    assert made.classes == ("1 2 3 4 5 6 7 9", "0 8")
    labels = plain.parts["all"].labels
    assert torch.equal(made.parts["all"].labels, ((labels == 0) | (labels == 8)).long())
    assert told_apart(plain, None) is plain


def test_what_is_no_class_or_leaves_none_is_refused() -> None:
    with pytest.raises(InputError, match=r"data.positive_classes: ship is none of 0, 1, 2"):
        told_apart(digits(None), ["0", "ship"])
    with pytest.raises(InputError, match="leaves no class to tell them from"):
        told_apart(digits(None), list("0123456789"))


def test_names_reach_the_source() -> None:
    assert source(schema.check(composed("data.positive_classes=[8,0]")))().classes == ("1 2 3 4 5 6 7 9", "0 8")
    for wrong in ("[]", "[1,1]"):
        with pytest.raises(InputError, match=r"data.positive_classes = .* is not one name or more, each once"):
            schema.check(composed(f"data.positive_classes={wrong}"))
    with pytest.raises(InputError, match="class_groups and positive_classes can't both be given"):
        schema.check(composed("data.positive_classes=[1]", "data.class_groups=2"))


def test_the_option_reaches_the_source() -> None:
    assert len(source(schema.check(composed("data.class_groups=2")))().classes) == 2
    assert len(source(schema.check(composed()))().classes) == 10
    with pytest.raises(InputError, match=r"data.class_groups = 1 is not 2 or more"):
        schema.check(composed("data.class_groups=1"))
