"""What several claims ask."""

import pandas
import pytest
from tables import constant, runs, straight, together

from rotelab.claims import questions
from rotelab.claims.claim import NotMeasured
from rotelab.results.lines import Line

LINE = Line("made up", {"objective": "split"}, "black")


def test_an_early_stopped_run_keeps_its_last_value() -> None:
    short = runs(LINE.where, {"accuracy/train": straight(1.0, 5)}, range(6), seeds=[0])
    long = runs(LINE.where, {"accuracy/train": constant(0.25)}, range(11), seeds=[1])
    both = together(short, long)
    expected = {0: (5 * 0.5 + 5 * 1) / 10, 1: 0.25}
    assert (
        questions.ease(both, LINE, "epochs", 10.0).to_dict()
        == questions.ease(both, LINE).to_dict()
        == pytest.approx(expected)
    )
    assert questions.ease(short, LINE, "epochs", 3.5).to_dict() == pytest.approx({0: 0.35})  # between two epochs
    for unit, budget in (("optimizer steps", 14.0), ("images", 700.0)):
        assert questions.ease(short, LINE, unit, budget).to_dict() == pytest.approx({0: 0.35})


def test_all_seeds_are_wanted() -> None:
    wanted = pandas.Series([0, 0, 1, 1])
    whole = pandas.Series({0: 1.0, 1: 2.0})
    assert questions.all_seeds(whole, wanted, "it was seen").equals(whole)
    with pytest.raises(NotMeasured, match="it was seen in 1 of 2 seeds"):
        questions.all_seeds(pandas.Series({0: 1.0, 1: float("nan")}), wanted, "it was seen")


def test_the_least_of_the_last_values() -> None:
    tables = [
        runs({"objective": name}, {"accuracy/train": straight(last, 10)}, seeds=[0, 1])
        for name, last in (("split", 0.9), ("standard", 0.6))
    ]
    lines = [LINE, Line("other", {"objective": "standard"}, "black")]
    assert questions.least_final(together(*tables), lines).to_dict() == pytest.approx({0: 0.6, 1: 0.6})


def test_steps_to_an_accuracy() -> None:
    table = runs(LINE.where, {"accuracy/train": straight(1.0, 10)}, seeds=[0, 1])
    assert questions.steps_to(table, LINE, 0.5, "these").to_dict() == {0: 20, 1: 20}
    with pytest.raises(NotMeasured, match="these: 0 of 2 seeds came to a train accuracy"):
        questions.steps_to(table, LINE, 1.5, "these")
    with pytest.raises(NotMeasured, match="before training"):
        questions.steps_to(table, LINE, 0.0, "these")


def test_no_seed_chooses_its_own_best() -> None:
    by_seed = pandas.DataFrame({"a": [1.0, 0.2, 0.3], "b": [0.5, 0.4, 0.4]}, index=[7, 8, 9])
    assert questions.best_elsewhere(by_seed, "alone").to_dict() == {7: 0.5, 8: 0.2, 9: 0.3}
    with pytest.raises(NotMeasured, match="alone"):
        questions.best_elsewhere(by_seed.iloc[:1], "alone")
