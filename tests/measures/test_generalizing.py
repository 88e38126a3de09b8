"""Measures of generalization in a run: at its end and after chosen epochs, alone, in a stack and over a stop."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas
import pytest
import torch
from kept import trained_together
from lightning import Callback, Trainer
from runs import finished, recipe
from runs import trained as trained_alone
from torch import nn

import rotelab
from rotelab.errors import InputError, RunError
from rotelab.measures.generalization_measures import KINDS, generalization, without_softmax
from rotelab.measures.generalizing import Generalization
from rotelab.models.mlp import mlp
from rotelab.objectives import Standard
from rotelab.results.files import CHECKPOINT, CURVE
from rotelab.system.signals import Waiting
from rotelab.training.checkpoint import Checkpoints, found
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.run import fit, make_learner
from rotelab.training.stacks.fit import fit_together

pytestmark = pytest.mark.filterwarnings("ignore::rotelab.errors.Notice")
WIDE = partial(mlp, widths=[16])


def made(measure: Generalization, **changes: Any) -> Recipe:
    return recipe(measures=[measure], network=WIDE, objective=Standard(), max_epochs=6, **changes)


def of_run(curve: Path) -> pandas.DataFrame:
    """Of each epoch in which it was measured, the measures by name."""
    table = pandas.read_csv(curve)
    return table[table.metric == "generalization"].pivot(index="epoch", columns="split", values="value")


def test_a_run_says_what_its_network_does(tmp_path: Path) -> None:
    of = made(Generalization([2], "honest", draws=3))
    outcome = trained_alone(of, tmp_path)
    data, initial = of.data(device=torch.device("cpu")), make_learner(of, torch.device("cpu")).network
    data.setup()
    expected = generalization(outcome.network, initial, *data.splits["train"].evaluated, draws=3)
    assert {"path_norm", "fro_dist", "log_prod_of_spec_fft"} < set(expected)
    measured = {name: value for name, value in outcome.metrics.items() if name.startswith("generalization/")}
    assert measured == {f"generalization/{name}": value for name, value in expected.items()}
    assert {f"generalization_seconds/{kind}" for kind in KINDS} < set(outcome.metrics)
    sizes = {name: float(len(split)) for name, split in data.splits.items()}
    assert {f"generalization_images/{name}": size for name, size in sizes.items()}.items() <= outcome.metrics.items()
    table = of_run(tmp_path / "curve.csv")
    assert table.index.tolist() == [2, 6]
    assert table.loc[6].dropna().to_dict() == expected
    assert table.loc[2].fro_dist < table.loc[6].fro_dist


def test_the_last_epoch_is_measured_once(tmp_path: Path) -> None:
    trained_alone(made(Generalization([6], "public", draws=2)), tmp_path)
    table = pandas.read_csv(tmp_path / "curve.csv")
    assert (table.metric + table.split == "generalizationpath_norm").sum() == 1


def test_a_stack_measures_what_each_would(tmp_path: Path) -> None:
    def recipes() -> list[Recipe]:
        return [made(Generalization([], "honest", draws=2), seed=seed) for seed in range(2)]

    curves: Sequence[Path] = [tmp_path / f"{i}.csv" for i in range(2)]
    ends: dict[int, Outcome | RunError] = {}
    fit_together(recipes(), curves, [()] * 2, ends.__setitem__)
    for number, (outcome, of) in enumerate(zip(finished([ends[0], ends[1]]), recipes(), strict=True)):
        alone = trained_alone(of, tmp_path)
        for name in ("path_norm", "fro_dist", "l2"):
            assert outcome.metrics[f"generalization/{name}"] == pytest.approx(
                alone.metrics[f"generalization/{name}"], rel=1e-4
            )
        assert of_run(curves[number]).index.tolist() == [6]


def test_a_softmax_at_the_end_is_no_part_of_it() -> None:
    network = nn.Sequential(WIDE((1, 4, 4), 3), nn.Softmax(1))
    assert [*without_softmax(network).modules()][1:] == [*network[0].modules()]
    assert without_softmax(network[0]) is network[0]


class Stopped(Exception):
    pass


class Stop(Callback):
    def on_train_batch_end(self, trainer: Trainer, *of: object) -> None:
        if trainer.current_epoch == 3:
            raise Stopped


def test_distances_are_from_the_start_after_a_stop_too(tmp_path: Path) -> None:
    path, curve = tmp_path / CHECKPOINT, tmp_path / CURVE

    def sitting(*observers: Callback) -> Outcome:
        kept = found(path, [tmp_path.name])
        measure = Generalization([], "honest", draws=2)
        return fit(made(measure), curve, observers, Checkpoints(path, [curve], 1e-9, Waiting(""), kept))

    with pytest.raises(Stopped):
        sitting(Stop())
    went_on = sitting()
    assert went_on.sittings == 2
    alone = trained_alone(made(Generalization([], "honest", draws=2)), tmp_path)
    for name, value in alone.metrics.items():
        if "seconds" not in name:
            assert went_on.metrics[name] == value, name


def test_by_its_option(tmp_path: Path) -> None:
    options = ("measure=generalization", "measure.generalization.draws=2", "model.widths=[8]")
    trained_together(tmp_path, [(*options, f"seed={seed}") for seed in range(2)])
    table = rotelab.load_sweep(tmp_path)
    last = table[(table.metric == "generalization") & (table.split == "path_norm")]
    assert len(last) == 2 and (last.value > 0).all()


@pytest.mark.parametrize(("option", "words"), [("epochs=[0]", "epochs from 1"), ("noise=loud", "honest, public")])
def test_wrong_options_are_refused(option: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        rotelab.compose("measure=generalization", f"measure.generalization.{option}")
