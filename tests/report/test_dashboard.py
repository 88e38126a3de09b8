"""A dashboard of each work is a file that shows what its runs were told as, and can be saved."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import wandb
from finished import write_finished
from wandb_server import serving

from rotelab.report import dashboard
from rotelab.results import files
from rotelab.tracking import described
from rotelab.tracking.workspace import Shown, specification, workspace


def sweep(results: Path, *metrics: str) -> Path:
    folder = results / "gradient_splitting_fig1-demo"
    names = [f"{objective}-{seed}" for objective in ("standard", "split") for seed in range(2)]
    for name in names:
        objective, _, seed = name.partition("-")
        write_finished(folder / name, int(seed), objective=objective)
        result = folder / name / files.RESULT
        found = json.loads(result.read_text())
        found["choices"]["objective"], found["config"]["data"] = objective, {"size": 64}
        found["metrics"] |= dict.fromkeys(metrics, 1.0)
        result.write_text(json.dumps(found))
    files.write_runs(folder, names)
    return folder


def made(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["rotelab dashboard", "wandb", *map(str, arguments)])
    dashboard.main()


def panels(spec: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    sections = spec["section"]["panelBankConfig"]["sections"]
    return {of["name"]: [{"is": panel["viewType"], **panel["config"]} for panel in of["panels"]] for of in sections}


def test_the_file_shows_each_part_by_the_names_that_runs_are_told_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = sweep(tmp_path, "coherence_r/train", "coherence_r_layer01/train")
    made(monkeypatch, tmp_path)
    spec = json.loads((tmp_path / "dashboard-gradient_splitting.json").read_text())
    found = panels(spec)
    assert list(found) == ["Accuracy", "Difficulty", "Ratio against size", "Coherence", "Claims"]
    for panel in found["Accuracy"]:
        assert (panel["xAxis"], panel["groupAgg"], panel["groupArea"]) == ("epoch", "mean", "minmax")
        assert panel["groupBy"].startswith("objective")
    assert [panel["metrics"] for panel in found["Accuracy"]] == [
        [f"accuracy/{split}"] for split in ("train", "pseudo_test", "held_out")
    ]
    bars = {name for panel in found["Difficulty"] for name in panel["metrics"]}
    result, _ = files.read(folder / "split-0")
    assert set(described.difficulty(result)) <= bars and len(bars) == 9
    assert [panel["xAxis"] for panel in found["Ratio against size"]] == ["size"] * 3
    assert found["Ratio against size"][0]["metrics"] == [f"ratio/split/epochs_to/{level}" for level in (0.5, 0.9)]
    assert [panel["metrics"] for panel in found["Coherence"]] == [["coherence_r/train"]]
    assert '"claims"' in json.dumps(found["Claims"][0])
    assert ["figures/fig1"] in [panel.get("mediaKeys") for panel in found["Claims"]]
    shown = json.dumps(spec["section"]["runSets"])
    assert '"jobType"' in shown and shown.count('"gradient_splitting"') == 2


def test_what_there_is_not_has_no_section() -> None:
    pytest.importorskip("wandb_workspaces")
    found = panels(json.loads(specification(workspace("a_work", Shown([], [], []), "me", "rotelab"))))
    assert list(found) == ["Accuracy", "Difficulty", "Claims"] and len(found["Claims"]) == 1


def test_it_is_saved_with_its_specification(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep(tmp_path)
    with serving() as server:
        monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
        monkeypatch.setenv("WANDB_BASE_URL", server.url)
        wandb.teardown()
        made(monkeypatch, tmp_path, "--mode", "online", "--entity", "me", "--project", "mine")
        (view,) = server.views
    assert (view["entityName"], view["projectName"], view["displayName"]) == ("me", "mine", "gradient splitting")
    assert panels(json.loads(view["spec"])) == panels(
        json.loads((tmp_path / "dashboard-gradient_splitting.json").read_text())
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--mode", "online", "--entity", ""], 2, "--entity: whose project it is"),
        pytest.param(["--mode", "online", "--entity", "me"], 1, "W&B has not saved it: ", marks=pytest.mark.slow),
    ],
)
def test_what_can_not_be_saved_is_a_line(
    arguments: list[str],
    code: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    sweep(tmp_path)
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    wandb.teardown()
    with pytest.raises(SystemExit) as ended:
        made(monkeypatch, tmp_path, *arguments)
    assert ended.value.code == code
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("rotelab: ")]
    assert words in line


def test_there_has_to_be_a_sweep_of_ours_and_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    write_finished(tmp_path / "own" / "split-1")
    with pytest.raises(SystemExit):
        made(monkeypatch, tmp_path)
    assert "holds no run of a sweep of ours" in capsys.readouterr().err
    sweep(tmp_path)
    monkeypatch.setitem(sys.modules, "wandb_workspaces", None)
    for name in [name for name in sys.modules if name.startswith("wandb_workspaces.")]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SystemExit) as ended:
        made(monkeypatch, tmp_path)
    assert ended.value.code == 2
    assert "pip install 'rotelab[dashboard]'" in capsys.readouterr().err
