"""No measure changes a bit of the weights, of batch norm's statistics, or of the numbers that others draw."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas
import pytest
import torch
from lightning import Callback
from runs import recipe, trained
from torch import Tensor

from rotelab.data.parts import Part, Source
from rotelab.measures.agreement import Agreement
from rotelab.measures.coherence import Coherence
from rotelab.measures.generalizing import Generalization
from rotelab.measures.gradient_norm import GradientNorm
from rotelab.measures.legacy_accuracy import LegacyAccuracy
from rotelab.measures.probes import Probes
from rotelab.measures.stability import Stability
from rotelab.models.resnet18 import resnet18
from rotelab.randomness import stream

LEVELS = [level / 20 for level in range(1, 21)]


def source() -> Source:
    images = torch.randint(256, (44, 3, 16, 16), generator=stream("tests"), dtype=torch.uint8)
    return Source({"all": Part(images, torch.arange(44) % 2)}, ("even", "odd"))


def end(folder: Path, *measures: Callback) -> tuple[dict[str, Tensor], Tensor, pandas.DataFrame]:
    """State of a network with batch norm after gradient splitting, the generator's state, and the curve."""
    made = recipe(network=partial(resnet18, width=0.1), measures=measures, batch_order="reshuffled")
    made = replace(made, data=partial(made.data, load=source))
    state = trained(made, folder).network.state_dict()
    return state, torch.get_rng_state(), pandas.read_csv(folder / "curve.csv")


@pytest.fixture(scope="module")
def unmeasured(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Tensor], Tensor, pandas.DataFrame]:
    return end(tmp_path_factory.mktemp("unmeasured"))


@pytest.mark.parametrize(
    ("measure", "metric"),
    [
        (LegacyAccuracy(), "legacy_accuracy"),
        (GradientNorm(per_decade=20), "gradient_norm"),
        pytest.param(
            Stability(LEVELS, delta=0.05, directions=2, images=8), "parameter_radius_worst", marks=pytest.mark.slow
        ),
        (Coherence(16, ["train", "held_out"], "epochs", per_decade=20), "coherence_r"),
        pytest.param(
            Coherence(16, ["train", "held_out"], "steps", per_decade=20), "coherence_r", marks=pytest.mark.slow
        ),
        pytest.param(Agreement(16, per_decade=20), "agreement", marks=pytest.mark.slow),
        (Generalization([2], "honest", draws=1), "generalization"),
        (Probes([0, 2], fitted=6, tested=4, features=64), "ridge_train"),
    ],
)
def test_with_and_without(tmp_path: Path, unmeasured: tuple, measure: Callback, metric: str) -> None:
    before, random, curve = unmeasured
    after, same_random, measured = end(tmp_path, measure)
    assert any("running_mean" in name for name in before)
    for name, value in before.items():
        assert torch.equal(after[name], value), name
    assert torch.equal(same_random, random)
    assert metric in set(measured[measured.epoch.between(1, 3)].metric), "it did measure before the last epoch"
    names, before_it = (of.metric + "/" + of.split for of in (measured, curve))
    common = measured[names.isin(before_it)].reset_index(drop=True)
    pandas.testing.assert_frame_equal(common, curve, check_exact=True)
