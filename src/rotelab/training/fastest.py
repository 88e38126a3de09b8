"""Which ways of computing a step are the fastest here: a few steps are tried, and what was found is kept for this
device, network and version of torch."""

import json
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import torch

from rotelab import files
from rotelab.errors import Notice
from rotelab.training.recipe import Recipe
from rotelab.training.run import device_name, make_trainer
from rotelab.training.timing import predicted_seconds

WAYS: Mapping[str, Any] = {"one_pass": True, "graph": True, "pad_channels": 8, "compile": "default"}
"""Fields of a recipe that change the last bits of a step at most, in the order in which they are tried."""
GAIN = 0.95
"""Share of the time, above which a way is not worth it: noise would choose it."""
STEPS = 12


def fastest(recipe: Recipe, seconds: Callable[[Recipe], float]) -> dict[str, Any]:
    """Those of WAYS that are worth it, each tried on top of those before it."""
    ways: dict[str, Any] = {}
    least = seconds(recipe)
    for name, value in WAYS.items():
        try:
            took = seconds(replace(recipe, **ways | {name: value}))
        except Exception:  # refused for this network, or beyond what a compiler or this device can do: not a way here
            continue
        if took < GAIN * least:
            ways[name], least = value, took
    return ways


def kept(recipe: Recipe, folder: Path) -> tuple[Recipe, dict[str, Any]]:
    """The recipe in the ways that are fastest, and these: of ``folder``, or found now and kept there.

    The data are read once, for the trials and for the run. Ways that were kept are taken as they are, so that the same
    run has the same bits on a machine.
    """
    recipe = replace(recipe, data=cache(recipe.data))
    path = folder / f"{_key(recipe)}.json"
    try:
        ways = json.loads(path.read_text())
    except (OSError, ValueError):
        with warnings.catch_warnings(action="ignore"):
            ways = fastest(recipe, lambda tried: predicted_seconds(replace(tried, max_epochs=1), STEPS))
        words = ", ".join(f"trainer.{name}={json.dumps(value)}" for name, value in ways.items())
        warnings.warn(f"trainer.fastest=true: {words or 'nothing is faster than as it is'}", Notice, stacklevel=2)
        with suppress(OSError):  # then it is tried again
            folder.mkdir(parents=True, exist_ok=True)
            with files.replacing(path, NamedTemporaryFile(dir=folder, delete=False)) as file:
                file.write(json.dumps(ways).encode())
    return replace(recipe, **ways), ways


def _key(recipe: Recipe) -> str:
    """What decides how fast a step is."""
    device = make_trainer(recipe, (), 1).strategy.root_device
    data = recipe.data(device=device)
    data.setup()
    network = recipe.network(data.image_shape, len(data.classes))
    ours = {name: getattr(recipe, name) for name in WAYS}
    about = [
        *(device_name(device), torch.__version__, torch.version.cuda, recipe.precision, recipe.threads, ours),
        *(str(network), data.image_shape, data.batch_size, len(data.splits["train"])),
        sorted(recipe.signs(len(data.classes))),
    ]
    return sha256(repr(about).encode()).hexdigest()[:16]
