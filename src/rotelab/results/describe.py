"""What finished runs were, in words, for captions."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rotelab.data.splits import NAMES as SPLITS
from rotelab.results.files import RESULT, finished, read, runs


def sweep(folder: Path | str, name: str | None = None) -> list[str]:
    """What the finished runs of a sweep have in common, an item each: data (or ``name``), sizes, network, optimizer.

    What they differ in is for the figure to say. There has to be a run.
    """
    folder = Path(folder)
    described = [_description(_result(folder / run), name) for run in runs(folder) if finished(folder / run)]
    common = [part for part in described[0] if all(part in other for other in described)]
    return [folder.name, *common]


def sweeps(folders: Sequence[Path], name: str | None = None) -> list[str]:
    """The same of several sweeps: their names, each with what the others have not in brackets, and what all have in
    common."""
    names, found = zip(*((first, parts) for first, *parts in (sweep(folder, name) for folder in folders)), strict=True)
    common = [part for part in found[0] if all(part in parts for parts in found)]
    own = [", ".join(part for part in parts if part not in common) for parts in found]
    return [*(f"{first} ({words})" if words else first for first, words in zip(names, own, strict=True)), *common]


def run(folder: Path) -> list[str]:
    """What a finished run was, an item each."""
    found, _ = read(folder)
    objective, seed = found["choices"]["objective"], found["config"]["seed"]
    return [folder.name, objective, *_description(found, None), f"seed {seed}"]


def _result(run: Path) -> dict[str, Any]:
    return json.loads((run / RESULT).read_text())


BETAS = [0.9, 0.999]
"""Adam's usual ones."""


def _description(result: Mapping[str, Any], name: str | None) -> list[str]:
    config, choices = result["config"], result["choices"]
    data, model, optimizer = config["data"], config["model"], config["optimizer"]
    options = {key: value for key, value in model.items() if key not in ("_target_", "softmax") and value is not None}
    for option, usual in (("dropout", 0), ("init", "default"), ("head_scale", 1)):
        if options.get(option) == usual:
            del options[option]
    return [
        name or Path(data.get("folder", choices["data"])).name,
        *(f"{split.replace('_', '-')} {data['split'][split]}" for split in SPLITS),
        *([f"{groups} groups of neighbouring classes"] if (groups := data.get("class_groups")) else []),
        *([f"{', '.join(names)} against all others"] if (names := data.get("positive_classes")) else []),
        *([f"{data['side']}x{data['side']} pixels"] if data["side"] else []),
        *([f"crop {data['crop']}"] if data.get("crop") else []),
        *(["standardized"] if data.get("standardize") else []),
        *([f"whitened, floor {data['whiten']:g}"] if data.get("whiten") else []),
        choices["model"],
        *(f"{key} {value}" for key, value in options.items()),
        "softmax" if model["softmax"] else "no softmax",
        f"{optimizer['_target_'].split('.')[-1]} lr {optimizer['lr']:g}",
        *([f"betas {' '.join(map(str, betas))}"] if (betas := optimizer.get("betas")) not in (None, BETAS) else []),
        *([f"decay of the last layer {decay:g}"] if (decay := optimizer.get("head_decay")) else []),
        *([f"trained: {part}"] if (part := optimizer.get("trained", "all")) != "all" else []),
        f"batch {data['batch_size']}",
        *(["pairs of one class"] if data.get("pairs") == "balanced" else []),
        *([config["precision"]] if config["precision"] in ("tf32", "bf16") else []),
    ]
