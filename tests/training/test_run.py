"""A recipe determines the weights, bit for bit, whoever looks on."""

import os
import signal
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas
import pytest
import torch
from lightning import Callback, Trainer
from runs import Measuring, recipe, trained, vector, weights
from torch import nn

from rotelab.errors import InputError, RunError
from rotelab.models.convnet5 import convnet5
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.objectives import Schedule, Split, Standard
from rotelab.training.evaluation import evaluate
from rotelab.training.learner import Learner
from rotelab.training.progress import ProgressBar
from rotelab.training.run import assemble, fit


@pytest.mark.parametrize("batch_order", ["fixed", "reshuffled"])
def test_same_recipe_same_weights(tmp_path: Path, batch_order: str) -> None:
    once = weights(recipe(batch_order=batch_order), tmp_path)
    torch.manual_seed(123)  # the state that others left the generator in is none of a run's business
    assert torch.equal(weights(recipe(batch_order=batch_order), tmp_path), once)


@pytest.mark.parametrize("changes", [{"seed": 1}, {"batch_order": "reshuffled"}, {"max_epochs": 5}, {"batch_size": 10}])
def test_another_recipe_other_weights(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert not torch.equal(weights(recipe(**changes), tmp_path), weights(recipe(), tmp_path))


def test_reshuffled_batches_depend_on_the_seed(tmp_path: Path) -> None:
    def network(shape: tuple[int, int, int], classes: int) -> nn.Module:
        torch.manual_seed(5)  # the same initial weights for both
        return convnet5(shape, classes, width=0.1)

    both = [weights(recipe(seed=seed, batch_order="reshuffled", network=network), tmp_path) for seed in (0, 1)]
    assert not torch.equal(*both)


def test_looking_on_changes_nothing(tmp_path: Path) -> None:
    trainer, learner, data = assemble(recipe(), (), 4)
    trainer.fit(learner, datamodule=data)  # without a curve even
    measuring = Measuring()
    observed = trained(recipe(measures=[measuring]), tmp_path, [ProgressBar("a run", None), Measuring()])
    assert len(measuring.losses) == 5
    assert torch.equal(vector(observed.network), vector(learner.network))
    assert observed.metrics == learner.metrics


def test_without_a_stop_it_goes_on_to_the_last_epoch(tmp_path: Path) -> None:
    assert trained(recipe(stop_accuracy=0.0), tmp_path).epochs == 1
    assert trained(recipe(stop_accuracy=None), tmp_path).epochs == 4


def test_a_batch_larger_than_the_split_is_the_split(tmp_path: Path) -> None:
    whole, larger = (trained(recipe(batch_size), tmp_path) for batch_size in (20, 1000))
    assert larger.steps == larger.epochs == 4
    assert torch.equal(vector(whole.network), vector(larger.network))


def test_outcome_and_curve(tmp_path: Path) -> None:
    outcome = trained(recipe(), tmp_path)
    assert (outcome.epochs, outcome.steps, outcome.images, outcome.device) == (4, 12, 152, "cpu")
    table = pandas.read_csv(tmp_path / "curve.csv")
    assert table.groupby(["epoch", "step", "images"]).ngroups == 5
    assert table.epoch.iloc[0] == 0
    last = table[table.epoch == 4]
    assert (last.step == 12).all() and (last.images == 4 * 20 + 6 * 12).all()
    assert dict(zip(last.metric + "/" + last.split, last.value, strict=True)) == outcome.metrics
    assert set(outcome.metrics) == {
        *(f"{what}/{where}" for what in ("accuracy", "loss") for where in ("train", "pseudo_test", "held_out")),
        "sign/pseudo_test",
        "classes/train",
    }


def test_epoch_0_is_before_training(tmp_path: Path) -> None:
    _, learner, data = assemble(recipe(), (), 4)
    accuracy, loss = evaluate(learner.network, *data.splits["held_out"].evaluated)
    trained(recipe(), tmp_path)
    start = pandas.read_csv(tmp_path / "curve.csv").query("epoch == 0").set_index(["metric", "split"])
    assert (start.step == 0).all() and (start.images == 0).all()
    assert start.value["accuracy", "held_out"] == accuracy
    assert start.value["loss", "held_out"] == loss


def test_metrics_are_of_the_weights_at_the_end(tmp_path: Path) -> None:
    outcome = trained(recipe(), tmp_path)
    _, _, data = assemble(recipe(), (), 4)
    for name, split in data.splits.items():
        accuracy, loss = evaluate(outcome.network, *split.evaluated)
        assert (outcome.metrics[f"accuracy/{name}"], outcome.metrics[f"loss/{name}"]) == (accuracy, loss)


def test_a_schedule_is_one_training_of_which_the_sign_changes(tmp_path: Path) -> None:
    scheduled = weights(recipe(objective=Schedule(Split(), Standard(), 2)), tmp_path)
    signs = pandas.read_csv(tmp_path / "curve.csv").query("metric == 'sign'")
    assert signs.epoch.tolist() == [1, 2, 3, 4]
    assert signs.value.tolist() == [-1, -1, 0, 0]
    assert signs.images.tolist() == [20 + 20, 40 + 36, 76 + 20, 96 + 20], "the pseudo-test batches of half of them"
    same = weights(recipe(objective=Schedule(Split(), Split(), 2)), tmp_path)
    assert torch.equal(same, weights(recipe(), tmp_path))
    assert not torch.equal(scheduled, same)


def test_a_run_without_a_step_has_failed(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a single optimizer step"):
        trained(recipe(max_epochs=0), tmp_path)


def test_a_compiled_network_computes_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiler itself needs a C++ compiler on a CPU: here its first half, which takes the network apart."""
    calls, compile_, reset = [], torch.compile, torch.compiler.reset

    def traced(function: Callable[..., Any], mode: str, dynamic: bool) -> object:
        calls.append((mode, dynamic))
        return compile_(function, backend="eager", dynamic=dynamic)

    monkeypatch.setattr(torch, "compile", traced)
    monkeypatch.setattr(torch.compiler, "reset", lambda: calls.append("reset") or reset())
    changes: dict[str, Any] = {"network": partial(mlp, widths=[4]), "max_epochs": 1, "batch_size": 20}
    plain = weights(recipe(**changes), tmp_path)
    assert torch.equal(plain, weights(recipe(compile="max-autotune", **changes), tmp_path))
    assert calls == ["reset", ("max-autotune", False)]
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] >= 1


def test_a_batch_that_batch_norm_can_t_take_is_refused(tmp_path: Path) -> None:
    narrow = partial(resnet18, width=0.02)
    one_left = replace(recipe(batch_size=11, network=narrow), objective=Standard())
    assert fit(one_left, tmp_path / "a.csv").epochs == 4, "only the pseudo-test split leaves one, and it is not used"
    with pytest.raises(InputError, match=r"^data.batch_size = 11 cuts 12 images so that one is left alone"):
        fit(recipe(batch_size=11, network=narrow), tmp_path / "b.csv")
    with pytest.raises(InputError, match=r"^data.batch_size = 19 cuts 20 images"):
        fit(recipe(batch_size=19, network=narrow), tmp_path / "c.csv")


SLURM = {
    "SLURM_JOB_ID": "77",
    "SLURM_JOB_NAME": "x",
    "SLURM_NODELIST": "localhost",
    "SLURM_NNODES": "1",
    "SLURM_NTASKS": "1",
    "SLURM_LOCALID": "0",
    "SLURM_PROCID": "0",
    "SLURM_NODEID": "0",
}
CLUSTERS = {
    "slurm": SLURM,
    "slurm with tasks": SLURM | {"SLURM_NTASKS": "4", "SLURM_NTASKS_PER_NODE": "4"},
    "torchrun": {"RANK": "1", "LOCAL_RANK": "1", "WORLD_SIZE": "2", "GROUP_RANK": "0", "TORCHELASTIC_RUN_ID": "7"},
    "lsf": {"LSB_JOBID": "7", "LSB_DJOB_RANKFILE": "/nowhere", "JSM_NAMESPACE_LOCAL_RANK": "1"},
    "kubeflow": {"KUBERNETES_PORT": "1", "MASTER_ADDR": "a", "MASTER_PORT": "1", "WORLD_SIZE": "2", "RANK": "1"},
}


class Signals(Callback):
    """What the signals of a cluster would be answered with while a run trains."""

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        self.answers = {signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGUSR2)}


@pytest.mark.parametrize("cluster", CLUSTERS.values(), ids=CLUSTERS)
def test_a_cluster_is_none_of_a_runs_business(
    cluster: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is what lies in the current folder: Lightning would begin with the weights of ``hpc_ckpt_1.ckpt``."""
    alone = weights(recipe(), tmp_path)
    _, learner, _ = assemble(recipe(seed=5), (), 4)
    torch.save({"state_dict": learner.state_dict(), "epoch": 2}, tmp_path / "hpc_ckpt_1.ckpt")
    (tmp_path / "srun").touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for name, value in cluster.items():
        monkeypatch.setenv(name, value)
    before = sorted(tmp_path.iterdir())
    with warnings.catch_warnings(action="error"):
        assert torch.equal(weights(recipe(), tmp_path, [signals := Signals()]), alone)
    assert signals.answers == {signal.SIG_DFL}
    assert sorted(tmp_path.iterdir()) == before
