"""Another sweeper than ours chooses runs by a number that it is told of each."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command import TINY, run
from finished import write_finished
from omegaconf import OmegaConf

from rotelab.config import arguments
from rotelab.errors import InputError, RunError
from rotelab.results import files
from rotelab.sweeps import search
from rotelab.tracking import described

OPTUNA = (
    *("--multirun", "hydra/sweeper=optuna", "hydra.sweeper.direction=maximize"),
    *("name=search", "optimizer.lr=interval(0.001,0.01)"),
)


def test_a_number_of_the_summary_by_its_name(tmp_path: Path) -> None:
    """0.1, 0.5, 0.45, 0.95 in epochs 0 to 3."""
    write_finished(tmp_path / "split-1")
    wanted = {"accuracy/train": 0.95, "best/accuracy/held_out": 0.99, "epochs_to/0.5": 1.0, "images_to/0.9": 192.0}
    assert {name: search.value(tmp_path / "split-1", name) for name in wanted} == wanted
    with pytest.raises(RunError, match=r"^split-1 has not come to a train accuracy of 0\.99: no epochs_to/0\.99$"):
        search.value(tmp_path / "split-1", "epochs_to/0.99")
    with pytest.raises(RunError, match=r"no accuracy/trian to optimize: did you mean accuracy/train\?$"):
        search.value(tmp_path / "split-1", "accuracy/trian")
    with pytest.raises(RunError, match="no device to optimize"):
        search.value(tmp_path / "split-1", "device")


def test_an_interval_is_for_another_sweeper_that_is_told_what_to_optimize() -> None:
    arguments.check([*OPTUNA, "optimize=accuracy/held_out", "hydra.sweeper.n_trials=3", "hydra/sweeper/sampler=random"])
    with pytest.raises(InputError, match="a sweep needs single values, not an interval"):
        arguments.check(["--multirun", OPTUNA[-1]])
    with pytest.raises(InputError, match="a sweep needs single values, not an interval"):
        arguments.check(["--multirun", "hydra/sweeper=rotelab", OPTUNA[-1]])
    with pytest.raises(InputError, match="hydra/sweeper=optuna chooses runs by a number of each: optimize="):
        arguments.check(OPTUNA)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["optimize=acuracy/held_out"], "optimize=acuracy/held_out is for a sweeper that chooses runs by it"),
        (["--multirun", "seed=0,1", "optimize=x"], "optimize=x is for a sweeper that chooses runs by it"),
        ([*OPTUNA[1:], "optimize=accuracy/train"], "hydra/sweeper=optuna chooses several runs: -m"),
        ([*OPTUNA, "optimize=acuracy/held_out"], "optimize=acuracy/held_out: did you mean accuracy/held_out?"),
        ([*OPTUNA, "optimize=epoch_to/0.5"], "optimize=epoch_to/0.5: did you mean epochs_to/0.5?"),
        ([*OPTUNA, "optimize=epochs", "hydra.sweeper.n_trial=1"], "n_trial: did you mean hydra.sweeper.n_trials?"),
        ([*OPTUNA, "optimize=null"], "chooses runs by a number of each"),
        ([*OPTUNA, "optimize=[accuracy/train,epochs]"], "chooses runs by a number of each"),
        ([*OPTUNA, "optimize=epochs", "sweep=gradient_splitting/fig1"], "fig1 says itself which runs there are"),
        ([*OPTUNA[:2], *OPTUNA[3:], "optimize=epochs"], "hydra.sweeper.direction=maximize or minimize"),
        (
            [*OPTUNA[:2], "hydra.sweeper.direction=up", "optimize=epochs"],
            "hydra.sweeper.direction=maximize or minimize",
        ),
        ([*OPTUNA, "optimize=epochs", "hydra.sweeper.n_trials=0"], "hydra.sweeper.n_trials = 0 is not at least 1"),
        (
            [*OPTUNA, "optimize=epochs", "model.dropout=interval(0.5,0)"],
            "model.dropout=interval(0.5,0): an interval goes",
        ),
    ],
)
def test_what_a_search_would_say_late_or_never_is_said_at_once(given: list[str], words: str) -> None:
    with pytest.raises(InputError) as caught:
        arguments.check(given)
    assert words in str(caught.value)


def test_what_a_measure_measured_is_nobodys_misspelling() -> None:
    for name in (
        "legacy_accuracy/pseudo_test",
        "best/legacy_accuracy/train",
        "gradient_norm/first_layer",
        *described.names(),
    ):
        arguments.check([*OPTUNA, f"optimize={name}"])


def test_every_known_name_is_that_of_a_summary(tmp_path: Path) -> None:
    write_finished(tmp_path / "split-1")
    told = set(described.ended(tmp_path / "split-1")) - {"dead", "state"}
    assert told and told <= set(described.names())


def test_a_search_has_one_folder_whatever_the_order_of_its_options() -> None:
    one, two = ["-m", *OPTUNA[1:2], OPTUNA[-1], "seed=1"], ["-m", *OPTUNA[1:2], "seed=1", OPTUNA[-1]]
    names = {text for given in (one, two) for text in arguments.named(given) if text.startswith("name=")}
    assert len(names) == 1
    other = arguments.named([*one[:2], "optimizer.lr=interval(0.001,0.1)", "seed=1"])
    assert not names & set(other)


@pytest.mark.slow
def test_optuna_searches_over_runs_of_ours_and_the_same_search_finds_them_again(tmp_path: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_optuna_sweeper")
    given = (*OPTUNA, *TINY, "stop.max_epochs=2", "trainer.progress=false", f"results={tmp_path}", "objective=standard")
    search_for = ("hydra.sweeper.n_trials=2", "hydra.sweeper.sampler.seed=1")
    code, out, err = run(*given, *search_for, "optimize=best/accuracy/held_out", seconds=300)
    assert code == 0
    assert "\x1b" not in err, "it is no terminal"
    folder = tmp_path / "search"
    runs = {name: search.value(folder / name, "best/accuracy/held_out") for name in files.runs(folder)}
    assert len(runs) == 2
    found = OmegaConf.load(folder / "optimization_results.yaml")
    assert found.best_value == pytest.approx(max(runs.values()))
    assert f"optimizer.lr={found.best_params['optimizer.lr']}" in out
    code, out, _ = run(*given, *search_for, "optimize=best/accuracy/held_out", seconds=300)
    assert (code, out.count("finished before"), len(files.runs(folder))) == (0, 2, 2)
    code, _, err = run(*given, *search_for, "optimize=accuracy/heldout", seconds=300)
    assert code == 2 and "did you mean accuracy/held_out?" in err.splitlines()[-1]
    unreached = ("optimize=epochs_to/0.99", "hydra.sweeper.max_failure_rate=1")
    code, _, err = run(*given, *search_for, *unreached, seconds=300)
    assert (code, err.splitlines()[-1]) == (
        1,
        "rotelab: hydra_optuna_sweeper: ValueError: No trials are completed yet.",
    )


@pytest.mark.slow
def test_a_study_that_is_kept_goes_on(tmp_path: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_optuna_sweeper")
    kept = ("hydra.sweeper.study_name=mine", f"hydra.sweeper.storage=sqlite:///{tmp_path / 'mine.db'}")
    given = (*OPTUNA, *TINY, *kept, "hydra.sweeper.n_trials=1", "stop.max_epochs=1", "optimize=accuracy/held_out")
    for times in (1, 2):
        assert run(*given, "trainer.progress=false", f"results={tmp_path}", "objective=standard", seconds=300)[0] == 0
        with closing(sqlite3.connect(tmp_path / "mine.db")) as study:
            assert study.execute("select count(*) from trials").fetchone() == (times,)
