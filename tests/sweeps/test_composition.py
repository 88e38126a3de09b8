"""The runs of a sweep are those of Hydra's own sweeper, in its order, composed as it would compose them."""

import random
from collections.abc import Iterator

import pytest
from hydra import initialize_config_dir
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from rotelab.config import choices, nodes, resolvers
from rotelab.errors import InputError
from rotelab.sweeps.composition import Composer, expand


@pytest.fixture
def loader() -> Iterator[ConfigLoader]:
    resolvers.register()
    with initialize_config_dir(str(choices.CONF), version_base="1.3"):
        yield GlobalHydra.instance().config_loader()


def sweep(loader: ConfigLoader, *given: str) -> DictConfig:
    return loader.load_configuration("train", list(given), RunMode.MULTIRUN)


def theirs(loader: ConfigLoader, params: DictConfig, given: list[str]) -> list[list[str]]:
    texts = [f"{key}={value}" for key, value in params.items()]
    (batch,) = BasicSweeper.split_arguments(OverridesParser.create(loader).parse_overrides([*texts, *given]), None)
    return [list(job) for job in batch]


@pytest.mark.parametrize(
    ("over", "drawn"),
    [
        ([], [(0, 0, "by_name"), (1, 0, "by_name")]),
        (["seeds=images"], [(0, 0, "shuffled"), (0, 1, "shuffled")]),
        (["seeds=both"], [(0, 0, "shuffled"), (1, 1, "shuffled")]),
    ],
)
def test_what_the_seeds_of_a_sweep_draw(
    over: list[str], drawn: list[tuple[int, int, str]], loader: ConfigLoader
) -> None:
    """The seed of the weights, that of the images, and their order."""
    given = ["sweep=gradient_splitting/figs1b", "scale=small", "data.folder=/nowhere", "axis.seeds='0,1'", *over]
    config = sweep(loader, *given)
    composer = Composer(loader, config)
    configs = [composer.compose(run)[0] for run in expand(loader, config.hydra.sweeper.params, given)]
    assert sorted({(of.seed, of.data.order_seed, of.data.order) for of in configs}) == drawn


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if "/fig" in name else pytest.mark.slow) for name in choices.of("sweep")],
)
def test_every_sweep_is_composed_as_hydra_would(name: str, loader: ConfigLoader) -> None:
    given = [f"sweep={name}", "scale=small", "data.folder=/nowhere", "stop.dead_epochs=7"]
    config = sweep(loader, *given)
    runs = expand(loader, config.hydra.sweeper.params, given)
    assert runs == theirs(loader, config.hydra.sweeper.params, given)
    composer = Composer(loader, config)
    for run in random.Random(name).sample(runs, 2):
        ours, chosen = composer.compose(run)
        expected = loader.load_sweep_config(config, run)
        assert chosen == OmegaConf.to_container(expected.hydra.runtime.choices)
        expected = nodes.ours(expected)
        assert OmegaConf.to_container(ours) == OmegaConf.to_container(expected)


@pytest.mark.parametrize(
    "given",
    [
        ["seed=range(0,3)", "objective=glob(standard*)"],
        ["seed=choice(3,1)", "data.size=range(64,129,step=64)"],
        ["data.size=64,128", "seed=0", "model.widths=[8],[16,16]"],
        [
            "data/inputs=chain",
            "data/inputs@data.inputs.first=gaussian_blend,shuffled_pixels",
            "data.inputs.then.seed=4",
        ],
        ["measure=[coherence,agreement],[stability]", "stop={max_epochs:3}", "name='a b'", "optimizer.lr=1e-3,'1e-2'"],
        ["objective=threshold", "objective.unit=chance,accuracy", "model=mlp,mlp_384"],
    ],
)
def test_a_command_line_is_read_as_hydra_would(given: list[str], loader: ConfigLoader) -> None:
    config = sweep(loader, *given)
    runs = expand(loader, {}, given)
    assert runs == theirs(loader, OmegaConf.create({}), given)
    composer = Composer(loader, config)
    for run in runs:
        expected = loader.load_sweep_config(config, run)
        expected = nodes.ours(expected)
        assert OmegaConf.to_container(composer.compose(run)[0]) == OmegaConf.to_container(expected)


def test_runs_share_nothing(loader: ConfigLoader) -> None:
    composer = Composer(loader, sweep(loader))
    first, _ = composer.compose(["model.widths=[8]"])
    second, _ = composer.compose(["model.widths=[8]"])
    first.model.widths.append(9)
    assert second.model.widths == [8]
    third, _ = composer.compose([])
    assert third.model.widths == [384, 384]


@pytest.mark.parametrize(
    ("params", "given", "words"),
    [
        ({}, ["name=a,b"], "choose the folder of a sweep: start one for each"),
        ({"scale": "demo,small"}, [], "one scale at a time, each has a folder of its own"),
        ({"seed": "range(5,0)"}, [], "a range has to hold 1 to"),
        ({"seed": "range(0,1000)", "data.size": "range(1,1000)"}, [], "999,000 runs: a sweep may have 100,000"),
        ({"seed": "choice()"}, [], "seed=choice()"),
        ({"hydra.run.dir": "x"}, [], "hydra.run.dir"),
    ],
)
def test_a_sweep_that_is_none(params: dict, given: list[str], words: str, loader: ConfigLoader) -> None:
    with pytest.raises(InputError) as caught:
        expand(loader, params, given)
    assert words in str(caught.value)


def test_nothing_in_a_file_is_null(loader: ConfigLoader) -> None:
    """Hydra's own sweeper would vary the word None."""
    assert expand(loader, {"stop.train_accuracy": None, "model.softmax": True}, []) == [
        ["stop.train_accuracy=null", "model.softmax=True"]
    ]


def test_an_unknown_key_is_refused_in_hydras_words(loader: ConfigLoader) -> None:
    with pytest.raises(Exception, match=r"Could not override 'stop\.max_epoch'"):
        Composer(loader, sweep(loader)).compose(["stop.max_epoch=3"])
