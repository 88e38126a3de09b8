"""What only a GPU can show: nothing waits for it within an epoch, and it computes what a CPU does."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Callback, LightningModule, Trainer
from runs import recipe, trained, vector
from torch.optim import SGD

from rotelab.errors import Notice
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.objectives import Objective, Schedule, Split, Standard
from rotelab.training.fastest import kept
from rotelab.training.stacks.fit import fit_together

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")


class Unsynchronized(Callback):
    """Any wait for the device between the start and the last step of an epoch is an error."""

    def on_train_epoch_start(self, trainer: Trainer, module: LightningModule) -> None:
        if trainer.current_epoch:  # the first step may compile and allocate
            torch.cuda.set_sync_debug_mode("error")

    def on_train_batch_end(
        self, trainer: Trainer, module: LightningModule, outputs: dict, batch: object, batch_idx: int
    ) -> None:
        if batch_idx + 1 == trainer.num_training_batches:
            torch.cuda.set_sync_debug_mode("default")

    def teardown(self, trainer: Trainer, module: LightningModule, stage: str) -> None:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("precision", ["fp32", "tf32", "bf16"])
@pytest.mark.parametrize("pad_channels", [1, 8])
def test_no_step_waits(tmp_path: Path, precision: str, pad_channels: int) -> None:
    made = recipe(accelerator="gpu", precision=precision, pad_channels=pad_channels, measures=[Unsynchronized()])
    assert trained(made, tmp_path).steps == 12


def test_no_step_of_a_stack_waits(tmp_path: Path) -> None:
    recipes = [recipe(accelerator="gpu", seed=seed, objective=kind) for seed, kind in enumerate([Split(), Standard()])]
    curves = [tmp_path / f"{seed}.csv" for seed in range(2)]
    ends = {}
    fit_together(recipes, curves, [()] * 2, ends.__setitem__, [Unsynchronized()])
    assert [ends[seed].steps for seed in range(2)] == [12, 12]


@pytest.mark.parametrize("network", [None, partial(resnet18, width=0.1, batch_norm="frozen_init")])
def test_a_gpu_computes_what_a_cpu_does(tmp_path: Path, network: Callable[..., Any] | None) -> None:
    changes: dict[str, Any] = {"network": network} if network else {}
    ends = [
        vector(
            trained(
                recipe(accelerator=kind, max_epochs=1, optimizer=partial(SGD, lr=0.01), **changes), tmp_path
            ).network.cpu()
        )
        for kind in ("cpu", "gpu")
    ]
    assert torch.allclose(*ends, rtol=1e-3, atol=1e-4)


def test_the_same_config_gives_the_same_bits(tmp_path: Path) -> None:
    first, second = (vector(trained(recipe(accelerator="gpu"), tmp_path).network) for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize("mode", ["default", "reduce-overhead"])
def test_compiled(tmp_path: Path, mode: str) -> None:
    plain, compiled = (
        vector(trained(recipe(accelerator="gpu", compile=compile_, optimizer=partial(SGD, lr=0.01)), tmp_path).network)
        for compile_ in (None, mode)
    )
    assert torch.allclose(plain, compiled, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("objective", [Standard(), Split(), Schedule(Standard(), Split(), epoch=2)])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_graph_computes_what_single_launches_do(tmp_path: Path, objective: Objective, precision: str) -> None:
    made = recipe(accelerator="gpu", objective=objective, precision=precision)
    single, graphed = (vector(trained(replace(made, graph=graph), tmp_path).network) for graph in (False, True))
    assert torch.allclose(single, graphed, rtol=1e-5, atol=1e-6)


def test_a_graph_with_batch_norm_and_a_compiled_one(tmp_path: Path) -> None:
    both: tuple[dict[str, Any], ...] = ({"network": partial(resnet18, width=0.1)}, {"compile": "default"})
    for changes in both:
        made = recipe(accelerator="gpu", optimizer=partial(SGD, lr=0.01), **changes)
        single, graphed = (
            trained(replace(made, graph=graph), tmp_path).network.state_dict() for graph in (False, True)
        )
        assert all(torch.allclose(single[name].float(), graphed[name].float(), rtol=1e-3, atol=1e-4) for name in single)


def test_no_step_of_a_graph_waits(tmp_path: Path) -> None:
    made = recipe(accelerator="gpu", graph=True, measures=[Unsynchronized()])
    assert trained(made, tmp_path).steps == 12


def test_a_network_that_draws_is_launched_one_by_one(tmp_path: Path) -> None:
    with pytest.warns(Notice, match="draws random numbers"):
        trained(recipe(accelerator="gpu", graph=True, network=partial(mlp, widths=[8], dropout=0.5)), tmp_path)


def test_the_fastest_ways_are_found_and_kept(tmp_path: Path) -> None:
    with pytest.warns(Notice, match="trainer.fastest"):
        made, ways = kept(recipe(accelerator="gpu", network=partial(mlp, widths=[8])), tmp_path)
    assert kept(recipe(accelerator="gpu", network=partial(mlp, widths=[8])), tmp_path)[1] == ways
    assert trained(made, tmp_path).steps == 12
