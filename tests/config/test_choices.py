"""What may have been meant by a key that is not there, and nothing of one that is."""

import pytest
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from rotelab.config import choices, resolvers, schema
from rotelab.errors import InputError


def hint(override: str) -> str:
    """Of what goes wrong with it."""
    resolvers.register()
    with (
        initialize_config_dir(str(choices.CONF), version_base="1.3"),
        pytest.raises((HydraException, InputError)) as caught,
    ):
        schema.check(compose("train", [override]))
    assert isinstance(caught.value.__cause__, OmegaConfBaseException)
    return choices.hint(caught.value.__cause__)


@pytest.mark.parametrize(
    ("override", "meant"),
    [
        ("epochs=3", "did you mean stop.max_epochs or stop.dead_epochs or save.epochs?"),
        ("lr=3", "did you mean optimizer.lr?"),
        ("stop.lr=3", "did you mean optimizer.lr?"),
        ("splits=[train]", "did you mean data.inputs.splits or data.labels.splits?"),
        ("sede=3", "did you mean seed?"),
        ("stop.max_epoch=3", "did you mean max_epochs?"),
        ("objective.kk=2", "did you mean objective.k, of objective=threshold?"),
        ("k=2", "did you mean objective.k, of objective=threshold?"),
        ("noise=1", "did you mean data.inputs.noise, of data/inputs=gaussian_blend?"),
        ("objective.k=2", "k belongs to objective=threshold"),
        ("sizes=3", "did you mean data.size?"),
    ],
)
def test_another_option_may_be_meant(override: str, meant: str) -> None:
    assert hint(override) == f": {meant}"


@pytest.mark.parametrize(
    "override", ["xyzzy=3", "hydr=3", "qwerty=3", "data.order=${nope:1}", "data.order=${nope}", "objective.xyzzy=1"]
)
def test_where_nothing_is_like_it_nothing_is_said(override: str) -> None:
    assert hint(override) == ""
