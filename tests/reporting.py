"""A sweep's folder with runs in every state, made up: as many as are wanted, with the configs of real ones."""

import json
import random
from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from finished import outcome, write_curve

from rotelab.config import identity
from rotelab.config.compose import compose
from rotelab.results import files, record

SETTINGS = [(objective, width) for objective in ("standard", "split") for width in (16, 32)]
HOSTILE = '<script>alert("1")</script>'
"""A name that must come to a page as text."""


def write_sweep(sweep: Path, seeds: int = 3, epochs: Sequence[int] = (0, 1, 2, 5, 10, 20), folder: str = "") -> None:
    """A run of every setting and seed, the last three dead, failed and left; images lie in ``folder``, if any."""
    first, names = sweep / "split-0", []
    write_curve(first)
    usual = record.result(first, {"choices": {}, "overrides": {}, "config": {}, "digest": ""}, outcome())
    (first / files.CURVE).unlink()
    first.rmdir()
    draw, values = random.Random(0), _values()
    for objective, width in SETTINGS:
        config = deepcopy(values)
        config["objective"]["_target_"] = f"rotelab.objectives.{objective.capitalize()}"
        config["model"]["widths"] = [width]
        if folder:
            config["data"]["folder"] = folder
        for seed in range(seeds):
            own = deepcopy(config) | {"seed": seed}
            digest = identity.digest(own)
            names.append(files.name(objective, digest))
            run = sweep / names[-1]
            run.mkdir(parents=True)
            (run / files.CURVE).write_text(_curve(epochs, objective, draw))
            (run / files.CONFIG).write_text(yaml.safe_dump(own))
            result = usual | {
                "run": run.name,
                "digest": digest,
                "config": own,
                "choices": {"objective": objective, "model": "mlp_384", "data": "digits"},
                "overrides": {"objective": objective, "model.widths": [width], "seed": seed},
                "epochs": epochs[-1],
                "seconds": 10.0 + seed,
                "metrics": {"accuracy/train": draw.random(), "accuracy/held_out": draw.random()},
            }
            _write(run, result)
    _write(sweep / names[-3], _read(sweep / names[-3]) | {"dead_since": epochs[-1]})
    (sweep / names[-2] / files.RESULT).unlink()
    (sweep / names[-2] / files.FAILURE).write_text(f"RunError: the disk is full of {HOSTILE}\n")
    for file in (sweep / names[-1]).iterdir():
        file.unlink()
    files.write_runs(sweep, names)


@cache
def _values() -> dict[str, Any]:
    return compose("stop.max_epochs=40").values


def _curve(epochs: Sequence[int], objective: str, draw: random.Random) -> str:
    ease = 3 if objective == "standard" else 12
    rows: list[str] = [",".join(files.COLUMNS)]
    for epoch in epochs:
        step = 10 * epoch
        images = (128 if objective == "split" else 64) * step
        for split, best in (("train", 0.99), ("pseudo_test", 0.9), ("held_out", 0.9)):
            accuracy = 0.1 + (best - 0.1) * (1 - 2 ** (-epoch / ease)) * (0.95 + 0.05 * draw.random())
            rows.append(f"{epoch},{step},{images},{split},accuracy,{accuracy:.6f}")
            rows.append(f"{epoch},{step},{images},{split},loss,{2.3 * (1.001 - accuracy):.6f}")
    return "".join(f"{row}\n" for row in rows)


def _read(run: Path) -> dict[str, Any]:
    return json.loads((run / files.RESULT).read_text())


def _write(run: Path, result: dict[str, Any]) -> None:
    curve = files.fingerprint((run / files.CURVE).read_bytes())
    (run / files.RESULT).write_text(json.dumps(result | {"curve": curve}))
