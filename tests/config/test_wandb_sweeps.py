"""Sweeps for W&B: it takes the files, and what its agents run is a command line of ours."""

import os
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast

import pytest
from composing import composed
from omegaconf import OmegaConf
from wandb.apis.public import sweeps
from wandb.sdk.launch.sweeps import utils
from wandb_server import serving

from rotelab.config import arguments, choices, schema

FILES = sorted((choices.CONF / choices.OF_WANDB).glob("*.yaml"))


def trials(file: Path) -> list[dict[str, Any]]:
    """Parameters that W&B may choose, so many that each value of a list is in one, and both ends of a range."""
    of = {
        key: given.get("values") or [given.get("value", given.get("min")), given.get("max")]
        for key, given in read(file)["parameters"].items()
    }
    each = {key: [value for value in values if value is not None] for key, values in of.items()}
    found = zip_longest(*each.values())
    return [
        {key: values[0] if at is None else at for (key, values), at in zip(each.items(), row, strict=True)}
        for row in found
    ]


def read(file: Path) -> dict[str, Any]:
    return cast(dict[str, Any], OmegaConf.to_container(OmegaConf.load(file), resolve=False))


def command(file: Path, trial: dict[str, Any]) -> list[str]:
    """What an agent of W&B runs."""
    args = {key: {"value": value} for key, value in trial.items()}
    stand_for = utils.create_sweep_command_args({"args": args})
    stand_for |= {"env": ["/usr/bin/env"], "interpreter": ["python"], "program": []}
    words = utils.create_sweep_command(read(file)["command"])
    return [text for word in words for text in (stand_for[word[2:-1]] if word.startswith("${") else [word])]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_an_agent_runs_is_a_run_of_ours(file: Path) -> None:
    tried = trials(file)
    assert len(tried) > 1
    for trial in tried:
        *start, module, logger, agent, draw = (words := command(file, trial))[:7]
        assert [*start, module] == ["/usr/bin/env", "python", "-m", "rotelab.train"]
        given = [logger, agent, draw, *words[7:]]
        arguments.check(given)
        config = schema.check(composed(*given))
        assert config.values["logger"]["wandb"]["agent"] is True
        assert len(words[7:]) == len(trial)
    sweeps._validate_config_and_fill_distribution(read(file))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_to_be_better_is_told(file: Path) -> None:
    """By the names of metrics; a grid needs none."""
    sweep = read(file)
    named = sweep.get("metric", {}).get("name")
    assert (named is None) == (sweep["method"] == "grid")
    assert named in (None, *(f"accuracy/{split}" for split in ("train", "pseudo_test", "held_out")))


@pytest.mark.slow
def test_an_agent_of_wandb_trains_what_the_server_chooses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bin = Path(sys.executable).parent
    with serving() as server:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")} | {
            **{"WANDB_API_KEY": "0" * 40, "WANDB_BASE_URL": server.url, "WANDB_ENTITY": "me", "WANDB_PROJECT": "p"},
            "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}",
        }

        def wandb(*words: object) -> str:
            command = [bin / "wandb", *map(str, words)]
            done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, done.stderr
            return done.stderr

        assert "Run sweep agent with: wandb agent me/p/s1" in wandb("sweep", FILES[0])
        small = {"data.size": 64, "stop.max_epochs": 2, "model.widths": "[16]", "logger.wandb.timeout": 120}
        server.trials = [{"objective": "standard", **small, "results": str(tmp_path)}]
        said = wandb("agent", "--count", "1", "me/p/s1")
        assert server.exit_codes == {"trial0": 0}, said
        assert {len(rows) for rows in server.history.values()} == {3}
        assert {run["sweep"] for run in server.runs.values()} == {"s1"}
    assert len(list((tmp_path / "single").glob("standard-*/result.json"))) == 1
