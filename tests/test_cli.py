"""What a person sees: exit codes, one-line errors, files, signals, a second start."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from select import select

import pandas
import pytest
import torch
from command import TINY, begin, run, single
from PIL import Image

from rotelab.results import describe, files
from rotelab.results.locks import hold
from rotelab.results.table import load_sweep

WITHOUT_TORCH = """
import sys
from rotelab import train
try:
    train.main()
finally:
    assert "torch" not in sys.modules
"""


REFUSED: list[tuple[list[str], str]] = [
    (["objective=threshold", "objective.k=1.7"], "objective.k = 1.7 is not in [0, 1]"),
    (["objective.kk=1"], "no option 'objective.kk'"),
    (["objective=slpit"], "objective/slpit: did you mean split?"),
    (
        ["save.epochs=[0,10,20]", "stop.max_epochs=10"],
        "save.epochs = [20] is after stop.max_epochs = 10, the last epoch",
    ),
    (["stop.max_epoch=3"], "no option 'stop.max_epoch': did you mean max_epochs?"),
    (["stop={max_epoch:3}"], "no option 'stop.max_epoch': did you mean max_epochs?"),
    (["objectve=split"], "no option 'objectve': did you mean objective?"),
    (["objective.k=0.1"], "k belongs to objective=threshold"),
    (["-m", "objective=threshold,split", "objective.k=0.1"], "k belongs to objective=threshold"),
    (["measure.coherence.images=5"], "coherence belongs to measure=coherence"),
    (
        ["sweep=ranking", "data.labels.fraction=0.2", "data.batch_size=8,16"],
        "fraction belongs to data/labels=corrupted",
    ),
    (["axis.fig2.sizes=20"], "choose scale=demo or paper or small or smoke,"),
    (
        ["sweep=fig1,fig2c", "scale=smoke"],
        "one sweep at a time, each has a folder of its own; rotelab train --help lists",
    ),
    (
        ["sweep=fig1", "scale=smoke,demo"],
        "one scale at a time, each has a folder of its own; there are demo, imagenet,",
    ),
    (
        ["sweep=fig1", "scale=imagenet"],
        "scale=imagenet is none of gradient_splitting: there are demo, paper, small, smoke",
    ),
    (
        ["sweep=fig3"],
        "which of coherent_gradients/fig3, gradient_splitting/fig3? gradient_splitting/fig3 needs no runs",
    ),
    (
        ["sweep=fig1", "scale=smoke", "data.folder=x"],
        "scale=smoke is of the digits; a folder of images needs scale=small",
    ),
    (["--scale", "demo"], "--scale: options are given as key=value, here scale=demo"),
    (["--seed=3"], "--seed: options are given as key=value, here seed=3"),
    (["sweep=fig1", "scale=demo", "axis.splits=../../data/split/thirds"], "data/split=../../data/split/thirds"),
    (["hydra.run.dir=x"], "hydra.run.dir: Hydra's options here are"),
    (["--experimental-rerun=config.pickle"], "--experimental-rerun"),
    (["name=x"], "name = x names the folder of a sweep"),
    (["-m", "name=../x", "seed=0,1"], "name = ../x"),
    (["-m", "name=a,b", "seed=0"], "choose the folder of a sweep: start one for each"),
    (["results=${run_name:}"], "results: "),
    (["stop.max_epochs=1O"], "stop.max_epochs"),
    (["+new_key=1"], "+new_key"),
    (["~seed"], "~seed"),
    (["seed=1", "seed=2"], "seed is given twice"),
    (["data.split.train='all[600:700]'"], "overlap"),
    (["data=image_folder"], "data.folder"),
    (["data=image_folder", "data.folder=/nowhere"], "/nowhere"),
    (["-m", "objective=threshold", "objective.k=0.1,0.2,0.3,0.4,1.5"], "objective.k = 1.5"),
    (["sweep=fig1", "scale=demo", "data.size=900,nan"], "data.size"),
    (["sweep=fig2z"], "sweep/fig2z"),
    (["sweep=fig1", "scale=demo", "axis.seeds=0,1"], "'axis.seeds=\"0,1\"', quotes and all"),
    (["sweep=fig1", "scale=demo", 'axis.seeds="0,0"'], "more than once: vary what runs differ in"),
    (["sweep=fig2a"], "axis.fig2.split' not found: choose scale=demo"),
    (["objective._target_=rotelab.objectives.Standard"], "objective=standard"),
    ([""], "empty"),
    (["seed=a b["], "seed=a b["),
    (["seed=1,2"], "seed=1,2: several values are several runs, with -m before them"),
]
ONE_AFTER_ANOTHER = """
import contextlib, io, json, sys
from rotelab import train
for given in json.load(sys.stdin):
    code, said, sys.argv = 0, (io.StringIO(), io.StringIO()), ["rotelab", *given]
    with contextlib.redirect_stdout(said[0]), contextlib.redirect_stderr(said[1]):
        try:
            train.main()
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, *(of.getvalue() for of in said)]))
assert "torch" not in sys.modules
"""
"""How it ends with each of the arguments that it reads, and what it says; a Python each takes four times as long."""


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, str, str, Path]]:
    """Of each case its exit code, what it said on both streams, and the folder of its results; without torch."""
    folders = [tmp_path_factory.mktemp("results") for _ in REFUSED]
    given = [
        arguments if any(word.startswith("results=") for word in arguments) else [*arguments, f"results={folder}"]
        for (arguments, _), folder in zip(REFUSED, folders, strict=True)
    ]
    command = [sys.executable, "-c", ONE_AFTER_ANOTHER]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    return [(*end, folder) for end, folder in zip(ends, folders, strict=True)]


@pytest.mark.parametrize(
    ("case", "words"), [*enumerate(words for _, words in REFUSED)], ids=[str(of) for of, _ in REFUSED]
)
def test_a_wrong_config_is_one_line_and_2_without_torch(
    case: int, words: str, refusals: list[tuple[int, str, str, Path]]
) -> None:
    code, out, said, folder = refusals[case]
    assert code == 2, said
    assert out == ""
    assert said.count("\n") == 1
    assert words in said
    assert not list(folder.iterdir())


def test_help_lists_choices_and_what_options_mean_without_torch() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    words = " ".join(done.stdout.split())  # whatever the width of the terminal
    assert "objective= split, split_then_standard, standard, standard_then_split, target, threshold" in words
    assert "stop.max_epochs=1500 The last epoch." in words


@pytest.mark.slow
def test_a_run_is_written_once_and_the_same_config_gives_the_same_bits(tmp_path: Path) -> None:
    arguments = (*TINY, "stop.max_epochs=3", "data.batch_order=reshuffled")
    code, out, err = run(f"results={tmp_path / 'a'}", *arguments)
    assert (code, err) == (0, "")
    folder = single(tmp_path / "a")
    assert out.endswith(f", in {folder}\n")
    result = json.loads((folder / files.RESULT).read_text())
    assert (result["epochs"], result["steps"], result["threads"]) == (3, 6, 1)
    assert result["overrides"]["data.batch_order"] == "reshuffled"
    assert result["choices"] == {"objective": "split", "model": "mlp_384", "data": "digits"}
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != ".lock"}
    code, out, _ = run(f"results={tmp_path / 'a'}", *arguments)
    assert (code, "finished before" in out) == (0, True)
    code, _, err = run(f"results={tmp_path / 'a'}", *arguments, "save=true")
    assert code == 2 and f"{folder} has finished without network.safetensors" in err and err.count("\n") == 1
    assert before == {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != ".lock"}
    assert (folder / "curve.png").stat().st_size > 10_000
    code, _, _ = run(
        f"results={tmp_path / 'b'}", *arguments, "trainer.progress=false", "logger=wandb", "draw=false", "save=true"
    )
    assert code == 0
    again = single(tmp_path / "b")
    assert again.name == folder.name
    assert (again / files.CURVE).read_bytes() == (folder / files.CURVE).read_bytes()
    assert list(again.parent.glob("wandb/offline-run-*/*.wandb"))
    assert not (again / "curve.png").exists()


@pytest.mark.slow
def test_data_that_can_not_be_cut_is_a_line_and_2_and_leaves_nothing(tmp_path: Path) -> None:
    code, out, err = run(f"results={tmp_path}", *TINY, "data.split.held_out='all[1000:5000]'")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "all[1000:5000] is beyond the data" in err
    assert not list((tmp_path / "single").iterdir()), "a refused run is none that has failed"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        pytest.param(["dry_run=true"], marks=pytest.mark.slow),
        pytest.param(["-m", "seed=0,1", "trainer.together=2"], marks=pytest.mark.slow),
    ],
)
def test_a_size_that_is_too_large_is_told_the_largest_that_fits(arguments: list[str], tmp_path: Path) -> None:
    code, _, err = run(*arguments, f"results={tmp_path}", "data.size=900", "stop.max_epochs=2")
    assert code == 2
    assert "all[900:1800] is beyond the data: 'all' holds 1797 images" in err
    assert "data.size = 900 is too large: at most 898 fit" in err


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_not_there_is_a_line_and_2(tmp_path: Path) -> None:
    code, _, err = run(f"results={tmp_path}", *TINY, "trainer=gpu")
    assert (code, err.count("\n"), "trainer.accelerator=gpu: No supported gpu backend found" in err) == (2, 1, True)


def test_a_run_that_diverges_in_its_last_step_has_failed(tmp_path: Path) -> None:
    code, _, err = run(f"results={tmp_path}", "data.size=64", "stop.max_epochs=1", "optimizer.lr=1e30")
    assert code == 1
    assert "the loss of train was nan after optimizer step 1" in err
    assert not files.finished(single(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("storage", ["memory", "stream"])
def test_files_that_are_no_images(tmp_path: Path, storage: str) -> None:
    for part, count in (("train", 12), ("test", 4)):
        for name in ("cat", "dog"):
            (tmp_path / "images" / part / name).mkdir(parents=True)
            for index in range(count):
                Image.new("RGB", (8, 8), (20 * index, 0, 0)).save(tmp_path / "images" / part / name / f"{index}.png")
    bad = tmp_path / "images" / "train" / "cat" / "3.png"
    bad.write_text("no image")
    arguments = (f"results={tmp_path}", "data=image_folder", f"data.folder={tmp_path / 'images'}", "stop.max_epochs=1")
    arguments += (f"data.cache={tmp_path / 'cache'}", "data.size=8", f"data.storage={storage}")
    arguments += ("model.widths=[8]", "model.softmax=false")
    code, _, err = run(*arguments)
    assert (code, err.count("\n")) == (2, 1)
    assert f"{bad} can't be read as an image" in err
    code, out, err = run(*arguments, "data.on_bad_image=skip")
    assert (code, err) == (0, "")
    assert out.endswith("image files that can't be decoded and were left out:\n  train/cat/3.png\n")
    (result,) = [json.loads(path.read_text()) for path in tmp_path.glob("single/*/result.json")]
    assert result["skipped"] == ["train/cat/3.png"]


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[int, str, str]]:
    """A sweep of four runs, the last two of which diverge."""
    folder = tmp_path_factory.mktemp("results")
    return folder / "sweep", run(*SWEEP, f"results={folder}")


SWEEP = (
    "--multirun",
    "name=sweep",
    *TINY,
    "stop.max_epochs=2",
    "model.softmax=false",
    "optimizer.lr=1e-3,1e30",
    "seed=0,1",
)


def test_a_failing_run_never_stops_the_others(sweep: tuple[Path, tuple[int, str, str]]) -> None:
    folder, (code, _out, err) = sweep
    assert code == 1
    assert "2 of 4 runs failed" in err
    assert err.count("epoch 1, at optimizer step 2") == 2
    names = files.runs(folder)
    assert [files.finished(folder / name) for name in names] == [True, True, False, False]
    assert (folder / names[2] / files.FAILURE).exists()


def test_a_second_start_runs_what_is_missing(sweep: tuple[Path, tuple[int, str, str]]) -> None:
    folder, _ = sweep
    first, second, *_ = files.runs(folder)
    curve = (folder / second / files.CURVE).read_bytes()
    (folder / second / files.RESULT).unlink()
    (folder / second / files.CURVE).write_bytes(curve[:100])
    for left in (files.CHECKPOINT, f"{files.CHECKPOINT}.partial"):  # of one that was killed as it had finished
        (folder / first / left).write_bytes(b"")
    code, out, _err = run(*SWEEP, f"results={folder.parent}")
    assert code == 1
    assert out.count("finished before") == 1
    assert f"{first} " in out.split("finished before")[0]
    assert (folder / second / files.CURVE).read_bytes() == curve
    assert not list(folder.rglob(f"{files.CHECKPOINT}*"))


def test_a_dry_run_lists_and_writes_nothing(sweep: tuple[Path, tuple[int, str, str]]) -> None:
    folder, _ = sweep
    before = sorted(folder.rglob("*"))
    code, out, _ = run(*SWEEP, f"results={folder.parent}", "dry_run=true")
    assert code == 0
    assert out.count(": finished\n") == 2
    assert out.count("about") == 3
    assert sorted(folder.rglob("*")) == before


def test_runs_that_train_together(tmp_path: Path) -> None:
    """Three of the four at once, of which one diverges, and then the fourth, which has nobody left to go with."""
    code, out, err = run(*SWEEP, f"results={tmp_path}", "trainer.together=3")
    folder = tmp_path / "sweep"
    names = files.runs(folder)
    assert (code, out.count("3 together"), err.count("epoch 1, at optimizer step 2")) == (1, 2, 2)
    assert [files.finished(folder / name) for name in names] == [True, True, False, False]
    assert [json.loads((folder / name / files.RESULT).read_text())["together"] for name in names[:2]] == [3, 3]
    assert all((folder / name / files.FAILURE).exists() for name in names[2:])
    assert {line.split("]")[0] for line in out.splitlines()[1:]} == {"[1/4", "[2/4"}
    with pytest.warns(UserWarning, match=f"not finished, so not in the table: {names[2]}, {names[3]}"):
        table = load_sweep(folder)
    assert set(table["optimizer.lr"]) == {1e-3} and set(table.seed) == {0, 1}
    code, out, err = run(*SWEEP, f"results={tmp_path}", "trainer.together=3")
    assert (code, out.count("finished before"), err.count("2 of 4 runs failed")) == (1, 2, 1)


def test_a_run_that_is_to_blame_fails_alone(sweep: tuple[Path, tuple[int, str, str]], tmp_path: Path) -> None:
    """Another process holds the folder of one that was to train together with the first."""
    name = files.runs(sweep[0])[1]
    with hold(tmp_path / "sweep" / name):
        arguments = [word for word in SWEEP if not word.startswith("optimizer.lr")]
        code, out, err = run(*arguments, f"results={tmp_path}", "optimizer.lr=1e-3", "trainer.together=2")
    assert (code, out.count("2 epochs")) == (1, 1)
    assert err.count("train one after another: another process is at work in") == 1
    assert err.count(f"rotelab: {name}: another process is at work in") == 1


def test_runs_that_can_not_train_together(tmp_path: Path) -> None:
    arguments = ("--multirun", *TINY, "stop.max_epochs=1", "model.dropout=0.5", "seed=0,1", "trainer.together=2")
    code, out, err = run(*arguments, f"results={tmp_path}")
    assert (code, out.count("1 epoch,")) == (0, 2)
    assert err.count("train one after another: no rule for a stack of Dropout") == 1


def test_a_smaller_sweep_leaves_stale_runs_out(sweep: tuple[Path, tuple[int, str, str]]) -> None:
    folder, _ = sweep
    all_runs = files.runs(folder)
    files.write_runs(folder, all_runs[:1])
    with pytest.warns(UserWarning, match=all_runs[1]):
        table = load_sweep(folder)
    assert set(table.run) == {all_runs[0]}
    assert set(table["optimizer.lr"]) == {1e-3}
    files.write_runs(folder, all_runs)


@pytest.mark.slow
def test_a_run_that_two_sweeps_share_is_trained_once(tmp_path: Path) -> None:
    tiny = ("scale=smoke", f"results={tmp_path}", "stop.max_epochs=1", "axis.fig2.sizes=64")
    code, out, err = run("sweep=fig2c", *tiny)
    assert (code, err) == (0, "")
    assert (out.count("1 epoch,"), out.count("copied")) == (4, 0)
    assert re.search(r"about \d+ (s|min.*) left if every run goes to its last epoch", out.splitlines()[0])
    code, out, _ = run("sweep=fig2a", *tiny, "dry_run=true")
    assert (code, out.count("finished in gradient_splitting_fig2c-smoke")) == (0, 4)
    code, out, err = run("sweep=fig2a", *tiny)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == f"{tmp_path / 'gradient_splitting_fig2a-smoke'}: 4 runs, 4 finished"
    assert (out.count("1 epoch,"), out.count("the same run as in gradient_splitting_fig2c-smoke, copied")) == (0, 4)
    with warnings.catch_warnings(action="error"):
        first, second = (load_sweep(tmp_path / f"gradient_splitting_{sweep}-smoke") for sweep in ("fig2c", "fig2a"))
    assert set(second["data/inputs"]) == {"clean", "gaussian_blend"}
    assert set(first.columns) - set(second.columns) == {"data.size"}
    assert first[second.columns].equals(second)


@pytest.mark.slow
def test_runs_of_the_old_layout_are_found_by_their_names(tmp_path: Path) -> None:
    """Three runs where they were written before: in ``fig2c-smoke``."""
    tiny = ("sweep=fig2c", "scale=smoke", f"results={tmp_path}", "stop.max_epochs=1", "seed=0,1,2")
    tiny += ("axis.fig2.sizes=64", "data/inputs=clean", "objective=threshold")
    assert run(*tiny)[0] == 0
    new, old = tmp_path / "gradient_splitting_fig2c-smoke", tmp_path / "fig2c-smoke"
    new.rename(old)
    code, out, err = run(*tiny)
    assert (code, err, out.count("the same run as in fig2c-smoke, copied")) == (0, "", 3)
    pandas.testing.assert_frame_equal(load_sweep(new), load_sweep(old))


def test_the_second_process_in_a_sweep_folder_ends_at_once(tmp_path: Path) -> None:
    with hold(tmp_path / "sweep"):
        code, _, err = run(*SWEEP, f"results={tmp_path}")
    assert code == 1
    assert "another process is at work in" in err


def test_a_stack_neither_compiles_nor_pads(tmp_path: Path) -> None:
    code, _, err = run(*SWEEP, f"results={tmp_path}", "trainer.together=2", "trainer.pad_channels=8")
    assert (code, err) == (
        2,
        "rotelab: trainer.together = 2 goes with none of compile, pad_channels and graph: choose one of them\n",
    )


def test_where_data_are_of_no_use_to_any_run_a_sweep_ends_at_once(tmp_path: Path) -> None:
    arguments = ("--multirun", "name=sweep", f"results={tmp_path}", "data.split.held_out='all[1400:5000]'")
    code, out, err = run(*arguments, "model=mlp_384,small_alexnet", "data/labels=clean,random")
    assert (code, out.count("\n"), err.count("\n")) == (2, 1, 1)
    assert "all[1400:5000] is beyond the data" in err
    assert len(list((tmp_path / "sweep").glob("*/config.yaml"))) == 1


def test_where_data_are_of_use_to_some_the_others_go_on(tmp_path: Path) -> None:
    arguments = ("--multirun", "name=sweep", f"results={tmp_path}", *TINY, "stop.max_epochs=1")
    code, out, err = run(*arguments, "data.split.held_out='all[1000:5000]','all[1000:1100]'")
    assert (code, out.count("1 epoch,"), err.count("is beyond the data")) == (1, 1, 1)


def test_where_a_network_is_of_no_use_the_others_go_on(tmp_path: Path) -> None:
    arguments = ("--multirun", "name=sweep", f"results={tmp_path}", "data.size=64", "data.side=2", "stop.max_epochs=1")
    code, out, err = run(*arguments, "model=small_alexnet,mlp_384")
    assert (code, out.count("1 epoch,"), err.count("rotelab:")) == (1, 1, 2)


@pytest.mark.slow
def test_a_sweep_of_ones_own_has_a_folder_of_its_own(tmp_path: Path) -> None:
    arguments = ("--multirun", f"results={tmp_path}", *TINY, "stop.max_epochs=1")
    assert run(*arguments, "seed=0,1")[0] == 0
    (first,) = tmp_path.iterdir()
    assert re.fullmatch("sweep-[0-9a-f]{6}", first.name)
    assert run(*arguments, "optimizer.lr=1e-3,2e-3")[0] == 0
    assert len(list(tmp_path.iterdir())) == 2
    assert len(files.runs(first)) == 2
    (first / ".lock").unlink()
    (first / ".lock").mkdir()  # no more to be opened for writing than on a disk that is read-only
    before = {path: path.stat().st_mtime_ns for path in first.rglob("*")}
    code, out, err = run(*arguments[:2], "trainer.progress=false", "seed=0,1", *arguments[2:])
    assert (code, err, out.count("finished before")) == (0, "", 2)
    assert out.splitlines()[0] == f"{first}: 2 runs, 2 finished"
    assert {path: path.stat().st_mtime_ns for path in first.rglob("*")} == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_runs_go_on_where_nobody_reads_what_they_say(name: str, tmp_path: Path) -> None:
    """As in ``| head -1``."""
    arguments = (*(word for word in SWEEP if "1e30" not in word), f"results={tmp_path}")
    command = [sys.executable, "-m", "rotelab.train", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    getattr(process, name).close()
    process.communicate()
    assert process.returncode == 0
    assert [files.finished(tmp_path / "sweep" / run) for run in files.runs(tmp_path / "sweep")] == [True, True]


def test_a_value_written_otherwise_is_the_same_run(tmp_path: Path) -> None:
    arguments = (f"results={tmp_path}", *TINY, "stop.max_epochs=1")
    assert run(*arguments, "model.softmax=no", "optimizer.lr='1e-3'")[0] == 0
    result = json.loads((single(tmp_path) / files.RESULT).read_text())
    assert (result["config"]["model"]["softmax"], result["config"]["optimizer"]["lr"]) == (False, 1e-3)
    assert (result["overrides"]["model.softmax"], result["overrides"]["optimizer.lr"]) == (False, 1e-3)
    assert (result["science"]["model"]["softmax"], result["science"]["optimizer"]["lr"]) == (False, 1e-3)
    assert "softmax: false" in (single(tmp_path) / files.CONFIG).read_text()
    assert "no softmax" in describe.sweep(tmp_path / "single")
    _, out, _ = run(*arguments, "model.softmax=false", "optimizer.lr=1e-3")
    assert "(data.size=64" in out and "model.softmax=false" in out
    assert "finished before" in out


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [[], ["-m", "seed=0"], ["dry_run=true"]])
def test_a_network_too_large_for_the_memory_is_a_sentence(arguments: list[str], tmp_path: Path) -> None:
    code, _, err = run(*arguments, f"results={tmp_path}", "model.widths=[1000000,1000000]", "stop.max_epochs=1")
    assert code == 1
    assert "there is not enough memory for this run: make one of model.widths, data.batch_size" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [[], ["-m", "name=sweep", "seed=0,1"]])
def test_a_folder_that_can_not_be_written_is_a_sentence(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "results").write_text("no folder")
    code, _, err = run(*arguments, f"results={tmp_path / 'results'}", *TINY)
    assert code == 1
    assert f"{tmp_path / 'results'}" in err and "Not a directory" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("together", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_signal_ends_the_sweep(
    number: signal.Signals, expected: int, together: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of four runs have finished, the third is in the middle, alone or together with the fourth. On a terminal."""
    monkeypatch.setenv("TERM", "xterm")
    reader, writer = pty.openpty()
    options = ("stop.max_epochs=2,100000", "seed=0,1", f"trainer.together={together}")
    arguments = ("--multirun", "name=sweep", f"results={tmp_path}", *TINY, *options)
    process = begin(arguments, [Path(os.ttyname(writer)), tmp_path / "err"])
    written = b""
    while written.count(b"\x1b[?25l") < 3 - (together > 1) or b"left" not in written.split(b"\x1b[?25l")[-1]:
        assert select([reader], [], [], 60)[0], written  # a bar for each run or stack
        written += os.read(reader, 4096)
    assert process.pid is not None
    os.kill(process.pid, number)
    process.join(30)
    os.set_blocking(reader, False)
    with suppress(BlockingIOError):
        while piece := os.read(reader, 4096):
            written += piece
    for end in (reader, writer):
        os.close(end)
    assert process.exitcode == expected
    assert written.rfind(b"\x1b[?25h") > written.rfind(b"\x1b[?25l")
    waits, ends = (tmp_path / "err").read_text().splitlines()
    what = "this run" if together == 1 else "this stack of 2 runs"
    assert f": {what} stops at the end of the epoch; a second signal stops it at once" in waits
    words = (
        r"interrupted: 2 of 4 runs are finished; the same command goes on with the rest, the first of them after epoch"
    )
    assert re.fullmatch(rf"{words} \d+", ends)
    assert len(list(tmp_path.glob(f"sweep/*/{files.RESULT}"))) == 2
