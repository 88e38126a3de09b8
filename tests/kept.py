"""Tiny runs in folders of their own, with the networks that they keep."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from composing import composed
from safetensors.torch import save_file

from rotelab.config import arguments, identity, schema
from rotelab.results import networks
from rotelab.sweeps.job import End, Job, train, train_together

TINY = ("data.size=64", "data.batch_size=32", "stop.max_epochs=2", "trainer=cpu", "trainer.progress=false")


def job(sweep: Path, *overrides: str) -> Job:
    texts = [arguments.expanded(text) for text in (*TINY, *overrides)]
    config = composed(*texts)
    objective = dict(text.split("=", 1) for text in overrides).get("objective", "split")
    chosen = {"objective": objective, "model": "mlp", "data": "digits"}
    name = identity.name(chosen, schema.check(config).values)
    return Job.of(sweep / name, texts, config, chosen)


def trained(sweep: Path, *overrides: str) -> Path:
    """The folder of a run that has finished."""
    made = job(sweep, *overrides)
    end = train(made)
    assert end.error is None, end.error
    return made.folder


def trained_together(sweep: Path, of_each: Sequence[Sequence[str]]) -> list[Path]:
    jobs = [job(sweep, *overrides, f"trainer.together={len(of_each)}") for overrides in of_each]
    ends: dict[str, End] = {}
    train_together(jobs, ends)
    assert all(ends[of.name].error is None for of in jobs), ends
    return [of.folder for of in jobs]


ABOUT: dict[str, Any] = dict.fromkeys(networks.KEYS) | {"run": "split-1", "epoch": 3}
"""What a file says that nothing was trained for."""


def write_network(run: Path, epoch: int | None = None, about: dict[str, Any] | None = None) -> Path:
    run.mkdir(parents=True, exist_ok=True)
    path = networks.file(run, epoch)
    save_file({"weight": torch.ones(2)}, path, {networks.ABOUT: json.dumps(about or ABOUT)})
    return path
