"""Every option of every choice refuses a wrong value in one line with its key."""

from dataclasses import fields, is_dataclass
from itertools import product
from typing import Any, cast, get_args

import pytest
from composing import composed
from kept import write_network
from omegaconf import OmegaConf

from rotelab.config import choices, nodes
from rotelab.config.schema import Config
from rotelab.data.corruption_options import Inputs, Labels
from rotelab.data.options import Augmentation, Data
from rotelab.errors import did_you_mean
from rotelab.measures.options import Measure
from rotelab.models.options import Model
from rotelab.objectives import Objective
from rotelab.options import TARGETS, below, build, fields_of, typed
from rotelab.tracking.options import Logger
from rotelab.training.options import Aggregator, Optimizer, Save, Start, Stop, Trainer

WRONG = ("abc", "", "no", float("nan"), float("inf"), -1, 1e300, 2**70, True, None, [], [float("nan")], {}, {"a": 1})


GROUPS = {
    "objective": Objective,
    "data": Data,
    "data/inputs": Inputs,
    "data/labels": Labels,
    "model": Model,
    "start": Start,
    "optimizer": Optimizer,
    "aggregator": Aggregator,
    "measure": Measure,
    "logger": Logger,
}
"""What the choices of a group are described by."""
DESCRIBED = [kind for kind in dict.fromkeys(TARGETS.values()) if kind.__module__.startswith("rotelab.")]
KINDS = [kind for kind in dict.fromkeys(base for one in DESCRIBED for base in one.__mro__) if is_dataclass(kind)]
"""Every dataclass that describes a choice, or several."""


NEEDED = {"target": "own_classes.build", "instead": {"seed": 1}}
"""Of options that have to be given; all others are folders."""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[type, str, dict[str, Any]]]:
    """For each target what its group is described by, the path of its node in a config, and that node."""
    found, default = {}, composed()
    folder = write_network(tmp_path_factory.mktemp("run")).parent
    for group, base in GROUPS.items():
        for choice in choices.of(group):
            read = cast(dict[str, Any], OmegaConf.to_container(OmegaConf.load(choices.CONF / group / f"{choice}.yaml")))
            name = next((name for name, inner in read.items() if isinstance(inner, dict)), "")  # of a measure, a logger
            path = ".".join([*group.split("/"), *([name] if name else [])])
            given = read[name] if name else read
            target = given.get("_target_")
            if target is None:  # as another choice, but for some values
                continue
            config = default.copy()
            usual = {} if name else nodes.plain(OmegaConf.select(config, path))
            node: dict[str, Any] = {"_target_": target}
            for option in fields_of(TARGETS[target]):
                node[option.name] = given.get(option.name, usual.get(option.name, usual))
                if node[option.name] == "???":
                    node[option.name] = NEEDED.get(option.name, str(folder))
            OmegaConf.update(config, path, node, merge=False, force_add=True)
            plain = nodes.plain(OmegaConf.select(config, path))
            found.setdefault(target, (base, path, plain))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_value_of_any_option_is_a_line(
    kind: type, described: dict[str, tuple[type, str, dict[str, Any]]]
) -> None:
    target = next(name for name, one in TARGETS.items() if issubclass(one, kind) and one in DESCRIBED)
    base, path, node = described[target]
    typed(base, node, path)
    for name, wanted in vars(kind).get("__annotations__", {}).items():
        for value in (float("nan"), float("inf")) if float in (wanted, *get_args(wanted)) else ():
            with pytest.raises(ValueError, match=name):
                typed(base, node | {name: value}, path)
        for value in WRONG:
            refused(lambda: typed(base, node | {name: value}, path), f"{path}.{name}")  # noqa: B023


BESIDE = {"stop": Stop, "save": Save, "trainer": Trainer, "data.augmentation": Augmentation}


@pytest.mark.parametrize("path", BESIDE)
def test_a_wrong_value_beside_them_is_a_line(path: str) -> None:
    node = nodes.plain(OmegaConf.select(composed(), path))
    for name, value in product(node, WRONG):
        refused(lambda: below(path, BESIDE[path], node | {name: value}), f"{path}.{name}")  # noqa: B023


def test_a_wrong_value_at_the_top_is_a_line() -> None:
    plain = nodes.plain(composed())
    for option, value in product((option for option in fields(Config) if option.init), WRONG):
        refused(lambda: build(Config, plain | {option.name: value}), option.name)  # noqa: B023


@pytest.mark.parametrize("name", ["train", "pseudo_test", "held_out"])
def test_a_wrong_slice_is_a_line(name: str) -> None:
    node = nodes.plain(composed().data)
    for value in WRONG:
        wrong = node | {"split": node["split"] | {name: value}}
        refused(lambda: typed(Data, wrong, "data"), f"data.split.{name}")  # noqa: B023


def refused(attempt: Any, key: str) -> None:
    """Passes where nothing is raised, or an error in a line that names the key (a sibling may be what it goes with)."""
    try:
        attempt()
    except ValueError as error:  # an InputError is one
        assert "\n" not in str(error)
        group, _, name = key.rpartition(".")
        assert str(error).startswith(group or name), (key, str(error))
        assert name in str(error), (key, str(error))


@pytest.mark.parametrize(("word", "meant"), [("Adamw", "AdamW"), ("adamw", "AdamW"), ("Adan", "Adam"), ("xyz", None)])
def test_a_name_in_other_capitals_is_nearer_than_any_other(word: str, meant: str | None) -> None:
    assert did_you_mean(word, ["Adam", "AdamW"]) == (f": did you mean {meant}?" if meant else "")
