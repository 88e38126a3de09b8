"""W&B is an observer: a run of its own for each run, and no failure of it reaches the training."""

import json
import os
import signal
import subprocess
import warnings
from pathlib import Path

import pytest
import torch
import wandb
from lightning import Callback, LightningModule, Trainer

from rotelab.bench import recipe as bench_recipe
from rotelab.models.mlp import mlp
from rotelab.run import fit
from rotelab.wandb_logger import WandbLogger


def small_network(image_shape: tuple[int, int, int], classes: int) -> torch.nn.Module:
    return mlp(image_shape, classes, widths=[4])


def logger(folder: Path, name: str, mode: str = "offline") -> WandbLogger:
    folder.mkdir(exist_ok=True)
    return WandbLogger("rotelab", mode, ["a tag"], 2.0, name=name, group="a sweep", config={"seed": 3}, folder=folder)


def weights(folder: Path, *observers: Callback) -> torch.Tensor:
    folder.mkdir(exist_ok=True)
    outcome = fit(bench_recipe(small_network, (1, 4, 4), 40, 20, epochs=3), folder / "curve.csv", observers)
    return torch.nn.utils.parameters_to_vector(outcome.network.parameters()).detach()


def test_every_run_is_a_run_of_its_own_and_changes_nothing(tmp_path: Path) -> None:
    plain = weights(tmp_path / "plain")
    for name in ("one", "two"):
        with warnings.catch_warnings(action="error", category=UserWarning):
            logged = weights(tmp_path / name, logger(tmp_path / name, name))
        assert torch.equal(plain, logged)
        (file,) = (tmp_path / name).glob("wandb/offline-run-*/run-*.wandb")
        shown = subprocess.run(
            [Path(wandb.__file__).parent / "bin" / "wandb-core", "leet", "inspect", "--summary", "--json", file.parent],
            capture_output=True,
            text=True,
            check=False,
        )
        if shown.returncode == 0:  # the reader of offline files is not in every version
            assert "accuracy/train" in json.dumps(json.loads(shown.stdout))
    assert wandb.run is None


class KillService(Callback):
    """Kills the service process in the middle of a run, as the out-of-memory killer would."""

    killed = False

    def on_train_epoch_end(self, trainer: Trainer, learner: LightningModule) -> None:
        for children in Path("/proc/self/task").glob("*/children"):
            for child in map(int, children.read_text().split()):
                if b"wandb-core" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(child, signal.SIGKILL)
                    self.killed = True


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the service by /proc")
def test_a_dead_service_process_is_a_warning(tmp_path: Path) -> None:
    plain = weights(tmp_path / "plain")
    with pytest.warns(UserWarning, match="W&B failed"):
        logged = weights(tmp_path / "dead", killer := KillService(), logger(tmp_path / "dead", "dead"))
    assert killer.killed
    assert torch.equal(plain, logged)
    weights(tmp_path / "next", logger(tmp_path / "next", "next"))
    assert list((tmp_path / "next").glob("wandb/offline-run-*/run-*.wandb"))


def test_no_server_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    with pytest.warns(UserWarning, match="W&B failed"):
        logged = weights(tmp_path / "online", logger(tmp_path / "online", "online", mode="online"))
    assert torch.equal(weights(tmp_path / "plain"), logged)
