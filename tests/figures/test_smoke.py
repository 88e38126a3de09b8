"""Every sweep at its smallest, every figure from what it wrote, and the tables of claims from all of them."""

import csv
import json
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from importlib import import_module
from itertools import product
from pathlib import Path

import pandas
import pytest
from scipy.stats import ConstantInputWarning

from rotelab.claims import __main__
from rotelab.claims.__main__ import WORKS
from rotelab.figures import program, reference
from rotelab.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED, UNDECIDED

TRAIN = """
import gc, json, sys
from multiprocessing import get_context

from rotelab import instantiate, train  # torch once, for all sweeps

def sweep(arguments):
    sys.argv[1:] = arguments
    try:
        train.main()
    except SystemExit as end:
        return end.code

gc.disable()  # a fifth faster
with get_context("fork").Pool(2, maxtasksperchild=1) as pool:
    codes = list(pool.imap(sweep, json.loads(sys.argv[1])))
sys.exit(max(codes))
"""
"""Each sweep in a process of its own, two at a time, as ``python -m rotelab.train`` would run it."""

MLP = ("model.widths=[32]", "data.batch_size=32")
FIG1 = (
    *MLP,
    "data.size=64",
    "optimizer.lr=1e-2",
    "stop.max_epochs=20",
    "measure.stability.levels=[0.15,0.2,0.3,0.4]",
    "measure.stability.directions=2",
)
FIG2 = (
    *MLP,
    'axis.fig2.sizes="64,128"',
    "axis.fig2.size=64",
    "axis.fig2.size_a=64",
    "axis.fig2.epochs=4",
)
RESNET = (
    'axis.resnet.sizes="32,64"',
    "axis.resnet.size=32",
    "axis.resnet.batch_size=32",
    "axis.resnet.width=0.05",
    "axis.resnet.side=8",
    "axis.resnet.epochs=2",
)
ZHANG = (
    "trainer.workers=0",  # a daemon, as the processes here are, has no children
    "axis.zhang.size=64",
    "axis.zhang.table.size=64",
    "axis.zhang.batch_size=32",
    "axis.zhang.width.inception=0.05",
    "axis.zhang.width.alexnet=0.05",
    "axis.zhang.epochs=2",
    "axis.zhang.table.epochs=2",
    "axis.zhang.long=3",
    'axis.zhang.fractions="0,1"',
)
COHERENCE = (*ZHANG, "axis.coherence.batch_size=16", "measure.coherence.images=32", "network=alexnet,mlp_1x512")
SWEEPS = {  # in this order: the last ones find most of their runs in the first ones
    "figs1_ablation": RESNET,
    "fig1": (*FIG1, 'axis.seeds="0,1"'),
    "fig2c": FIG2,
    "fig2b": (*FIG2, "data.inputs.noise=0,0.5,1"),
    "fig2d": (*FIG2, "objective.u=0.2,0.85,1"),
    "zhang_fig1b": (*ZHANG, "network=alexnet,mlp_1x512"),
    "zhang_fig1a": (*ZHANG, "network=inception"),
    "zhang_table1": (*ZHANG, "network=mlp_1x512", "axis.zhang.crop=7"),
    "zhang_early_stopping": ZHANG,
    "coherence_fig3": COHERENCE,
    "coherence_order": (*COHERENCE, "measure.agreement.images=32"),
    "coherence_fig4": (*ZHANG, "axis.coherence.median.size=64", "axis.coherence.median.epochs=3"),
    "coherence_objectives": (*FIG1[:-2], "measure.coherence.images=32"),
    "fig2_plain": FIG2,
    "figs1a": RESNET,
    "figs1b": RESNET,
    "recover": (*MLP, "data.size=64", "axis.switch=3"),
    "gap": FIG1,
    "gradient_norm": FIG1,
    "stability": FIG1,
    "fig2a": FIG2,
    "zhang_fig1c": (*ZHANG, "network=alexnet,mlp_1x512"),
}
FIGURES = {name: (name,) for name in SWEEPS if name not in ("fig2d", "fig2_plain")} | {"fig2d": ("fig2d", "fig2_plain")}
RECORDED = {
    "fig2a": ("conv_eq4_cifar_5k", "conv_eq4_noise_5k"),
    "fig2b": ("conv_eq4_cifar_10k", "conv_eq4_mix50_10k", "conv_eq4_noise_10k"),
    "fig2c": ("conv_eq4_cifar_2p5k", "conv_eq4_cifar_5k", "conv_eq4_noise_2p5k", "conv_eq4_noise_5k"),
    "fig2d": ("conv_eq5_target20_10k", "conv_eq5_target85_10k", "conv_eq5_target100_10k", "conv_eq3_cifar_10k_200ep"),
    "figs1a": ("r18_noise_2p5k", "r18_noise_5k"),
    "figs1b": ("r18_cifar_5k",),
}
"""The author's series that each figure lays over ours."""
LOSSES = ("coherence_fig3", "zhang_fig1a")
"""Figures that show one."""


def arguments(sweep: str, folder: Path) -> list[str]:
    options = SWEEPS[sweep]
    seeds = () if any("axis.seeds" in option for option in options) else ('axis.seeds="0"',)
    few = "data.split.held_out='all[256:320]'"
    return [f"sweep={sweep}", "scale=demo", "trainer.progress=false", f"results={folder}", few, *options, *seeds]


@pytest.fixture(scope="module")
def multirun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results folder after all sweeps."""
    folder = tmp_path_factory.mktemp("multirun")
    command = [sys.executable, "-c", TRAIN, json.dumps([arguments(sweep, folder) for sweep in SWEEPS])]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=400)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
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


def draw(name: str, *arguments: object) -> None:
    """As ``python -m rotelab.figures.name arguments``, without its start."""
    module, of = import_module(f"rotelab.figures.{name}"), ", LOSSES" if name in LOSSES else ""
    assert f'    program.main("{name}", __doc__, draw, summary{of})\n' in Path(module.__file__).read_text()
    losses = [module.LOSSES] if name in LOSSES else []
    call(lambda: program.main(name, module.__doc__, module.draw, module.summary, *losses), *arguments)


def test_every_sweep_is_drawn() -> None:
    configured = {path.stem for path in (Path(__file__).parents[2] / "conf" / "sweep").glob("*.yaml")}
    assert set(SWEEPS) == configured == {sweep for sweeps in FIGURES.values() for sweep in sweeps}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_draws_from_its_sweep(
    name: str, multirun: Path, record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweeps = [multirun / f"{sweep}-demo" for sweep in FIGURES[name]]
    draw(name, *sweeps, "--out", tmp_path, "--data", "made up", "--reference", record)
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
    assert set(thinned[thinned.metric == "loss"].split) == ({"train"} if name in LOSSES else set())


def test_a_figure_says_in_a_sentence_why_it_is_not_drawn(
    multirun: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        draw("fig2d", multirun / "fig2d-demo", "--out", tmp_path)  # without plain training
    assert end.value.code == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", "rotelab: there is no finished run of objective=standard, data/inputs=clean\n")
    with pytest.raises(SystemExit) as end:
        draw("fig2a", multirun / "fig2a-demo", "--out", tmp_path, "--reference", tmp_path)
    assert end.value.code == 1
    assert capsys.readouterr().err == f"rotelab: reference: there is no {tmp_path / reference.FILE}\n"
    assert not list(tmp_path.iterdir())


def test_every_claim_has_a_verdict(multirun: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(__main__.main, multirun, "--scale", "demo", "--out", tmp_path, "--about", "Smoke.")
    out, err = capsys.readouterr()
    assert err == ""
    verdicts = [line for line in out.splitlines() if line.startswith("  ") and "not measured: " not in line]
    unmeasured = [re.match(r"  not measured: (\d+) of (\d+) claims: ", line) for line in out.splitlines()]
    counts = [(int(found[1]), int(found[2])) for found in unmeasured if found]
    assert len(verdicts) + sum(count for count, _ in counts) == sum(len(work.claims) for work in WORKS.values())
    assert [of for _, of in counts] == [len(work.claims) for work in WORKS.values()]
    assert out.splitlines()[-1] == f"the tables: {tmp_path / 'claims.md'}, {tmp_path / 'claims.csv'}"
    assert "\nSmoke.\n" in (tmp_path / "claims.md").read_text()
    rows = list(csv.DictReader((tmp_path / "claims.csv").open(newline="")))
    for name, work in WORKS.items():
        of = [row["claim"] for row in rows if row["work"] == name]
        assert list(dict.fromkeys(of)) == [claim.text for claim in work.claims]
    assert {row["verdict"] for row in rows} <= {HOLDS, FAILS, UNDECIDED, DEPENDS, NOT_MEASURED}
    assert not [row for row in rows if "no finished run of sweep=" in row["note"]]
    for name in WORKS:
        assert sum(row["verdict"] != NOT_MEASURED for row in rows if row["work"] == name) > 10
