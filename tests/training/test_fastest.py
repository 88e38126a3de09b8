"""Which ways of computing are chosen, and that they are kept."""

from pathlib import Path
from typing import Any

import pytest
from runs import recipe

from rotelab.errors import NetworkError, Notice
from rotelab.training import fastest
from rotelab.training.fastest import kept
from rotelab.training.recipe import Recipe

TIMES = {"one_pass": 0.8, "graph": 0.96, "pad_channels": 1.2, "compile": 0.5}
"""What each way makes of the time."""


def timed(made: Recipe) -> float:
    factors = [TIMES[name] for name, value in fastest.WAYS.items() if getattr(made, name) == value]
    seconds = 1.0
    for factor in factors:
        seconds *= factor
    return seconds


def test_a_way_is_taken_where_it_gains_more_than_noise() -> None:
    assert fastest.fastest(recipe(), timed) == {"one_pass": True, "compile": "default"}
    assert fastest.fastest(recipe(), lambda made: 1.0) == {}


def test_ways_that_are_refused_are_none() -> None:
    def refusing(made: Recipe) -> float:
        if made.one_pass:
            raise NetworkError("batch norm")
        return timed(made)

    assert fastest.fastest(recipe(), refusing) == {"compile": "default"}


def test_what_is_there_is_never_tried_again_for_itself() -> None:
    tried: list[dict[str, Any]] = []

    def noting(made: Recipe) -> float:
        tried.append({name: getattr(made, name) for name in fastest.WAYS})
        return timed(made)

    assert fastest.fastest(recipe(one_pass=True), noting) == {"compile": "default"}
    assert all(of["one_pass"] for of in tried)


def test_they_are_kept_for_runs_of_the_same_network_and_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials: list[Recipe] = []

    def seconds(made: Recipe, steps: int) -> float:
        trials.append(made)
        return timed(made)

    monkeypatch.setattr(fastest, "predicted_seconds", seconds)
    with pytest.warns(Notice, match=r'trainer.one_pass=true, trainer.compile="default"'):
        made, ways = kept(recipe(), tmp_path)
    assert (made.one_pass, made.compile, made.graph) == (True, "default", False)
    assert ways == {"one_pass": True, "compile": "default"}
    first = len(trials)
    assert kept(recipe(seed=3), tmp_path)[1] == ways and len(trials) == first
    with pytest.warns(Notice):
        kept(recipe(batch_size=10), tmp_path)
    assert len(trials) > first
    (tmp_path / "damaged").mkdir()
    for file in tmp_path.glob("*.json"):
        file.write_text("{")
    with pytest.warns(Notice):
        assert kept(recipe(), tmp_path)[1] == ways


def test_a_folder_that_can_t_be_written_costs_trials_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastest, "predicted_seconds", lambda made, steps: timed(made))
    (tmp_path / "file").touch()
    with pytest.warns(Notice):
        assert kept(recipe(), tmp_path / "file" / "folder")[1] == {"one_pass": True, "compile": "default"}


def test_real_steps_are_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastest, "WAYS", {"one_pass": True, "graph": True})  # compiling takes half a minute
    with pytest.warns(Notice):
        made, ways = kept(recipe(), tmp_path)
    assert set(ways) <= {"one_pass"} and not made.graph  # there is no GPU to make a graph on, or it is one
