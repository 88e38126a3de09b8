"""Networks that runs keep are what they were: their accuracies are those of the results, exactly."""

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from kept import job, trained, trained_together
from networks import part
from own_classes import Tied
from runs import recipe as tiny
from safetensors.torch import load_file
from torch import nn

import rotelab
from rotelab.config import choices
from rotelab.config.instantiate import recipe
from rotelab.errors import InputError, NetworkError, Notice
from rotelab.results import files, networks
from rotelab.sweeps.job import Job, train
from rotelab.training.evaluation import evaluate
from rotelab.training.run import assemble
from rotelab.training.saving import Saver, content, put

MODELS = {name: () for name in choices.of("model") if name != "custom"} | {
    "batch_norm_cnn": ("model.width=2",),
    "convnet5": ("model.width=0.1",),
    "preact_resnet18": ("model.width=2", "data.side=16"),
    "inception_v3": ("model.width=0.05", "data.side=75"),
    "resnet18": ("model.width=0.05", "data.side=16"),
    "resnet50": ("model.width=0.05", "data.side=16"),
    "mlp": ("model.widths=[16]",),
    "small_alexnet": ("model.width=0.1",),
    "small_inception": ("model.width=0.05", "data.side=16"),
    "small_inception_no_bn": ("model.width=0.05", "data.side=16"),
    "timm": ("model.name=test_resnet", "data.side=16"),
}
"""Each network of the house and one of timm, small."""
EACH = [pytest.param(model, marks=() if model == "mlp_384" else pytest.mark.slow) for model in MODELS]
"""All but one are slow."""


def metrics(made: Job, epoch: int | None = None) -> dict[str, float]:
    """Accuracies and losses, on the images of its run, of a network that it has kept."""
    network = rotelab.load(made.folder, epoch)
    assert not any(module.training for module in network.modules())
    data = recipe(made.config).data(device="cpu")
    data.setup()
    found = {name: evaluate(network, *split.evaluated) for name, split in data.splits.items()}
    return {f"{what}/{name}": both[i] for name, both in found.items() for i, what in enumerate(("accuracy", "loss"))}


def recorded(folder: Path) -> dict[str, float]:
    of_all = json.loads((folder / files.RESULT).read_text())["metrics"]
    return {name: value for name, value in of_all.items() if name.partition("/")[0] in ("accuracy", "loss")}


@pytest.mark.parametrize("model", EACH)
def test_it_has_the_accuracies_of_the_result(model: str, tmp_path: Path) -> None:
    made = job(tmp_path, f"model={model}", *MODELS[model], "objective=standard", "save=true", "save.epochs=[0,1]")
    assert train(made).error is None
    assert metrics(made) == recorded(made.folder)
    curve = rotelab.load_sweep(tmp_path).query("metric in ['accuracy', 'loss']")
    for epoch in (0, 1):
        then = curve[curve.epoch == epoch]
        assert metrics(made, epoch) == dict(zip(then.metric + "/" + then.split, then.value, strict=True))
    assert rotelab.load(made.folder, 2).about == rotelab.load(made.folder).about, "the end is after epoch 2"


ALONE = ("inception_v3", "resnet50", "timm", "deep_mlp", "vision_transformer")
"""Large ones, of which one can be stacked, take a minute; the last two have layers without a rule."""


@pytest.mark.parametrize("model", [each for each in EACH if each.values[0] not in ALONE])
def test_so_it_has_in_a_stack(model: str, tmp_path: Path) -> None:
    """A run of its own rounds its last bits otherwise."""
    common = (f"model={model}", *MODELS[model], "objective=standard", "optimizer.lr=1e-2")
    wanted = (("save=true",), ("save.epochs=[0,1]", "stop.train_accuracy=0.99"), ())
    of_each = [(*common, *keep, f"seed={seed}") for seed, keep in enumerate(wanted)]
    folders = trained_together(tmp_path, of_each)
    kept = [sorted(path.name for path in folder.glob("*.safetensors")) for folder in folders]
    assert kept == [["network.safetensors"], ["network-0.safetensors", "network-1.safetensors"], []]
    found, expected = metrics(job(tmp_path, *of_each[0])), recorded(folders[0])
    assert {name for name in found if name.startswith("accuracy")} <= expected.keys()
    assert found == pytest.approx(expected, rel=1e-5)
    assert [found[name] == expected[name] for name in found if name.startswith("accuracy")] == [True] * 3
    assert rotelab.load(folders[1], 1).about["run"] == folders[1].name


@pytest.mark.slow
def test_a_member_that_leaves_keeps_its_own_weights(tmp_path: Path) -> None:
    """Of a stack that goes on without it."""
    common = ("objective=standard", "model.softmax=false", "save=true", "stop.max_epochs=8")
    of_each = [(*common, f"optimizer.lr={lr}") for lr in (1e-4, 0.01, 0.02)]
    of_each = [(*given, "stop.train_accuracy=0.6") for given in of_each]
    folders = trained_together(tmp_path, of_each)
    epochs = [rotelab.load(folder).about["epoch"] for folder in folders]
    assert epochs[0] == 8 > max(epochs[1:])
    for given, folder in zip(of_each, folders, strict=True):
        assert metrics(job(tmp_path, *given)) == pytest.approx(recorded(folder), rel=1e-5)


def test_keeping_a_network_changes_nothing(tmp_path: Path) -> None:
    """Neither name nor curve."""
    plain, kept = trained(tmp_path / "a"), trained(tmp_path / "b" / "c", "save=true", "save.epochs=[0,1,2]")
    assert plain.name == kept.name
    assert (plain / files.CURVE).read_bytes() == (kept / files.CURVE).read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        ("data.crop=6",),
        ("data.standardize=true",),
        ("data.crop=5", "data.standardize=true"),
        ("data.crop=6", "data.whiten=0.01"),
    ],
)
def test_images_of_8_bits_are_preprocessed_as_they_were(options: tuple[str, ...], tmp_path: Path) -> None:
    made = job(tmp_path, "model.widths=[16]", "save=true", "data.order=by_name", *options)
    assert train(made).error is None
    network = rotelab.load(made.folder)
    data: Any = recipe(made.config).data(device="cpu")
    data.setup()
    of_training = data.splits["held_out"].evaluated[0][:20]
    (part,) = data.load().parts.values()
    start = data.slices["held_out"].start
    images = torch.stack([part.images[i] for i in range(start, start + 20)])
    assert images.dtype == torch.uint8
    assert torch.equal(network(images), network(of_training))
    assert network.classes == tuple("0123456789") and network(images).shape == (20, 10)


def test_images_of_another_shape_are_refused(tmp_path: Path) -> None:
    network = rotelab.load(trained(tmp_path, "model.widths=[4]", "save=true"))
    with pytest.raises(InputError, match="this network takes images of 1x8x8, and these are of 1x9x9"):
        network(torch.zeros(1, 1, 9, 9))


def test_a_network_of_ones_own(tmp_path: Path) -> None:
    """With tied weights, buffers and a lazy layer."""
    made = job(tmp_path, "model=custom", "model.target=own_classes.Tied", "save=true", "objective=standard")
    assert train(made).error is None
    assert metrics(made) == recorded(made.folder)
    network = part(rotelab.load(made.folder), "network.0", Tied)
    assert network.then.weight is network.first.weight
    assert "then.weight" not in load_file(networks.file(made.folder))
    assert dict(network.named_buffers())["norm.num_batches_tracked"] > 0


def test_what_can_t_be_kept_is_said_before_the_first_step(tmp_path: Path) -> None:
    made = job(tmp_path, "save=true", "model=custom", "model.target=own_classes.odd")
    end = train(made)
    assert isinstance(end.error, NetworkError)
    assert "save: this network's state can't be kept as plain tensors" in str(end.error)
    assert (made.folder / files.CURVE).read_text().count("\n") <= 9, "only epoch 0"


def test_a_network_of_other_shapes_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "network.safetensors").write_bytes(content(nn.Linear(3, 4), {}))
    for other, words in (
        (nn.Linear(3, 5), "is 4(x3)? there, 5(x3)? here"),
        (nn.Conv2d(1, 1, 1, bias=False), "bias is 4 there, absent here|weight is 4x3"),
    ):
        before = other.weight.detach().clone()
        with pytest.raises(NetworkError, match=words):
            put(other, tmp_path / "network.safetensors")
        assert torch.equal(other.weight, before)


def test_a_run_that_fails_keeps_no_network_of_its_end(tmp_path: Path) -> None:
    made = job(
        tmp_path,
        "save=true",
        "save.epochs=[0]",
        "objective=standard",
        "model.widths=[4]",
        "optimizer.lr=1e30",
        "model.softmax=false",
    )
    assert train(made).error is not None
    assert [path.name for path in made.folder.glob("*.safetensors*")] == ["network-0.safetensors"]
    assert train(replace(made, config=job(tmp_path, "seed=3").config)).error is None
    assert not list(made.folder.glob("*.safetensors")), "those of a run that has begun anew are gone"


def test_a_run_that_goes_on_says_what_it_can_t_keep_any_more(tmp_path: Path) -> None:
    """Of epochs before the one that it goes on from, and that once."""
    trainer, learner, _ = assemble(tiny(), (), 9)
    (tmp_path / "network-1.safetensors").touch()
    saver = Saver(tmp_path, (None, 0, 1, 2, 7), False, {})
    trainer.fit_loop.epoch_progress.current.increment_by(3)
    with pytest.warns(Notice, match=r"goes on from epoch 3; what it was after epoch 0, 2 was not kept$"):
        saver.on_train_epoch_end(trainer, learner)
    with warnings.catch_warnings(action="error"):
        saver.on_train_epoch_end(trainer, learner)
        Saver(tmp_path, (None, 1, 7), False, {}).on_train_epoch_end(trainer, learner)
