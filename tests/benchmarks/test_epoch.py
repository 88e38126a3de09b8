"""The bench computes the same epoch in each of its three ways."""

import os
import signal
import sys
from copy import deepcopy
from functools import partial

import pytest
import torch
from torch.nn.utils import parameters_to_vector

from rotelab.benchmarks import epoch
from rotelab.benchmarks.epoch import bare_epoch, hand_written_epoch, keeping, median_ratio, reading, recipe, turns
from rotelab.models.mlp import mlp
from rotelab.training.run import assemble

SMALL = recipe(partial(mlp, widths=[8]), (1, 4, 4), 40, 20, epochs=3)


def test_a_turn_times_everything_once() -> None:
    seconds = turns(SMALL, 20, step=True)
    assert len(seconds) == 2  # the first of three warms up
    assert all(set(turn) == {"epoch", "training", "hand-written", "bare"} for turn in seconds)
    assert all(0 < turn["training"] < turn["epoch"] for turn in seconds)


def test_reading_reads_every_run() -> None:
    assert 0 < reading(3, epochs=1) < reading(300, epochs=1)


def test_a_checkpoint_has_weights_and_both_averages_of_adam() -> None:
    seconds, size = keeping(recipe(partial(mlp, widths=[512]), (1, 8, 8), 8, 8, epochs=3))
    weights = 4 * (64 * 512 + 512 + 512 * 10 + 10)
    assert 3 * weights < size < 3 * weights + 20_000
    assert 0 < seconds < 5


def test_the_median_of_ratios_is_taken_within_turns() -> None:
    assert median_ratio([{"a": 1.0, "b": 1.0}, {"a": 6.0, "b": 2.0}, {"a": 20.0, "b": 4.0}], "a", "b") == 3


def test_what_is_measured_is_said_before(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(sys, "argv", ["epoch", "--side", "8"])
    monkeypatch.setattr(epoch, "turns", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as end:
        epoch.main()
    out, err = capsys.readouterr()
    assert (end.value.code, err) == (130, "interrupted: the same command starts again\n")
    assert "512 + 512 images of 8x8" in out
    assert signal.getsignal(signal.SIGINT) == before


def test_both_loops_take_the_same_steps() -> None:
    _, learner, data = assemble(SMALL, (), 1)
    weights = [parameters_to_vector(learner.network.parameters()).detach()]
    for make in (hand_written_epoch, partial(bare_epoch, step=True)):
        network = deepcopy(learner.network)
        make(network, data.splits, 20)()
        weights.append(parameters_to_vector(network.parameters()).detach())
    before, hand_written, bare = weights
    assert torch.allclose(hand_written, bare, atol=1e-6)
    assert not torch.allclose(before, bare)
