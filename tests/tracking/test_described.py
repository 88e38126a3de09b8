"""Names say what varies, a config is flat, a summary says how hard it was."""

import json
from pathlib import Path
from typing import Any

import pytest
from finished import write_finished

from rotelab.config import overrides
from rotelab.results import files
from rotelab.tracking import described

ABOUT: dict[str, Any] = {
    "choices": {"objective": "split", "model": "mlp", "data": "digits"},
    "overrides": {"objective": "split", "seed": 1, "data.size": 1280, "data/inputs": "clean", "stop.max_epochs": 5},
    "config": {
        "seed": 1,
        "axis": {"seeds": "0,1"},
        "results": "/somewhere",
        "measure": {"stability": {}, "coherence": {}},
        "objective": {"_target_": "rotelab.objectives.Split"},
        "data": {"_target_": "rotelab.data.sources.digits", "size": 1280, "folder": "/somewhere"},
        "optimizer": {"_target_": "torch.optim.Adam", "lr": 0.1},
    },
    "science": {
        "seed": 1,
        "objective": {"_target_": "rotelab.objectives.Split"},
        "data": {"_target_": "rotelab.data.sources.digits", "size": 1280},
        "optimizer": {"_target_": "torch.optim.Adam", "lr": 0.1},
    },
    "digest": "1a2b",
}


@pytest.mark.parametrize(
    ("differ", "title"),
    [
        ({"seed", "data.size"}, "split, size 1280, seed 1"),
        (set(), "split, seed 1"),
        (None, "split, size 1280, inputs clean, max_epochs 5, seed 1"),
    ],
)
def test_a_name_says_what_varies(differ: set[str] | None, title: str) -> None:
    assert described.title(ABOUT, differ) == title


def test_two_options_of_one_word_are_named_in_full() -> None:
    about = ABOUT | {"overrides": {"data.inputs.seed": 3, "data.labels.seed": 4, "optimizer.lr": 0.1}}
    assert described.title(about) == "split, data.inputs.seed 3, data.labels.seed 4, lr 0.1, seed 1"


def test_what_varies_are_overrides_of_several_values_or_of_some_runs() -> None:
    given = [{"seed": 0, "data.size": 64}, {"seed": 1, "data.size": 64}, {"seed": 1, "data.size": 64, "lr": 1}]
    assert described.varied(given) == {"seed", "lr"}
    assert described.varied([]) == set()


def test_a_config_is_flat_and_without_what_is_not_of_the_run() -> None:
    assert described.config(ABOUT, "split-1a2b") == {
        **{"objective": "split", "model": "mlp", "data": "digits", "data.size": 1280, "data.inputs": "clean"},
        **{"optimizer": "Adam", "optimizer.lr": 0.1, "seed": 1, "stop.max_epochs": 5},
        **{"measure": ["coherence", "stability"], "run": "split-1a2b", "digest": "1a2b"},
    }


def test_a_summary_says_how_hard_it_was(tmp_path: Path) -> None:
    """The curve's train accuracies are .1, .5, .45 and .95, at steps 0, 5, 10 and 15."""
    write_finished(run := tmp_path / "sweep" / "split-1")
    result, _ = files.read(run)
    told = described.summary(result, {"accuracy/train": 0.95})
    levels = {key: value for key, value in told.items() if "_to/" in key}
    assert levels == {
        **{"epochs_to/0.5": 1, "steps_to/0.5": 5, "images_to/0.5": 64},
        **{"epochs_to/0.9": 3, "steps_to/0.9": 15, "images_to/0.9": 192},
    }
    assert told["best/accuracy/train"] == 0.95
    assert (told["dead"], told["state"], told["device"], told["epochs"]) == (False, "finished", "cpu", 3)
    assert "dead_since" not in told


def test_what_an_old_result_lacks_is_not_told(tmp_path: Path) -> None:
    write_finished(run := tmp_path / "sweep" / "split-1")
    result, _ = files.read(run)
    old = {key: value for key, value in result.items() if key not in ("device", "together", "sittings", "science")}
    told = described.summary(old, {})
    assert not {"device", "together", "sittings"} & set(told)
    assert told["epochs_to/0.5"] == 1
    assert described.config({**ABOUT, "science": None}, "split-1a2b")["optimizer.lr"] == 0.1


def test_rows_have_the_axes_and_each_step_once(tmp_path: Path) -> None:
    write_finished(run := tmp_path / "sweep" / "split-1")
    found = list(described.rows(run / files.CURVE))
    assert [step for step, _ in found] == [0, 5, 10, 15]
    assert found[-1][1] == {"epoch": 3, "step": 15, "images": 192, "accuracy/train": 0.95, "accuracy/held_out": 0.99}


def test_a_name_is_known_as_the_command_line_has_it() -> None:
    """A choice goes by its group's last word."""
    found = overrides.overridden(["data/labels=random"], {"data/labels": "random"}, {})
    about = ABOUT | {"overrides": found}
    assert described.title(about) == "split, labels random, seed 1"
    assert json.dumps(described.config(about, "x"))
