"""Two processes train the run that one would: the same weights but for rounding, the same counts, one curve."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing import get_start_method
from pathlib import Path
from typing import Any

import kept
import pandas
import pytest
from command import FORKS
from lightning import Callback
from pictures import write_noise
from ranked import blocked_later, distance, ends, says_how_others_start, shared
from torch import nn
from torch.nn.functional import relu

import rotelab
from rotelab.errors import InputError, NetworkError, RunError
from rotelab.models.mlp import mlp
from rotelab.models.small_inception import small_inception
from rotelab.objectives import Objective, Split, Standard, Threshold
from rotelab.results.files import CHECKPOINT, CURVE, RESULT
from rotelab.system.signals import Waiting
from rotelab.training.checkpoint import Checkpoints, found
from rotelab.training.learner import Learner
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.run import fit
from rotelab.training.several import several

pytestmark = pytest.mark.slow

OBJECTIVES = {"Eq. (1)": Split(), "Eq. (3)": Standard(), "Eq. (4)": Threshold(0.5)}
ROUNDING = 1e-12


class Stop(Exception):
    pass


class Stops(Callback):
    """In the middle of the third epoch."""

    def on_train_batch_end(self, trainer: Any, learner: Learner, outputs: dict, batch: object, batch_idx: int) -> None:
        if (trainer.current_epoch, batch_idx) == (2, 1):
            raise Stop


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_noise(tmp_path_factory.mktemp("ranked") / "images")


def trained(
    make: Callable[..., Recipe], devices: int, folder: Path, observers: Sequence[Callback] = (), keeps: bool = False
) -> Outcome:
    """By so many processes, in a folder that may hold a checkpoint."""
    folder.mkdir(exist_ok=True, parents=True)
    curve, file = folder / CURVE, folder / CHECKPOINT
    with several(partial(make, devices=devices), devices, "cpu", keeps) as ranks:
        keeping = Checkpoints(file, [curve], 1e-9, Waiting(""), found(file, [folder.name])) if keeps else None
        return fit(make(devices=devices), curve, observers, keeping, ranks)


def check_alike(made: Sequence[Outcome], folders: Sequence[Path], rounding: float = ROUNDING) -> None:
    one, other = made
    assert distance(one.network, other.network) < rounding
    assert (one.epochs, one.steps, one.images) == (other.epochs, other.steps, other.images)
    curves = [pandas.read_csv(folder / CURVE) for folder in folders]
    for curve in curves:
        curve["value"] = curve["value"].round(5)  # the outputs that are measured are float32
    pandas.testing.assert_frame_equal(curves[0], curves[1])


def test_no_signal_is_blocked_in_what_others_start(images: Path) -> None:
    """The server of processes is one for all who ask: a test of another file once waited in vain for SIGUSR1."""
    answer, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=blocked_later, args=(partial(shared, images), theirs))
    process.start()
    assert answer.poll(120) and answer.recv() == set()
    process.join()


def test_what_reads_images_starts_on_the_second_device_as_on_the_first() -> None:
    """A follower that asked a server for each such process waited seconds for every pass."""
    sentence = f"^others start by {get_start_method()}$"
    with pytest.raises(InputError, match=sentence), several(says_how_others_start, 2, "cpu"):
        pass


@pytest.mark.parametrize("storage", ["memory", "stream"])
@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
def test_two_are_one(objective: Objective, storage: str, images: Path, tmp_path: Path) -> None:
    make = partial(shared, images, storage=storage, objective=objective)
    folders = [tmp_path / "one", tmp_path / "two"]
    made = [trained(make, devices, folder) for devices, folder in zip((1, 2), folders, strict=True)]
    check_alike(made, folders)
    assert [outcome.devices for outcome in made] == [1, 2]
    signs = pandas.read_csv(folders[1] / CURVE).query("metric == 'sign'").value
    assert signs.nunique() == (2 if isinstance(objective, Threshold) else 1), "both signs have ruled"


def test_batch_norm_is_over_both(images: Path, tmp_path: Path) -> None:
    make = partial(shared, images, network=partial(small_inception, width=0.05))
    folders = [tmp_path / "one", tmp_path / "two"]
    check_alike([trained(make, n, folder) for n, folder in enumerate(folders, start=1)], folders, 1e-9)


@pytest.mark.parametrize("before", [1, 2])
def test_a_checkpoint_of_one_goes_on_in_two_and_back(before: int, images: Path, tmp_path: Path) -> None:
    make = partial(shared, images)
    alone = trained(make, 1, tmp_path / "alone")
    with pytest.raises(Stop):
        trained(make, before, tmp_path / "run", [Stops()], keeps=True)
    going_on = trained(make, 3 - before, tmp_path / "run", keeps=True)
    assert (going_on.sittings, going_on.devices) == (2, 3 - before)
    check_alike([alone, going_on], [tmp_path / "alone", tmp_path / "run"])


@pytest.mark.parametrize(
    ("how", "error", "sentence"),
    [
        ("killed", RunError, r"the process of device 1 has died \(exit code -9\)"),
        ("unreadable", InputError, "^dog/3.png can't be read$"),
        ("faulty", RunError, r"^ValueError on another device \(ranked.py:\d+\): a fault$"),
    ],
)
def test_one_that_ends_ends_all(how: str, error: type[Exception], sentence: str, images: Path, tmp_path: Path) -> None:
    with pytest.raises(error, match=sentence):
        trained(partial(shared, images, network=partial(ends, how)), 2, tmp_path)


def test_a_run_of_two_is_the_same_run(tmp_path: Path) -> None:
    """By the command's job: its name, its files, its accuracies; the first alone has written."""
    places = tmp_path / "a", tmp_path / "b" / "c"  # where it does not find the other one
    options = ("save=true", "measure=examples")
    folders = [kept.trained(place, f"trainer.devices={n}", *options) for n, place in enumerate(places, start=1)]
    assert folders[0].name == folders[1].name
    assert len({tuple(sorted(path.name for path in folder.iterdir())) for folder in folders}) == 1
    one, two = (json.loads((folder / RESULT).read_text()) for folder in folders)
    assert (one["devices"], two["devices"]) == (1, 2)
    assert two["metrics"] == pytest.approx(one["metrics"], rel=1e-4) and two["images"] == one["images"]
    losses = [rotelab.load_arrays(folder)["examples/held_out/loss"] for folder in folders]
    assert losses[0].shape == losses[1].shape and abs(losses[0] - losses[1]).max() < 1e-4


class Unused(nn.Module):
    """A layer of it takes no part."""

    def __init__(self, image_shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(192, classes), nn.Linear(3, 3)

    def forward(self, images: Any) -> Any:
        return relu(self.first(images.flatten(1)))


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"network": partial(mlp, widths=[8], dropout=0.5)}, NetworkError, "trainer.devices: this network draws"),
        ({"network": Unused}, NetworkError, "trainer.devices: a part of this network takes no part in a step"),
    ],
)
def test_what_would_be_another_run_is_refused(
    changes: dict[str, Any], error: type[Exception], sentence: str, images: Path, tmp_path: Path
) -> None:
    with pytest.raises(error, match=sentence):
        trained(partial(shared, images, **changes), 2, tmp_path)
