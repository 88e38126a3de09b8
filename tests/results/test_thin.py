"""The table that is kept in the repository: small, and a figure loses nothing by it."""

import pandas
import pytest
from tables import constant, runs, straight, together

from rotelab.results.table import thin


@pytest.fixture(scope="module")
def table() -> pandas.DataFrame:
    """Two runs of 1000 and 777 epochs; a gradient's norm at three of them."""
    curves = {
        "accuracy/train": straight(1.0, 1000),
        "legacy_accuracy/train": straight(0.9, 1000),
        "loss/train": constant(2.3),
        "sign/pseudo_test": constant(-1.0),
    }
    tables = [
        runs({"objective": objective, "data.size": 64}, curves, range(last + 1), seeds=[0])
        for objective, last in (("split", 1000), ("standard", 777))
    ]
    norms = runs(
        {"objective": "split", "data.size": 64}, {"gradient_norm/first_layer": constant(0.5)}, (0, 333, 334), seeds=[0]
    )
    return together(*tables, norms)


def test_it_is_much_smaller(table: pandas.DataFrame) -> None:
    thinned = thin(table)
    assert len(thinned) < len(table) / 20
    assert 30 < len(thinned[(thinned.run == "split-64-0") & (thinned.metric == "accuracy")]) < 100
    assert len(thin(table, per_decade=5)) < len(thinned) / 2


def test_first_and_last_epochs_of_every_run_stay(table: pandas.DataFrame) -> None:
    thinned = thin(table)
    for metric in ("accuracy", "legacy_accuracy"):
        at = thinned[thinned.metric == metric].groupby("run").epoch
        assert at.min().to_dict() == {"split-64-0": 0, "standard-64-0": 0}
        assert at.max().to_dict() == {"split-64-0": 1000, "standard-64-0": 777}


def test_both_runs_are_cut_at_the_same_epochs(table: pandas.DataFrame) -> None:
    thinned = thin(table)
    split, standard = (
        set(thinned[(thinned.run == run) & (thinned.metric == "accuracy")].epoch) for run in thinned.run.unique()
    )
    assert {epoch for epoch in split if epoch < 777} == standard - {777}
    assert set(range(11)) <= standard  # early, every one of them


def test_what_was_measured_seldom_stays(table: pandas.DataFrame) -> None:
    thinned = thin(table)
    assert thinned[thinned.metric == "gradient_norm"].epoch.tolist() == [0, 333, 334]
    assert set(thinned.metric) == {"accuracy", "legacy_accuracy", "gradient_norm"}  # neither loss nor sign


def test_columns_that_say_the_same_throughout_go(table: pandas.DataFrame) -> None:
    thinned = thin(table)
    assert list(thinned) == ["run", "objective", "seed", "epoch", "step", "images", "split", "metric", "value"]
    half = table.assign(**{"data.size": table["data.size"].where(table.objective == "split")})
    assert "data.size" in thin(half)  # given by one of the sweeps alone


def test_values_are_those_of_the_table(table: pandas.DataFrame) -> None:
    thinned = thin(table)
    assert thinned.equals(table.loc[thinned.index, thinned.columns])
