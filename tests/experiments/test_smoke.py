"""Every sweep at its smallest, every figure from what it wrote, and the tables of claims from all of them."""

import csv
import json
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import drawn
import pandas
import pytest
from matplotlib.figure import Figure
from scipy.stats import ConstantInputWarning

from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.config import choices
from rotelab.experiments import catalogue
from rotelab.figures import reference, style
from rotelab.report import claims, draw

pytestmark = pytest.mark.slow

TRAIN = """
import gc, json, sys
from multiprocessing import get_context

from rotelab import train
from rotelab.config import instantiate  # torch once, for all sweeps

def sweep(arguments):
    sys.argv[1:] = arguments
    try:
        train.main()
        return 0
    except SystemExit as end:
        return end.code
    return 0

gc.disable()  # a fifth faster
with get_context("fork").Pool(2, maxtasksperchild=1) as pool:
    codes = list(pool.imap(sweep, json.loads(sys.argv[1])))
sys.exit(max(codes))
"""
"""Each sweep in a process of its own, two at a time, as ``python -m rotelab.train`` would run it."""

SWEEPS = {  # in this order: the last ones find most of their runs in the first ones
    "gradient_splitting/figs1_ablation": (),
    "gradient_splitting/fig1": ("axis.seeds='0,1'",),
    "gradient_splitting/collapse": ("stop.max_epochs=4",),
    "gradient_splitting/collapse_width": ("stop.max_epochs=4",),
    "gradient_splitting/collapse_precision": ("stop.max_epochs=4",),
    "gradient_splitting/conditioning": ("conditioning=usual,good", "stop.max_epochs=4"),
    "gradient_splitting/conditioning_noise": ("stop.max_epochs=4",),
    "gradient_splitting/conditioning_networks": ("stop.max_epochs=4",),
    "gradient_splitting/conditioning_sizes": ("stop.max_epochs=4",),
    "gradient_splitting/learning_rates": ("stop.max_epochs=4",),
    "gradient_splitting/fig2c": (),
    "gradient_splitting/fig2b": ("data.inputs.noise=0,0.5,1",),
    "gradient_splitting/fig2d": ("objective.u=0.2,0.85,1",),
    "randomization_tests/fig1b": ("network=alexnet,mlp_1x512",),
    "randomization_tests/fig1a": ("network=inception",),
    "randomization_tests/table1": ("network=mlp_1x512",),
    "randomization_tests/early_stopping": (),
    "architecture/bias": (),
    "architecture/ease": (),
    "coherent_gradients/fig3": ("network=alexnet,mlp_1x512",),
    "coherent_gradients/order": (),
    "coherent_gradients/fig4": (),
    "coherent_gradients/objectives": ("stop.max_epochs=20",),
    "coherent_gradients/adversarial_start": (),
    "coherent_gradients/depth_width": (),
    "distribution_shift/line": (),
    "double_descent/width": (),
    "double_descent/splitting": (),
    "double_descent/smoothness": (),
    "double_descent/samples": (),
    "flat_minima/sharpness": (),
    "initialization/normalization": (),
    "frozen_networks/widths": (),
    "generalization_measures/ranking": (),
    "generalization_measures/epoch_ratio": (),
    "generalization_measures/posterior": (),
    "increasing_complexity/explained": (),
    "latent_generalization/probes": (),
    "latent_generalization/wrong_labels": (),
    "lottery_tickets/tickets": (),
    "lottery_tickets/memorize": (),
    "lottery_tickets/rewinding": (),
    "gradient_splitting/fig2_plain": (),
    "gradient_splitting/figs1a": (),
    "gradient_splitting/figs1b": (),
    "gradient_splitting/recover": (),
    "gradient_splitting/gap": (),
    "gradient_splitting/gradient_norm": (),
    "gradient_splitting/stability": (),
    "gradient_splitting/fig2a": (),
    "randomization_tests/fig1c": ("network=alexnet,mlp_1x512",),
}
"""With fewer networks and values than ``scale=smoke`` has, to save time."""
SAID = ("one class is predicted", "generalization measures are left out")
"""Of networks that die, or have not fitted their images, as so small ones do."""
EXPERIMENTS = [name for name in catalogue.names() if catalogue.module(name).EXPERIMENT.of_runs]
RECORDED = {
    "gradient_splitting/fig2a": ("conv_eq4_cifar_5k", "conv_eq4_noise_5k"),
    "gradient_splitting/fig2b": ("conv_eq4_cifar_10k", "conv_eq4_mix50_10k", "conv_eq4_noise_10k"),
    "gradient_splitting/fig2c": (
        "conv_eq4_cifar_2p5k",
        "conv_eq4_cifar_5k",
        "conv_eq4_noise_2p5k",
        "conv_eq4_noise_5k",
    ),
    "gradient_splitting/fig2d": (
        "conv_eq5_target20_10k",
        "conv_eq5_target85_10k",
        "conv_eq5_target100_10k",
        "conv_eq3_cifar_10k_200ep",
    ),
    "gradient_splitting/figs1a": ("r18_noise_2p5k", "r18_noise_5k"),
    "gradient_splitting/figs1b": ("r18_cifar_5k",),
}
"""The author's series that each figure lays over ours."""
LOSSES = {
    **dict.fromkeys(
        (
            *("coherent_gradients/fig3", "coherent_gradients/depth_width"),
            *("gradient_splitting/collapse", "randomization_tests/fig1a"),
        ),
        "train",
    ),
    **dict.fromkeys(
        (f"generalization_measures/{name}" for name in ("ranking", "against", "bounds", "epoch_ratio")), "train"
    ),
    "double_descent/width": "held_out",
}
"""Of which split those figures show it, or are of networks at it."""


def arguments(sweep: str, folder: Path) -> list[str]:
    alone = "trainer.workers=0"  # a daemon, as the processes here are, has no children
    return [f"sweep={sweep}", "scale=smoke", "trainer.progress=false", f"results={folder}", alone, *SWEEPS[sweep]]


@pytest.fixture(scope="module")
def multirun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results folder after all sweeps."""
    folder = tmp_path_factory.mktemp("multirun")
    command = [sys.executable, "-c", TRAIN, json.dumps([arguments(sweep, folder) for sweep in SWEEPS])]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=1500)
    unexpected = [line for line in done.stderr.splitlines() if not any(words in line for words in SAID)]
    assert (done.returncode, unexpected) == (0, []), done.stdout
    return folder


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a made-up record of the author's series."""
    folder = tmp_path_factory.mktemp("reference")
    series = sorted({name for names in RECORDED.values() for name in names})
    rows = [(*of, 0.1 + 0.01 * of[2]) for of in product(series, ("train", "test", "holdout"), range(5))]
    table = pandas.DataFrame(rows, columns=["series", "split", "epoch", "accuracy"])
    table.to_csv(folder / reference.FILE, index=False)
    return folder


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """No words of a figure that is saved touch, and what its panels show is explained once; a legend inside a panel
    explains that panel."""
    save = style.save

    def look(made: Figure, *rest: Any) -> list[Path]:
        assert drawn.touching(made) == []
        below = [panel for panel in made.axes if (legend := panel.get_legend()) and legend.get_gid() == style.BELOW]
        assert len(below) + len(made.legends) <= 1
        return save(made, *rest)

    monkeypatch.setattr(style, "save", look)


def call(main: Callable[[], None], *arguments: object) -> None:
    """``main`` with these arguments on its command line; a warning is an error, for it would be seen there."""
    before = sys.argv
    sys.argv = ["made up", *map(str, arguments)]
    try:
        with warnings.catch_warnings(action="error"):
            warnings.filterwarnings("ignore", category=DeprecationWarning)  # these would not
            warnings.filterwarnings("ignore", category=ConstantInputWarning)  # runs so short that all are alike
            main()
    finally:
        sys.argv = before


def figure(name: str, *arguments: object) -> None:
    call(draw.main, name, *arguments)


def test_every_sweep_is_drawn() -> None:
    drawn = {sweep for name in EXPERIMENTS for sweep in catalogue.sweeps(name)}
    assert set(SWEEPS) == set(choices.of("sweep")) == drawn


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_figure_draws_from_its_sweep(
    name: str, multirun: Path, record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], looked_at: None
) -> None:
    figure(
        name, "--results", multirun, "--scale", "smoke", "--out", tmp_path, "--title", "made up", "--reference", record
    )
    out, err = capsys.readouterr()
    assert err == ""
    for series in RECORDED.get(name, ()):
        assert f"from {series} (" in out
    assert out.splitlines()[-1] == f"the picture: {tmp_path / name}.png, {tmp_path / name}.pdf"
    assert (tmp_path / f"{name}.png").stat().st_size > 10_000
    assert (tmp_path / f"{name}.pdf").stat().st_size > 10_000
    thinned = pandas.read_csv(tmp_path / f"{name}.csv")
    assert {"run", "seed", "epoch", "step", "split", "metric", "value"} <= set(thinned)
    assert "accuracy" in set(thinned.metric)
    assert "sign" not in set(thinned.metric)
    assert set(thinned[thinned.metric == "loss"].split) == ({LOSSES[name]} if name in LOSSES else set())


@pytest.mark.parametrize("name", sorted({*catalogue.names()} - {*EXPERIMENTS}))
def test_a_figure_without_runs_is_drawn(name: str, tmp_path: Path, looked_at: None) -> None:
    figure(name, "--scale", "smoke", "--out", tmp_path)
    assert (tmp_path / f"{name}.png").stat().st_size > 10_000


def test_a_figure_says_in_a_sentence_why_it_is_not_drawn(
    multirun: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        figure("fig2d", multirun / "gradient_splitting_fig2d-smoke", "--out", tmp_path)  # without plain training
    assert end.value.code == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", "rotelab: there is no finished run of objective=standard, data/inputs=clean\n")
    with pytest.raises(SystemExit) as end:
        figure("fig2a", multirun / "gradient_splitting_fig2a-smoke", "--out", tmp_path, "--reference", tmp_path)
    assert end.value.code == 1
    assert capsys.readouterr().err == f"rotelab: reference: there is no {tmp_path / reference.FILE}\n"
    assert not list(tmp_path.iterdir())


def test_every_claim_has_a_verdict(multirun: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(claims.main, multirun, "--scale", "smoke", "--out", tmp_path, "--title", "Smoke.")
    out, err = capsys.readouterr()
    assert err == ""
    verdicts = [line for line in out.splitlines() if line.startswith("  ") and "not measured: " not in line]
    unmeasured = [re.match(r"  not measured: (\d+) of (\d+) claims: ", line) for line in out.splitlines()]
    counts = [(int(found[1]), int(found[2])) for found in unmeasured if found]
    asked = [work for work in catalogue.works() if any(multirun.glob(f"{work}_*-smoke"))]
    assert {name.partition("/")[0] for name in EXPERIMENTS} <= {*asked}
    assert len(verdicts) + sum(count for count, _ in counts) == sum(len(catalogue.claims(work)) for work in asked)
    assert out.splitlines()[-1] == f"the tables: {tmp_path / 'claims.md'}, {tmp_path / 'claims.csv'}"
    assert "\nSmoke.\n" in (tmp_path / "claims.md").read_text()
    rows = list(csv.DictReader((tmp_path / "claims.csv").open(newline="")))
    in_part = {row["work"] for row in rows if row["verdict"] == NOT_MEASURED}
    assert [of for _, of in counts] == [len(catalogue.claims(work)) for work in asked if work in in_part]
    assert {row["work"] for row in rows} == {*asked}
    for name in asked:
        of = [row["claim"] for row in rows if row["work"] == name]
        assert list(dict.fromkeys(of)) == [claim.text for claim in catalogue.claims(name)]
    assert {row["verdict"] for row in rows} <= {HOLDS, FAILS, UNDECIDED, DEPENDS, NOT_MEASURED}
    assert not [row for row in rows if "no finished run of sweep=" in row["note"]]
    for name in {name.partition("/")[0] for name in EXPERIMENTS}:
        of = [row["verdict"] for row in rows if row["work"] == name]
        assert sum(verdict != NOT_MEASURED for verdict in of) >= min(len(of), 11)
