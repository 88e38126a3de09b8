"""A run begins with the network of another, and is named by that run, wherever it lies."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from kept import job, trained, trained_together

from rotelab.errors import NetworkError
from rotelab.results import files, networks
from rotelab.results.table import load_run
from rotelab.sweeps.job import train

PLAIN = ("objective=standard", "optimizer=sgd", "optimizer.momentum=0", "optimizer.lr=0.1", "model.widths=[16]")
"""Without a memory: a run that begins where another was goes on as it did."""
CHECKED = """
import sys
from rotelab.config import compose
try:
    compose.compose(*sys.argv[1:])
except ValueError as error:
    print(error)
assert "torch" not in sys.modules
"""


def begun(source: Path, *overrides: str) -> tuple[str, ...]:
    return ("start=run", f"start.folder={source}", *overrides)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("source"), *PLAIN, "stop.max_epochs=4", "save=true", "save.epochs=[0,2]")


def values(run: Path, epoch: int) -> list[float]:
    """Accuracies and losses after an epoch."""
    curve = load_run(run)
    return curve[(curve.epoch == epoch) & curve.metric.isin(["accuracy", "loss"])].value.tolist()


@pytest.mark.parametrize(("given", "epoch"), [("null", 4), ("2", 2), ("0", 0)])
def test_it_goes_on_from_where_the_other_was(given: str, epoch: int, source: Path, tmp_path: Path) -> None:
    """With other weights than its own seed would draw."""
    run = trained(tmp_path, *PLAIN, *begun(source, f"start.epoch={given}"), "seed=5")
    for after in range(3):
        if epoch + after <= 4:
            assert values(run, after) == values(source, epoch + after)


def test_its_optimizer_begins_anew(tmp_path: Path) -> None:
    """Adam's has a memory, which is not the other run's."""
    adam = ("objective=standard", "model.widths=[16]")
    source = trained(tmp_path / "source", *adam, "save.epochs=[1]")
    run = trained(tmp_path / "run", *adam, *begun(source, "start.epoch=1"))
    assert values(run, 0) == values(source, 1)
    assert values(run, 1) != values(source, 2)


def test_it_is_named_by_the_other_run_and_the_epoch(source: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "moved"
    shutil.copytree(source, elsewhere)
    named = {
        given: job(tmp_path, *PLAIN, *given).name
        for given in (
            (),
            ("start=random",),
            begun(source),
            begun(elsewhere),
            begun(source, "start.epoch=4"),
            begun(source, "start.epoch=2"),
        )
    }
    plain, random, end, moved, last, second = named.values()
    assert plain == random and end == moved == last
    assert len({plain, end, second}) == 3


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (("start=run",), "start.folder has to be given"),
        (
            ("start=run", "start.folder=nowhere"),
            "start.folder (epoch = None): nowhere holds no network.safetensors: there is no such folder",
        ),
        (("start=run", "start.folder={source}", "start.epoch=3"), "holds no network-3.safetensors: there is network-0"),
        (("start=run", "start.folder={source}", "start.epoch=-1"), "start.epoch = -1 is not 0 or later"),
    ],
)
def test_what_is_not_there_is_said_before_torch_is_imported(
    overrides: tuple[str, ...], words: str, source: Path
) -> None:
    given = [text.format(source=source) for text in overrides]
    done = subprocess.run([sys.executable, "-c", CHECKED, *given], capture_output=True, text=True, check=True)
    assert words in done.stdout and done.stdout.count("\n") == 1


def test_another_network_is_refused_before_a_step(source: Path, tmp_path: Path) -> None:
    other = job(tmp_path, *PLAIN[:-1], "model.widths=[8]", *begun(source))
    end = train(other)
    assert isinstance(end.error, NetworkError)
    assert f"{networks.file(source)} does not fit the network that is built" in str(end.error)
    assert len((other.folder / files.CURVE).read_text().splitlines()) == 1


def test_a_softmax_at_the_end_is_no_part_of_it(source: Path, tmp_path: Path) -> None:
    run = trained(tmp_path, *PLAIN, *begun(source), "model.softmax=false")
    accuracies = load_run(run).query("epoch == 0 and metric == 'accuracy'").value.tolist()
    assert accuracies == load_run(source).query("epoch == 4 and metric == 'accuracy'").value.tolist()


def test_runs_of_other_starts_train_together(source: Path, tmp_path: Path) -> None:
    starts = [begun(source), begun(source, "start.epoch=2"), ()]
    folders = trained_together(tmp_path, [(*PLAIN, *start) for start in starts])
    for folder, epoch in zip(folders, (4, 2, 0), strict=True):
        assert values(folder, 0) == pytest.approx(values(source, epoch), rel=1e-5)
