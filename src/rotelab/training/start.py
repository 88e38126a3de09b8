"""What a network begins as: its weights and buffers; the optimizer and all counts begin anew."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import nn

from rotelab.models import pruning
from rotelab.models.initial import scale_to
from rotelab.randomness import stream
from rotelab.results import networks
from rotelab.training.saving import put

Kept = Callable[[int, int | None], Path]
"""The network of a round of pruning after an epoch, None for its end."""


def random(network: nn.Module) -> None:
    """As its seed has drawn it."""


def run(network: nn.Module, folder: str, epoch: int | None = None) -> None:
    """As another run was after an epoch, None for its end, which it has kept in its folder.

    Raises NetworkError where that is a network of other names or shapes, and InputError where there is none.
    """
    path, _ = networks.find(Path(folder).expanduser(), epoch)
    put(network, path)


def pretrained(network: nn.Module, instead: Mapping[str, Any], keep: str, *, kept: Callable[[], Path]) -> None:
    """As the same run has left it with other options, those in ``instead``, such as random labels, by plain training.

    ``keep`` says what of that it begins with:

    - ``nothing``: it is as its seed has drawn it, as that other run was
    - ``norms``: the weights as drawn, each tensor of the norm that it came to there
    - ``weights``: all of it

    ``kept`` finds what that run has kept. Raises NetworkError where that is a network of other names or shapes. The
    optimizer and all counts are new.
    """
    if keep == "weights":
        put(network, kept())
    elif keep == "norms":
        scale_to(network, load_file(kept()))


def pruned(
    network: nn.Module,
    rounds: int,
    share: float,
    head_share: float,
    scope: str,
    rewind: int,
    arm: str,
    *,
    seed: int,
    kept: Kept,
) -> None:
    """What so many ``rounds`` of magnitude pruning leave of it (Frankle and Carbin 2019): round r + 1 goes without a
    ``share`` of the least weights that training left at the end of round r, and ``head_share`` of the last layer's.

    ``scope``: ``layer``, so many of each, or ``global``, ``share`` of all. ``arm`` says what begins with them:

    - ``ticket``: the weights as they were after epoch ``rewind`` of round 0; 0: as they were drawn
    - ``reinitialized``: the same mask, and initial weights and biases drawn anew
    - ``random_mask``: the ticket's weights under other masks of the same counts in each layer
    - ``magnitude_at_start``: as many of the greatest initial weights of each layer

    ``kept`` finds what the rounds before have kept; round 0 prunes nothing. The optimizer and its schedule are new.
    """
    generator = stream(f"pruning {arm} {rounds}", seed)
    left = _left(network, rounds, share, head_share, scope, kept)
    if arm == "reinitialized":
        drawn = dict(network.named_parameters())
        for name, value in pruning.shuffled({name: of.detach() for name, of in drawn.items()}, generator).items():
            drawn[name].data.copy_(value)
    elif rounds and rewind and arm != "magnitude_at_start":
        put(network, kept(0, rewind))
    if not rounds:
        return
    if arm == "random_mask":
        left = pruning.shuffled(left, generator)
    elif arm == "magnitude_at_start":
        left = pruning.greatest(pruning.weights(network), left)
    pruning.prune(network, left)


def _left(network: nn.Module, rounds: int, share: float, head_share: float, scope: str, kept: Kept) -> pruning.Masks:
    """Of the weights that the round before has trained."""
    if not rounds:
        return {}
    there = load_file(kept(rounds - 1, None))
    before = {name: there[name] for name in pruning.weights(network)}
    if scope == "global":
        return pruning.globally(before, pruning.nonzero(before), share)
    return pruning.by_layer(before, pruning.nonzero(before), pruning.shares(network, share, head_share))
