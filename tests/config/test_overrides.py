"""The overrides that make runs differ, as results record them and lines show them."""

import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode

from rotelab.config import choices, nodes, overrides, resolvers, schema


@pytest.mark.parametrize(
    ("given", "key", "known", "shown"),
    [
        ("measure=[coherence,agreement]", "measure", "[coherence,agreement]", "measure=[coherence,agreement]"),
        ("measure=coherence", "measure", "coherence", "measure=coherence"),
        ("data/inputs='gaussian_blend'", "data/inputs", "gaussian_blend", "data/inputs=gaussian_blend"),
        ("model.softmax=no", "model.softmax", False, "model.softmax=false"),
        ("seed=1", "seed", 1, "seed=1"),
        ("optimizer.lr='1e-2'", "optimizer.lr", 0.01, "optimizer.lr=0.01"),
        ("model.widths=[8,16]", "model.widths", [8, 16], "model.widths=[8,16]"),
        ("data.crop=null", "data.crop", None, "data.crop=null"),
        (
            "stop={dead_epochs:3}",
            "stop",
            {"train_accuracy": 0.99, "train_loss": None, "max_epochs": 1500, "dead_epochs": 3},
            "stop={train_accuracy:0.99,train_loss:null,max_epochs:1500,dead_epochs:3}",
        ),
    ],
)
def test_what_was_given_is_shown_as_it_would_be_given(given: str, key: str, known: object, shown: str) -> None:
    resolvers.register()
    texts = [given, "trainer=cpu"]
    with initialize_config_dir(str(choices.CONF), version_base="1.3"):
        config = GlobalHydra.instance().config_loader().load_configuration("train", texts, RunMode.RUN)
    chosen = nodes.plain(config.hydra.runtime.choices)
    found = overrides.overridden(texts, chosen, schema.check(config).values)
    assert found == {key: known}
    assert overrides.shown(found) == f" ({shown})"


def test_nothing_given_is_nothing_shown() -> None:
    assert overrides.shown({}) == ""
