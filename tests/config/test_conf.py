"""Every option of every config group composes, passes its check and builds what it names."""

import shutil
from functools import partial
from pathlib import Path
from typing import cast

import pytest
import torch
from composing import composed
from lightning import Callback
from omegaconf import DictConfig, OmegaConf
from PIL import Image
from torchvision.transforms import v2

from rotelab.config import choices, identity, nodes, schema
from rotelab.config.instantiate import observers, recipe
from rotelab.data import inputs, listing, splits
from rotelab.data.module import ImageData
from rotelab.errors import InputError
from rotelab.objectives import Schedule, Split, Standard, Target, Threshold

OPTIONS = [(group, option) for group in choices.groups() for option in choices.of(group) if option != "run"]
"""But ``start=run``, which needs a run: tests/training/test_start.py has one."""
PARTS = [
    ("data/split", name) for name in ("halves", "equal_halves", "test_set", "whole_test_set", "plain", "plain_small")
]
MINE = {"measure": ["measure.custom.options={value:3}"]}
OWN = ("image_folder", "csv", "parquet", "npz", "webdataset")
IMAGES = ("data=image_folder", "data.folder=/nowhere")


def needs(group: str, option: str) -> list[str]:
    """What an option can't do without."""
    if group in ("sweep", "network"):
        return ["scale=demo"]
    if (group, option) == ("data/split", "plain_from_600"):
        return ["data.size=600"]
    if (group, option) in (("data/augmentation", "random_crop"), ("data/augmentation", "full")):
        return ["data.crop=7"]
    if (group, option) in (("scale", "small"), ("scale", "imagenet")) or (group == "data" and option in OWN):
        return ["data.folder=/nowhere"]
    if (group, option) == ("model", "timm"):
        return ["model.name=resnet10t"]
    if (group, option) == ("start", "pretrained"):
        return ["start.instead={seed:1}", "start.keep=nothing"]
    if option == "custom":
        path = {"model": "model.target=own_classes.build", "optimizer": "optimizer.target=own_classes.Plain"}
        return [path.get(group, "measure.custom.target=own_classes.Mine"), *MINE.get(group, [])]
    if group == "aggregator" and option != "mean":
        return ["optimizer=sgd", "optimizer.momentum=0"]
    return list(IMAGES) if (group, option) in PARTS else []


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_composes_and_instantiates(group: str, option: str, tmp_path: Path) -> None:
    config = schema.check(composed(f"{group}={option}", *needs(group, option)))
    if option == "mlflow":  # too many packages to have them in the lock
        pytest.importorskip("mlflow")
    made = recipe(config)
    shape = (3, 75, 75) if option == "inception_v3" else (3, 16, 16)  # its least
    network = made.network(shape, 10)
    assert network(torch.zeros(2, *shape)).shape == (2, 10)
    assert made.optimizer(network.parameters()).param_groups
    about = {"name": "a run", "group": "a sweep", "job_type": "run", "config": {}}
    assert all(isinstance(observer, Callback) for observer in observers(config, tmp_path, about))
    made.data(device="cpu")


@pytest.mark.parametrize(
    ("overrides", "fitting"),
    [
        ([], 898),
        (["data/split=plain_thirds"], 1696),
        (["data/split=plain_thirds", "data.split.held_out='all[${plus:${axis.switch},${data.size}}:]'"], 1696),
        *((["data=image_folder", "data.folder=/nowhere", f"data/split={name}"], 50) for name in ("halves", "test_set")),
        (["data=image_folder", "data.folder=/nowhere", "data/split=plain"], 100),
        (["data=image_folder", "data.folder=/nowhere", "data/split=whole_test_set"], 50),
    ],
)
def test_a_size_that_is_too_large_is_told_the_largest(overrides: list[str], fitting: int) -> None:
    config = composed(*overrides, "data.size=2000")
    made = data_of(config)
    sizes = {"all": 1797, "train": 100, "test": 120}
    said = made.too_large(lambda slices: splits.cuts(slices, sizes))
    assert said == f"data.size = 2000 is too large: at most {fitting} fit"
    assert config.data.size == 2000


@pytest.mark.parametrize(
    ("overrides", "objective"),
    [
        (["objective=standard"], Standard()),
        (["objective=split"], Split()),
        (["objective=threshold"], Threshold(0.11)),
        (["objective=threshold", "objective.k=1.1", "objective.unit=chance"], Threshold(1.1, "chance")),
        (["objective=target", "objective.l=0.25", "objective.u=0.75"], Target(0.25, 0.75)),
        (["objective=target", "objective.u=0.3"], Target(0.3, 0.3)),
        (["objective=split_then_standard"], Schedule(Split(), Standard(), 100)),
        (["objective=standard_then_split", "axis.switch=7"], Schedule(Standard(), Split(), 7)),
        (["objective=standard_then_split", "objective.epoch=3"], Schedule(Standard(), Split(), 3)),
    ],
)
def test_options_reach_the_objective(overrides: list[str], objective: object) -> None:
    config = composed(*overrides)
    assert recipe(schema.check(config)).objective == objective


def test_a_schedule_goes_on_for_as_long_again() -> None:
    checked = schema.check(
        composed("sweep=gradient_splitting/recover", "scale=demo", "axis.switch=3", "objective=split_then_standard")
    )
    assert (checked.objective.epoch, checked.stop.max_epochs) == (3, 6)


def test_softmax_ends_the_network() -> None:
    for softmax in (True, False):
        config = composed(f"model.softmax={softmax}")
        network = recipe(schema.check(config)).network((1, 8, 8), 10)
        outputs = network(torch.randn(5, 1, 8, 8))
        assert torch.allclose(outputs.sum(dim=1), torch.ones(5)) == softmax


def test_options_reach_the_data(tmp_path: Path) -> None:
    config = composed("data/inputs=gaussian_blend", "data.inputs.noise=1", "data.size=100", "data.batch_size=30")
    data = recipe(schema.check(config)).data(device="cpu")
    data.setup()
    assert [len(data.splits[name]) for name in ("train", "pseudo_test", "held_out")] == [100, 100, 1597]
    assert data.splits["train"].evaluated[0][:].min() < 0
    assert len(data.train_dataloader()) == 4


def test_options_reach_the_corruptions_and_the_preprocessing() -> None:
    config = composed(
        "data/inputs=chain",
        "data/inputs@data.inputs.first=shuffled_pixels",
        "data/inputs@data.inputs.then=gaussian",
        "data.inputs.then.splits=[held_out]",
        "data/labels=random",
        "data.labels.seed=3",
        "data.crop=6",
        "data.standardize=true",
        "data/augmentation=full",
        "optimizer=sgd",
        "optimizer.weight_decay=0.1",
        "optimizer.lr_decay=0.9",
    )
    made = recipe(schema.check(config))
    assert made.lr_decay == 0.9
    assert made.optimizer([torch.nn.Parameter(torch.zeros(1))]).param_groups[0]["weight_decay"] == 0.1
    data = data_of(config)
    data.setup()
    assert data.image_shape == (1, 6, 6)
    assert 500 < data.splits["train"].changed.sum() < 640
    assert not data.splits["held_out"].changed.any()
    first, then = parts(data.prepare.corrupt)
    assert isinstance(first.function, partial)
    assert first.function.func is inputs.shuffled_pixels
    assert then.splits == ("held_out",)
    augment = data.prepare.preprocess.augment
    assert isinstance(augment, v2.Compose)
    assert len(augment.transforms) == 4
    images, _ = data.splits["train"].evaluated
    torch.testing.assert_close(images[:].mean((1, 2, 3)), torch.zeros(640), atol=1e-5, rtol=0)
    (batch, _), _ = next(iter(data.batches(lambda: 0)))
    assert batch.shape == (64, 1, 6, 6)


def test_a_scale_never_changes_an_objective() -> None:
    for scale in choices.of("scale"):
        for objective in ("threshold", "target"):
            plain = composed(f"objective={objective}")
            scaled = composed(f"objective={objective}", f"scale={scale}", *needs("scale", scale))
            assert plain.objective == scaled.objective


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["objective=threshold", "objective.k=1.7"], "objective.k = 1.7 is not in [0, 1]"),
        (["objective=threshold", "objective.k=nan"], "objective.k = nan is not in [0, 1]"),
        (["objective=threshold", "objective.unit=percent"], "objective.unit = 'percent'"),
        (["objective=target", "objective.l=0.6"], "objective.l = 0.6 is greater than u = 0.5"),
        (["objective=split_then_standard", "objective.epoch=0"], "objective.epoch = 0 is less than 1"),
        (["data/inputs=gaussian_blend", "data.inputs.noise=1.1"], "data.inputs.noise = 1.1 is not in [0, 1]"),
        (["stop.max_epochs=1O"], "stop.max_epochs: Value '1O'"),
        (["stop.max_epochs=0"], "stop.max_epochs = 0 is not greater than 0"),
        (["objective=split_then_standard", "stop.max_epochs=100"], "stop.max_epochs = 100 ends before epoch 101"),
        (["stop.train_accuracy=1.5"], "stop.train_accuracy = 1.5"),
        (["stop.train_loss=0"], "stop.train_loss = 0.0 is not greater than 0"),
        (["optimizer.lr=0"], "optimizer.lr = 0.0 is not greater than 0"),
        (["model.widths=[64,0]"], "model.widths"),
        (["model=resnet18", "model.batch_norm=off"], "model.batch_norm"),
        (["data.order=random"], "data.order = random is not one of shuffled, by_name"),
        (["data.batch_size=0"], "data.batch_size = 0"),
        (["data.split.train='all[600:700]'"], "overlap"),
        (["data.split.train='all[-600:]'"], "all[-600:]"),
        (["precision=64"], "precision"),
        (["seed=-1"], "seed = -1"),
        (["data=image_folder"], "data.folder has to be given"),
        (["stop=null"], "stop = None has to be a group of options"),
        (["data.inputs=null"], "data.inputs = None"),
        (["seed=99999999999999999999999"], "seed"),
        (["data.side=5000"], "data.side = 5000"),
        (["results=''"], "results"),
        (["data/labels=corrupted", "data.labels.fraction=2"], "data.labels.fraction = 2.0 is not in [0, 1]"),
        (["data/labels=corrupted", "data.labels.among=some"], "data.labels.among = some is not one of all, wrong"),
        (["data.positive_classes=0"], "data.positive_classes = 0 is not a list of single values"),
        (["data.positive_classes=[[0]]"], "data.positive_classes = [[0]] is not a list of single values"),
        (["optimizer.betas=[[0],1]"], "optimizer.betas = [[0], 1] is not a list of single values"),
        (["model.widths=5"], "model.widths = 5 is not a list of single values"),
        (["data/labels=random", "data.labels.splits=[test]"], "data.labels.splits = ['test'] is not a list of train"),
        (
            ["data/inputs=shuffled_pixels", "data.inputs.channels=some"],
            "data.inputs.channels = some is not one of tied",
        ),
        (["data/inputs=gaussian", "data.inputs.moments=some"], "data.inputs.moments = some is not one of channel"),
        (
            ["data/inputs=chain", "data/inputs@data.inputs.then=gaussian_blend", "data.inputs.then.noise=2"],
            "then.noise",
        ),
        (["data/augmentation=random_crop"], "data.augmentation.random_crop = true needs crop"),
        (["data.augmentation.hue=0.6"], "data.augmentation.hue = 0.6 is not in [0, 0.5]"),
        (["data.crop=0"], "data.crop = 0"),
        (["optimizer.weight_decay=-1"], "optimizer.weight_decay"),
        (["optimizer.lr_decay=0"], "optimizer.lr_decay = 0.0 is not in (0, 1]"),
        (["model.dropout=1"], "model.dropout = 1.0 is not in [0, 1)"),
        (["trainer.workers=-1"], "trainer.workers = -1"),
        (["trainer.log_every=0"], "trainer.log_every = 0.0 is not greater than 0"),
        ([*IMAGES, "data.storage=disk"], "data.storage = disk is not one of auto, memory, stream"),
        ([*IMAGES, "data.on_bad_image=ignore"], "data.on_bad_image = ignore is not one of error, skip"),
    ],
)
def test_a_value_out_of_range_is_named(overrides: list[str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        schema.check(composed(*overrides))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_class_of_a_file_that_is_none_of_ours_is_named() -> None:
    config = composed()
    config.model._target_ = "os.system"
    with pytest.raises(InputError, match=r"^model\._target_ = os\.system"):
        schema.check(config)


def test_unknown_keys_of_a_file_are_refused() -> None:
    config = composed("objective=threshold")
    for key, value in (("objective.kk", 1), ("stop.max_epoch", 3), ("objectve", {})):
        wrong = config.copy()
        OmegaConf.update(wrong, key, value, force_add=True)
        with pytest.raises(InputError, match=key.split(".")[-1]):
            schema.check(wrong)


def test_a_number_written_otherwise_is_the_same_run() -> None:
    assert identity.digest(container("stop.train_accuracy=1")) == identity.digest(container("stop.train_accuracy=1.0"))


def test_each_part_of_the_science_names_the_run() -> None:
    base = identity.digest(container("seed=0"))
    assert (
        identity.digest(
            container("trainer.threads=1", "trainer.workers=0", "logger=wandb", "results=/elsewhere", "dry_run=true")
        )
        == base
    )
    for changed in (
        "seed=1",
        "model.softmax=false",
        "data.batch_order=reshuffled",
        "stop.max_epochs=7",
        "optimizer.lr=1",
    ):
        assert identity.digest(container(changed)) != base


def test_an_image_folder_is_named_by_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "a" / "train" / "cat").mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "a" / "train" / "cat" / "0.png")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    a, b = (identity.digest(container("data=image_folder", f"data.folder={tmp_path / name}")) for name in "ab")
    assert a == b
    Image.new("RGB", (4, 4)).save(tmp_path / "c.png")
    (tmp_path / "c.png").rename(tmp_path / "b" / "train" / "cat" / "1.png")
    listing._naming.clear()
    assert identity.digest(container("data=image_folder", f"data.folder={tmp_path / 'b'}")) != a


def parts(chain: inputs.Corrupt) -> tuple[inputs.Corruption, inputs.Corruption]:
    assert isinstance(chain, inputs.Chain)
    first, then = chain.first, chain.then
    assert isinstance(first, inputs.Corruption) and isinstance(then, inputs.Corruption)
    return first, then


def data_of(config: DictConfig) -> ImageData:
    return cast(ImageData, recipe(schema.check(config)).data(device="cpu"))


def container(*overrides: str) -> dict:
    return nodes.plain(composed(*overrides))


@pytest.mark.parametrize("bits", [32, 64])
def test_seed_bits_reach_every_corruption(bits: int) -> None:
    config = composed("data/inputs=chain", "data/inputs@data.inputs.then=random_pixels", f"data.seed_bits={bits}")
    corrupt = data_of(config).prepare.corrupt
    assert [part.seed_bits for part in parts(corrupt)] == [bits, bits]
    with pytest.raises(InputError, match=r"data.seed_bits = 16 is not 32 or 64"):
        schema.check(composed("data.seed_bits=16"))
