"""ResNet18 and its softmax."""

from functools import partial

import asking
import pandas
import pytest
from tables import Curve, runs, straight, together

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.gradient_splitting.claims import figs1_ablation

ask, verdict = partial(asking.ask, figs1_ablation.CLAIMS), partial(asking.verdict, figs1_ablation.CLAIMS)

SEEDS = (0, 1, 2)


def softmaxes(norm: str, outputs: int, without: Curve, with_: Curve) -> pandas.DataFrame:
    tables = []
    for softmax, curve in ((False, without), (True, with_)):
        where = {"model.batch_norm": norm, "model.softmax": softmax, "model.head_classes": outputs}
        tables.append(runs(where, {"accuracy/train": curve}, seeds=SEEDS))
    return together(*tables)


@pytest.mark.parametrize(
    ("text", "norm", "outputs"),
    [
        ("A softmax slows ResNet18 down on noise, as the author ran it", "frozen_init", 1000),
        ("... with 1000 outputs and live batch norm by more than .05", "batch", 1000),
        ("... with ten outputs and live batch norm by more than .05", "batch", 10),
    ],
)
def test_the_softmax(text: str, norm: str, outputs: int) -> None:
    assert verdict(text, softmaxes(norm, outputs, straight(1.0, 10), straight(0.3, 10))) == HOLDS
    assert verdict(text, softmaxes(norm, outputs, straight(0.5, 10), straight(0.5, 10))) == FAILS
    other = softmaxes("frozen_init", 10, straight(1.0, 10), straight(0.3, 10))
    assert verdict(text, other) == NOT_MEASURED
    found = ask(text, softmaxes(norm, outputs, straight(0.3, 10), straight(0.1, 10)))
    assert (found.verdict, found.ours) == (NOT_MEASURED, "without a softmax the network does not learn either")
