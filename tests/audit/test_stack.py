"""Networks of an audit: trained for so long, kept, and gone on with where they were stopped."""

import os
import signal
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.optim import Adam

from rotelab.audit import labels, stack
from rotelab.audit.outlook import Outlook
from rotelab.config.exits import Interrupted, interrupt
from rotelab.objectives import Standard
from rotelab.training.recipe import Recipe

LABELS = torch.arange(24) % 3
INPUTS = (torch.nn.functional.one_hot(LABELS, 4) + 0.1 * torch.arange(24)[:, None] / 24).view(-1, 1, 2, 2)


def network(shape: tuple[int, ...], classes: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, classes))


def recipes(epochs: int, build: object = network) -> dict[str, Recipe]:
    base = Recipe(lambda device: None, build, Standard(), partial(Adam, lr=0.01), None, 1, threads=1)  # ty: ignore
    return labels.recipes(base, INPUTS, LABELS, LABELS, (0,), epochs)


def test_it_is_trained_once(tmp_path: Path) -> None:
    seen: list[int] = []
    first = stack.train(tmp_path, recipes(3), 60, lambda epoch, of: seen.append(epoch))
    again = stack.train(tmp_path, recipes(3), 60, lambda epoch, of: pytest.fail("it was trained before"))
    assert seen == [1, 2, 3]
    looks = [labels.looks(ended, LABELS, (0,)) for ended in (first, again)]
    assert (looks[0].learned == looks[1].learned).all() and looks[0].learned.shape == (3, 24)
    assert looks[0].outlook.sum(axis=1) == pytest.approx(1)


def test_time_ends_it_at_the_end_of_an_epoch(tmp_path: Path) -> None:
    ended = stack.train(tmp_path, recipes(1000), 0.0, lambda epoch, of: None)
    assert {network.about["epochs"] for network in ended.values()} == {1}


class Alone(nn.Module):
    """There is no rule for a stack of these."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = network((4,), 3)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.layers(inputs)


def stopped_and_gone_on(folder: Path, build: object) -> labels.Looks:
    def stop(epoch: int, of: int) -> None:
        if epoch == 2:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        with pytest.raises(Interrupted):
            stack.train(folder, recipes(4, build), 60, stop)
    finally:
        signal.signal(signal.SIGINT, before)
    seen: list[int] = []
    gone_on = stack.train(folder, recipes(4, build), 60, lambda epoch, of: seen.append(epoch))
    assert seen[0] == 3
    return labels.looks(gone_on, LABELS, (0,))


@pytest.mark.parametrize("build", [network, lambda shape, classes: Alone()])
@pytest.mark.parametrize("remembers", [True, False])
def test_one_that_was_stopped_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: object, remembers: bool
) -> None:
    """Unless the mean over epochs were forgotten."""
    if not remembers:
        monkeypatch.setattr(Outlook, "load_state_dict", lambda self, state: None)
    whole = labels.looks(stack.train(tmp_path / "whole", recipes(4, build), 60, lambda *_: None), LABELS, (0,))
    found = stopped_and_gone_on(tmp_path / "stopped", build)
    assert (found.held_out == whole.held_out).all()
    assert (found.outlook == whole.outlook).all() == remembers
