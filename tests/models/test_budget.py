"""Widths by a number of parameters."""

import pytest
import torch
from torch import nn

from rotelab.errors import Refusal
from rotelab.models import budget
from rotelab.models.budget import nearest


def build(width: int) -> nn.Module:
    """Of 10 w + 5 parameters."""
    return nn.Sequential(nn.Linear(5, width, bias=False), nn.Linear(width, 5))


@pytest.mark.parametrize(
    ("parameters", "width"), [(15, 1), (8, 1), (20, 1), (21, 2), (25, 2), (29, 2), (1004, 100), (1011, 101)]
)
def test_the_nearest_count(parameters: int, width: int) -> None:
    """Of two as near, as 20 is to 15 and 25, the lesser width."""
    assert nearest(build, parameters) == width


def test_nothing_is_drawn() -> None:
    before = torch.get_rng_state()
    nearest(build, 10_000)
    assert torch.equal(torch.get_rng_state(), before)


def test_what_no_width_comes_near_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refusal, match=r"model.parameters = 7 is too few: a width of 1 has 15"):
        nearest(build, 7)
    monkeypatch.setattr(budget, "MOST", 16)
    with pytest.raises(Refusal, match=r"model.parameters = 1000 is too many: a width of 16 has 165"):
        nearest(build, 1000)
