"""A run's digest changes with everything that determines its weights, and with nothing else."""

import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from rotelab.config import identity
from rotelab.data import listing


def config(target: str = "cifar10", folder: str = "/data") -> dict[str, Any]:
    return {
        "objective": {"_target_": "rotelab.objectives.Threshold", "k": 0.11, "unit": "accuracy"},
        "data": {
            "_target_": f"rotelab.data.sources.{target}",
            "folder": folder,
            "cache": "~/.cache",
            "download": False,
            "size": 640,
            "inputs": {"_target_": "rotelab.data.inputs.clean", "seed": 0},
        },
        "model": {"_target_": "rotelab.models.mlp.mlp", "softmax": False, "widths": [64]},
        "start": {"_target_": "rotelab.training.start.random"},
        "optimizer": {"_target_": "torch.optim.Adam", "lr": 1e-3},
        "aggregator": {"_target_": "rotelab.aggregators.Mean", "groups": 1},
        "stop": {"train_accuracy": 0.99, "max_epochs": 200},
        "precision": "fp32",
        "seed": 0,
        "measure": {},
        "logger": {},
        "trainer": {"accelerator": "auto"},
        "results": "multirun",
    }


def changed(key: str, value: object) -> dict[str, Any]:
    made = deepcopy(config())
    *path, last = key.split(".")
    node = made
    for name in path:
        node = node[name]
    node[last] = value
    return made


def backwards(node: Any) -> Any:
    return {key: backwards(node[key]) for key in reversed(node)} if isinstance(node, dict) else node


def image_folder(root: Path) -> str:
    """The digest of a run on a folder of two files."""
    (root / "train" / "cat").mkdir(parents=True)
    (root / "train" / "cat" / "0.jpg").write_bytes(b"zero")
    (root / "train" / "cat" / "1.jpg").write_bytes(b"one")
    return digest_of(root)


def digest_of(root: Path) -> str:
    listing._naming.clear()  # kept for the life of a process
    return identity.digest(config("image_folder", str(root)))


def test_is_ten_hex_digits() -> None:
    assert len(identity.digest(config())) == 10
    int(identity.digest(config()), 16)


def test_runs_keep_the_names_that_they_were_given() -> None:
    """Of before precisions had names of their own."""
    assert identity.digest(config()) == "fbdfa64ade"
    assert identity.digest(changed("precision", "32-true")) == "fbdfa64ade"


def test_an_option_that_came_later_leaves_names_alone() -> None:
    assert identity.digest(changed("data.seed_bits", 32)) == identity.digest(config())
    assert identity.digest(changed("data.seed_bits", 64)) != identity.digest(config())
    assert identity.digest(changed("data.side", None)) != identity.digest(config()), "all others are named"


def test_order_of_keys_does_not_matter() -> None:
    assert identity.digest(backwards(config())) == identity.digest(config())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("data.folder", "/elsewhere"),
        ("data.cache", "/tmp"),
        ("data.download", True),
        ("logger", {"wandb": {}}),
        ("trainer.accelerator", "gpu"),
        ("results", "/elsewhere"),
    ],
)
def test_machine_and_observation_do_not_matter(key: str, value: object) -> None:
    assert identity.digest(changed(key, value)) == identity.digest(config())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed", 1),
        ("objective.k", 0.2),
        ("objective._target_", "rotelab.objectives.Split"),
        ("data.size", 320),
        ("data.inputs.seed", 1),
        ("model.widths", [64, 64]),
        ("optimizer.lr", 1e-4),
        ("aggregator.groups", 3),
        ("stop.max_epochs", 100),
        ("precision", "bf16"),
        ("measure", {"gradient_norm": {}}),
    ],
)
def test_science_and_measure_matter(key: str, value: object) -> None:
    assert identity.digest(changed(key, value)) != identity.digest(config())


def test_a_copy_of_an_image_folder_is_the_same_run(tmp_path: Path) -> None:
    before = image_folder(tmp_path / "here")
    shutil.copytree(tmp_path / "here", tmp_path / "there")  # keeps the times
    assert digest_of(tmp_path / "there") == before


def test_an_image_folder_with_a_file_more_is_another_run(tmp_path: Path) -> None:
    before = image_folder(tmp_path)
    (tmp_path / "train" / "cat" / "2.jpg").write_bytes(b"two")
    assert digest_of(tmp_path) != before


@pytest.mark.parametrize(
    ("source", "name"), [("csv", "a.csv"), ("parquet", "a.parquet"), ("npz", "a.npz"), ("webdataset", "a.tar")]
)
def test_files_are_named_by_what_they_are_and_not_by_where_they_lie(tmp_path: Path, source: str, name: str) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    (here / name).write_bytes(b"one")
    shutil.copytree(here, there)  # keeps the times
    before, copied = (identity.digest(config(source, str(folder))) for folder in (here, there))
    assert before == copied == identity.digest(config(source, str(here / name)))
    listing._naming.clear()
    (here / name).write_bytes(b"other")
    assert identity.digest(config(source, str(here))) != before


def test_a_csv_is_named_by_its_images_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"one")
    before = identity.digest(config("csv", str(tmp_path)))
    (tmp_path / "a.png").write_bytes(b"one")
    listing._naming.clear()
    assert identity.digest(config("csv", str(tmp_path))) != before


def test_science_leaves_the_config_as_it_is() -> None:
    given = config()
    identity.science(given)
    assert given == config()
