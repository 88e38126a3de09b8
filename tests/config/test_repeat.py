"""A run's command: composed again, it is the same run, with the same name."""

import pytest
from omegaconf import OmegaConf

from rotelab.config import choices, identity, nodes, repeat
from rotelab.config.compose import compose

GIVEN = {
    "nothing": [],
    "other objectives": ["objective=split_then_standard", "objective.epoch=7"],
    "nested values": ["objective=target", "objective.l=0.25", "objective.u=0.25", "optimizer=sgd"],
    "below data": ["data/inputs=gaussian_blend", "data.inputs.noise=0.9", "data/labels=random", "data/split=halves"],
    "slices of one's own": ['data.split.train="all[:10]"', "data.size=10"],
    "what sets several": ["conditioning=good", "seed=7", "stop.train_accuracy=null"],
    "measures": ["measure=[coherence,agreement]", "measure.coherence.images=10", "model=convnet5"],
    "images": ["data=image_folder", 'data.folder="/a \'b\'/<c>/\\"d$e"', "data.side=32"],
    "a class of one's own": ["model=custom", "model.target=collections.OrderedDict", "model.options={images:100}"],
}


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_composed_again_it_is_the_same(given: list[str]) -> None:
    values = compose(*given).values
    again = compose(*repeat.overrides(values)).values
    assert {group: again[group] for group in identity.NAMED} == {group: values[group] for group in identity.NAMED}
    assert len(repeat.overrides(values)) <= 8


def test_it_is_short() -> None:
    values = compose("objective=threshold", "objective.k=0.2", "data.size=100", "data/labels=random").values
    assert (
        repeat.command(values) == "rotelab train data/labels=random objective=threshold objective.k=0.2 data.size=100"
    )


def test_a_shell_gives_it_whole() -> None:
    command = repeat.command(compose("data=image_folder", 'data.folder="/my images"').values)
    assert command == "rotelab train data=image_folder 'data.folder=\"/my images\"'"


def test_what_no_choice_is_has_no_command() -> None:
    values = compose().values
    values["model"] = {"_target_": "rotelab.models.gone"}
    assert repeat.command(values) is None
    assert repeat.command({"seed": 0}) == "rotelab train"


@pytest.mark.parametrize(
    "group", ["objective", "model", "optimizer", "data/labels", "data/inputs", "data/augmentation"]
)
def test_every_choice_is_found_by_its_values(group: str) -> None:
    for name in choices.of(group):
        written = OmegaConf.load(choices.CONF / group / f"{name}.yaml")
        if "???" in nodes.written(written).values() or (group, name) == ("data/augmentation", "full"):
            continue
        more = ["data.crop=7"] if group == "data/augmentation" else []
        assert repeat.chosen_of(compose(f"{group}={name}", *more).values)[group] == name
