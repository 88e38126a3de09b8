"""How long a run takes, found by trying a few steps, and a clock that waits for the device."""

import time
from collections.abc import Callable
from functools import partial

import torch

from rotelab.data.share import part
from rotelab.training.evaluation import evaluate
from rotelab.training.recipe import Recipe
from rotelab.training.run import assemble

LOOKED_AT = 1024
"""Images of a split, at most: a million on a disk would take longer than to begin."""


def predicted_seconds(recipe: Recipe, steps: int = 4) -> float:
    """About how long ``max_epochs`` take; a run ends earlier at its train accuracy, and is faster where its sign is 0.

    Timed are a few steps and the evaluation of a part of each split; the fastest of each counts, the first being
    warm-up. All on one device, whatever the recipe says.
    """
    trainer, learner, data = assemble(recipe, (), 1)
    learner.to(trainer.strategy.root_device)
    batches = data.batches(lambda: 0)
    (optimizer,), _ = learner.configure_optimizers()
    learner.sign = next((sign for sign in recipe.signs(len(data.classes)) if sign), 0)

    def step(t: int) -> None:
        optimizer.zero_grad()
        with trainer.precision_plugin.forward_context():
            loss = learner.training_step(batches.pair(t), t)
        learner.backward(loss)
        optimizer.step()

    def evaluation() -> None:
        with trainer.precision_plugin.forward_context():
            for split in data.splits.values():
                images, labels = split.evaluated
                looked_at = slice(0, min(len(labels), LOOKED_AT))
                evaluate(learner.network, part(images, looked_at), labels[looked_at])

    stepping = min(seconds_of(learner.device, partial(step, t)) for t in range(steps))
    sizes = [len(split) for split in data.splits.values()]
    whole = sum(sizes) / sum(min(size, LOOKED_AT) for size in sizes)
    evaluating = whole * min(seconds_of(learner.device, evaluation) for _ in range(2))
    return recipe.max_epochs * (len(batches) * stepping + evaluating)


def seconds_of(device: torch.device, action: Callable[[], object]) -> float:
    """Of an action, with the device waited for at both ends."""
    start = now(device)
    action()
    return now(device) - start


def now(device: torch.device) -> float:
    """Seconds on a clock, when the device has done what it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
