"""Every option is of its type, however it is written, and runs keep their names."""

import os
from typing import Any, cast

import pytest
from composing import composed
from omegaconf import OmegaConf

from rotelab.config import identity, nodes, schema
from rotelab.errors import InputError


@pytest.mark.parametrize(
    ("written", "key", "value"),
    [
        (["model.softmax=no"], "model.softmax", False),
        (["model.softmax='off'"], "model.softmax", False),
        (["model.softmax=0"], "model.softmax", False),
        (["optimizer.lr='1e-3'"], "optimizer.lr", 0.001),
        (["optimizer.lr=1"], "optimizer.lr", 1.0),
        (["stop.max_epochs='7'"], "stop.max_epochs", 7),
        (["seed='3'"], "seed", 3),
        (["model.widths=['8',9]"], "model.widths", [8, 9]),
        (["data.side='16'"], "data.side", 16),
        (["data.augmentation.flip='0.5'"], "data.augmentation.flip", 0.5),
        (["data.standardize='yes'"], "data.standardize", True),
        (["data/labels=corrupted", "data.labels.fraction='0.25'"], "data.labels.fraction", 0.25),
        (["objective=target", "objective.u='0.75'"], "objective.l", 0.75),
        (["objective=standard_then_split", "axis.switch='3'"], "objective.epoch", 3),
        (["data/inputs=chain", "data.inputs.then.seed='4'"], "data.inputs.then.seed", 4),
        (["measure=stability", "measure.stability.levels=['0.5',1]"], "measure.stability.levels", [0.5, 1.0]),
        (["logger=wandb", "logger.wandb.timeout='3'"], "logger.wandb.timeout", 3.0),
        (["trainer.threads='2'"], "trainer.threads", 2),
    ],
)
def test_values_are_of_their_types(written: list[str], key: str, value: object) -> None:
    config = composed(*written)
    values = schema.check(config).values
    found = OmegaConf.select(OmegaConf.create(values), key)
    found = OmegaConf.to_container(found) if OmegaConf.is_config(found) else found
    assert (found, type(found)) == (value, type(value))
    if isinstance(value, list):
        assert list(map(type, cast(list[Any], found))) == list(map(type, value))


FORMER = ["model=mlp", "data.batch_size=512", "optimizer.lr=1e-4", "stop.max_epochs=200"]
"""Defaults of before."""


def test_a_value_written_otherwise_is_the_same_run_and_stack() -> None:
    plain = schema.check(composed("model.softmax=false", "data.standardize=true", "stop.max_epochs=7")).values
    other = schema.check(composed("model.softmax=no", "data.standardize='on'", "stop.max_epochs='7'")).values
    assert plain == other
    assert identity.digest(plain) == identity.digest(other)
    assert identity.stack(plain) == identity.stack(other)


@pytest.mark.parametrize(
    ("overrides", "digest"),
    [
        (["model=mlp"], "6b0156be4a"),
        (["model=convnet5", "data/labels=corrupted", "measure=[coherence,stability]"], "cad0b4275b"),
        (
            ["model=resnet18", "optimizer=sgd", "optimizer.lr=0.1", "stop.train_accuracy=null", "data.side=16"],
            "8afcb479f6",
        ),
        (
            ["sweep=randomization_tests/table1", "scale=demo", "network=alexnet", "data/augmentation=random_crop"],
            "a453908d5d",
        ),
        (
            ["objective=target", "precision=bf16", "data/inputs=chain", "data/inputs@data.inputs.first=gaussian"],
            "4fec5c5392",
        ),
        (["data=image_folder", "data.folder={folder}", "data/inputs=gaussian_blend"], "0d96258a59"),
    ],
)
def test_runs_keep_their_names(overrides: list[str], digest: str, tmp_path: Any) -> None:
    image = tmp_path / "train" / "cat" / "0.png"
    image.parent.mkdir(parents=True)
    image.write_text("x")
    os.utime(image, (10**9, 10**9))
    given = [] if "scale=demo" in overrides else FORMER  # whoever gives an option twice means the last
    config = composed(*given, *(text.format(folder=tmp_path) for text in overrides))
    assert identity.digest(schema.check(config).values) == digest
    assert identity.digest(nodes.plain(config)) == digest


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["data.split.train=5"], "data.split.train = 5 is not a slice"),
        (["data.split.train=[1]"], "data.split.train = [1] is not a slice"),
        (["data.split.train=null"], "data.split.train = None is not a slice"),
        (["data/inputs=chain", "data.inputs.first=3"], "data.inputs.first = 3 has to be a group of options"),
        (["objective=standard_then_split", "objective.then=null"], "objective.then = None has to be a group"),
        (["optimizer.lr=1e300"], "optimizer.lr = 1e+300"),
        (["optimizer.weight_decay=1e300"], "optimizer.weight_decay"),
        (["model.widths=[10000000000]"], "model.widths"),
        (["model=convnet5", "model.width=1e9"], "model.width"),
        (["trainer.threads=100000"], "trainer.threads = 100000"),
        ([f"data.order_seed={2**70}"], "data.order_seed = 1180591620717411303424 is not a number of 64 bits"),
        ([f"data.inputs.seed=-{2**70}"], "data.inputs.seed = -1180591620717411303424 is not a number of 64 bits"),
        (["results=${results}"], "results: Recursive interpolation"),
        (["name=../x"], "name = ../x"),
        (["name=''"], "name = "),
        (["name=.."], "name = .."),
        (["name=single"], "name = single"),
        (["network=alexnet"], "choose scale=demo"),
        (["trainer.devices=65"], "trainer.devices = 65: data.batch_size = 64 leaves a device without an image"),
    ],
)
def test_what_can_not_work_is_named(overrides: list[str], words: str) -> None:
    with pytest.raises(InputError) as caught:
        schema.check(composed(*overrides))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
