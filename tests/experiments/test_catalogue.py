"""What is found in the folders of works."""

from pathlib import Path

import pytest

from rotelab.config import choices
from rotelab.errors import InputError
from rotelab.experiments import catalogue
from rotelab.experiments.experiment import Exact

EXPERIMENTS = {name: catalogue.module(name).EXPERIMENT for name in catalogue.names()}
EXACT = {name: found for name, found in EXPERIMENTS.items() if isinstance(found, Exact)}


def test_works_and_experiments_are_their_files() -> None:
    assert catalogue.works() == [
        "architecture",
        "benign_overfitting",
        "coherent_gradients",
        "distribution_shift",
        "double_descent",
        "flat_minima",
        "frozen_networks",
        "generalization_measures",
        "gradient_splitting",
        "grokking",
        "increasing_complexity",
        "initialization",
        "latent_generalization",
        "lazy_training",
        "lottery_tickets",
        "max_margin",
        "mode_connectivity",
        "randomization_tests",
        "simplicity_bias",
        "uniform_convergence",
    ]
    assert {"gradient_splitting/fig1", "double_descent/ridgeless"} < set(EXPERIMENTS)
    assert not [name for name in EXPERIMENTS if name.endswith(("/claims", "/__init__"))]


def test_a_module_without_the_line_is_no_experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the Makefile: what several experiments of a work share may lie beside them."""
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    (tmp_path / "a_work").mkdir()
    for name, text in {
        "__init__": "",
        "fig1": "EXPERIMENT = Experiment(draw, summary)\n",
        "shared": "# EXPERIMENT = \nEXPERIMENTS = ()\n",
    }.items():
        (tmp_path / "a_work" / f"{name}.py").write_text(text)
    assert catalogue.names() == ["a_work/fig1"]


def test_the_last_part_of_a_name_is_enough_where_it_is_the_only_one() -> None:
    assert catalogue.full("fig2c") == catalogue.full("gradient_splitting/fig2c") == "gradient_splitting/fig2c"
    with pytest.raises(InputError, match="which of coherent_gradients/fig3, gradient_splitting/fig3"):
        catalogue.full("fig3")
    with pytest.raises(InputError, match=r"fig9 is not the name of one experiment: did you mean fig"):
        catalogue.full("fig9")
    with pytest.raises(InputError, match=r"there are .*coherent_gradients/fig3"):
        catalogue.full("xyzzy")


def test_sweeps_have_full_names() -> None:
    assert catalogue.sweeps("gradient_splitting/fig2d") == ["gradient_splitting/fig2d", "gradient_splitting/fig2_plain"]
    assert catalogue.sweeps("gradient_splitting/fig1") == ["gradient_splitting/fig1"]
    assert catalogue.sweeps("double_descent/ridgeless") == []


@pytest.mark.parametrize("name", EXACT)
def test_what_needs_no_runs_has_every_scale(name: str) -> None:
    assert {*EXACT[name].scales, "imagenet"} == set(choices.of("scale")), "of which nothing exact is measured"


@pytest.mark.parametrize("work", catalogue.works())
def test_the_order_of_claims_names_modules(work: str) -> None:
    named = catalogue.work(work).claims
    assert set(named) <= {path.stem for path in (catalogue.FOLDER / work / "claims").glob("*.py")}
    assert len(set(named)) == len(named)
