"""Runs that have finished, without a training."""

from pathlib import Path

from torch import nn

from rotelab.results import files, record
from rotelab.training.curve import Curve
from rotelab.training.recipe import Outcome

ACCURACIES = [(0, 0, 0, 0.1), (1, 5, 64, 0.5), (2, 10, 128, 0.45), (3, 15, 192, 0.95)]


def write_curve(run: Path) -> None:
    run.mkdir(parents=True, exist_ok=True)
    with Curve(run / files.CURVE) as curve:
        for epoch, step, images, accuracy in ACCURACIES:
            curve.append(epoch, step, images, {"accuracy/train": accuracy, "accuracy/held_out": 0.99})


def write_finished(run: Path, seed: int = 0, **overrides: object) -> None:
    write_curve(run)
    choices = {"objective": "split", "model": "mlp", "data": "digits"}
    _, _, digest = run.name.partition("-")
    about = {"choices": choices, "overrides": overrides, "config": {"seed": seed}, "digest": digest}
    record.write_results({run: record.result(run, about, outcome())})


def outcome() -> Outcome:
    return Outcome(
        3, 15, 192, {"accuracy/train": 0.95}, nn.Identity(), seconds=1.26, device="cpu", threads=1, classes=10
    )
