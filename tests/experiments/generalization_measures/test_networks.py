"""From a table to networks, and what the statistics say of measures that are known."""

from dataclasses import replace

import gaps
import numpy
import pytest

from rotelab.errors import Refusal
from rotelab.experiments.generalization_measures import networks


def test_a_row_a_network() -> None:
    of = networks.networks(gaps.networks({"path_norm": gaps.rising}))
    assert len(of.gap) == 48
    assert of.settings.nunique().to_dict() == {"batch size": 2, "learning rate": 2, "wrong labels": 3}
    assert (of.gap.min(), of.gap.max()) == pytest.approx((0.1, 0.343))
    assert (of.test_images, of.train_images, of.unfitted, of.lacking) == (1000, 50, 0, {})
    assert of.measures.path_norm.to_numpy() == pytest.approx(10 * of.gap)
    assert (of.measures.steps == 16).all()
    assert {*of.rows} == {*of.settings, "seed", "path_norm", "params", "steps", "early_loss", "gap"}
    assert (of.rows.path_norm / of.rows.gap).to_numpy() == pytest.approx(10.0)
    assert of.measures.early_loss.to_numpy() == pytest.approx(0.05 + 2 * of.gap)


def test_networks_that_did_not_come_to_the_loss_are_counted() -> None:
    of = networks.networks(gaps.networks({}, unfitted=0.4))
    assert (len(of.gap), of.unfitted) == (32, 16)
    assert set(of.settings["wrong labels"]) == {0.0, 0.2}
    assert networks.notes(of) == ["4 seeds", "32 networks at a train loss, 16 that did not come to it left out"]


def test_a_measure_that_some_lack_is_named_and_not_ranked() -> None:
    table = gaps.networks({"path_norm": gaps.rising})
    lost = table.run.unique()[:3]
    of = networks.networks(table[~(table.run.isin(lost) & (table.split == "path_norm"))])
    assert (len(of.gap), of.lacking) == (48, {"path_norm": 3})
    assert "path_norm" not in networks.shown(of)
    assert networks.notes(of)[2] == "left out, for so many networks lack them: path_norm (3)"


def test_the_statistics_of_a_measure_that_is_the_gap() -> None:
    of = networks.networks(gaps.networks({"path_norm": gaps.rising, "fro_dist": gaps.falling}))
    assert networks.tau(of, "path_norm") > 0.95  # a few pairs of gaps are the same
    assert networks.tau(of, "fro_dist") == -networks.tau(of, "path_norm")
    assert networks.psi(of, "path_norm") == {"batch size": 1.0, "learning rate": 1.0, "wrong labels": 1.0}
    assert networks.granulated(of, "fro_dist") == -1.0
    assert networks.information(of, "params") == 0.0
    assert networks.worst(of, "path_norm") == 0.0 and networks.worst(of, "fro_dist") == 1.0
    assert networks.shown(of) == ["path_norm", "early_loss", "params", "steps", "fro_dist"]


def test_the_best_is_shown_whichever_it_is() -> None:
    """... of those that cost something."""
    of = networks.networks(gaps.networks({"l1.5_path_norm": gaps.rising, "l2_dist": gaps.falling}))
    assert networks.best(of) == "l1.5_path_norm" and "l1.5_path_norm" in networks.shown(of)
    assert "l2_dist" not in networks.shown(of)


def test_an_interval_has_the_statistic_in_it() -> None:
    of = networks.networks(gaps.networks({"path_norm": lambda gap, seed: gap + 0.05 * numpy.sin(1000 * gap)}))
    low, high = networks.interval(networks.tau, of, "path_norm", draws=50)
    assert low < networks.tau(of, "path_norm") < high


def test_seeds_that_are_alike_say_the_same_whichever_are_drawn() -> None:
    of = networks.networks(gaps.networks({"path_norm": lambda gap, seed: round(100 * gap) % 7 + 0.0}, seeds=(0,)))
    twins = replace(of, seed=of.seed * 0)
    low, high = networks.interval(networks.tau, twins, "path_norm", 20, "seeds")
    assert low == pytest.approx(high) == networks.tau(of, "path_norm")
    apart = networks.interval(networks.tau, of, "path_norm", 20)
    assert apart[0] < apart[1]


def test_what_is_no_table_of_the_sweep_is_refused() -> None:
    table = gaps.networks({})
    with pytest.raises(Refusal, match=r"runs that name data\.batch_size"):
        networks.networks(table.drop(columns="data.batch_size"))
    with pytest.raises(Refusal, match="no run measured generalization"):
        networks.networks(table[table.metric != "generalization"])
    with pytest.raises(Refusal, match="0 of 48 networks"):
        networks.networks(table.assign(**{"stop.train_loss": 0.01}))


def test_an_epoch_ratio_is_that_of_the_run_of_eq_1_of_the_same_settings_and_seed() -> None:
    of = networks.networks(gaps.networks({}, ratio=lambda gap, seed: round(100 * gap) / 2 + seed))
    assert len(of.gap) == 48 and (of.measures.steps == 16).all()  # those of plain training alone
    expected = numpy.round(100 * of.gap) / 2 + of.seed
    assert of.measures.epoch_ratio.to_numpy() == pytest.approx(expected.to_numpy())
    assert "epoch_ratio" in networks.shown(of)


def test_networks_whose_run_of_eq_1_is_missing_are_counted() -> None:
    table = gaps.networks({}, ratio=lambda gap, seed: 3.0)
    lost = table[table.objective == "split"].run.unique()[:5]
    of = networks.networks(table[~table.run.isin(lost)])
    assert (len(of.gap), of.unfitted, of.lacking) == (43, 5, {})
    unfitted = networks.networks(gaps.networks({}, unfitted=0.4, ratio=lambda gap, seed: 3.0))
    assert (len(unfitted.gap), unfitted.unfitted) == (32, 16)
