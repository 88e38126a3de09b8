"""Images on a disk give the same numbers as images in memory, whoever reads them; nothing is drawn on the way."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas
import pytest
import torch
from pictures import write_noise
from PIL import Image
from runs import beyond
from torch.utils.data._utils import signal_handling

from rotelab.data import image_files, inputs, labels, splits, streaming
from rotelab.data.module import ImageData, Preparation
from rotelab.data.preprocessing import Preprocessing, augmentation
from rotelab.data.sources import image_folder
from rotelab.data.streaming import Lazy, Streamed, ahead, workers_watched
from rotelab.errors import InputError, RunError
from rotelab.models.convnet5 import convnet5
from rotelab.models.mlp import mlp
from rotelab.objectives import Split, Standard
from rotelab.training.recipe import Recipe
from rotelab.training.run import fit

SPLIT = {"train": "train[:20]", "pseudo_test": "train[20:36]", "held_out": "test"}
EVERYTHING = Preparation(
    inputs.Chain(
        inputs.Corruption(partial(inputs.gaussian, channels="tied"), 1, ("pseudo_test", "held_out")),
        inputs.Corruption(partial(inputs.random_pixels, channels="free"), 0, splits.NAMES),
    ),
    labels.Corruption(partial(labels.corrupted, fraction=0.5), 0, ("train",)),
    Preprocessing(6, True, augmentation(6, 0.5, 0.2, 0.2, 0.1, 20.0), crops_at_random=True),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_noise(tmp_path_factory.mktemp("images"))


@pytest.fixture
def data(folder: Path, tmp_path: Path) -> Callable[..., ImageData]:
    def data(storage: str, workers: int = 0, **changes: Any) -> ImageData:
        defaults: dict[str, Any] = {
            "load": partial(image_folder, None, str(folder), str(tmp_path), storage, "error"),
            "split": SPLIT,
            "order": "shuffled",
            "order_seed": 0,
            "batch_size": 8,
            "batch_order": "reshuffled",
            "seed": 0,
            "workers": workers,
        }
        return ImageData(**(defaults | changes))

    return data


def curve(made: ImageData, path: Path, **changes: Any) -> pandas.DataFrame:
    """Of three epochs of a network with dropout, whose numbers come from the global random state."""
    defaults: dict[str, Any] = {
        "network": partial(mlp, widths=[16], dropout=0.3),
        "objective": Split(),
        "optimizer": partial(torch.optim.SGD, lr=0.1),
        "stop_accuracy": None,
        "max_epochs": 3,
    }
    fit(Recipe(data=lambda device: made, **(defaults | changes)), path)
    return pandas.read_csv(path)


@pytest.mark.parametrize("workers", [0, 3, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("prepare", [pytest.param(Preparation(), marks=pytest.mark.slow), EVERYTHING])
def test_the_same_bits_as_in_memory(
    data: Callable[..., ImageData], tmp_path: Path, workers: int, prepare: Preparation
) -> None:
    memory = curve(data("memory", prepare=prepare), tmp_path / "a.csv")
    stream = curve(data("stream", workers, prepare=prepare), tmp_path / "b.csv")
    pandas.testing.assert_frame_equal(memory, stream, check_exact=True)


def test_the_same_splits(data: Callable[..., ImageData]) -> None:
    memory, stream = (data(storage, prepare=EVERYTHING) for storage in ("memory", "stream"))
    for made in (memory, stream):
        made.setup()
    for name in splits.NAMES:
        (images, found), (other_images, other_labels) = memory.splits[name].evaluated, stream.splits[name].evaluated
        assert isinstance(other_images, Streamed)
        assert (tuple(images.shape), len(images)) == (other_images.shape, len(other_images))
        assert torch.equal(images[:], other_images[:])
        assert torch.equal(images[3:7], other_images[3:7])
        assert torch.equal(images[torch.tensor([4, 0])], other_images[torch.tensor([4, 0])])
        assert torch.equal(images[:], torch.cat(list(other_images.split(5))))
        assert torch.equal(found, other_labels)
        assert torch.equal(memory.splits[name].changed, stream.splits[name].changed)
    assert stream.splits["train"].changed.any()
    for a, b in zip(beyond(memory, "train", 8), beyond(stream, "train", 8), strict=True):
        assert torch.equal(a, b)


def test_a_pseudo_test_batch_is_read_only_for_a_sign(
    data: Callable[..., ImageData], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    clean = inputs.Corruption()

    def watching(image: torch.Tensor, split: str, *rest: Any) -> torch.Tensor:
        seen.append(split)
        return clean(image, split, *rest)

    counts = {}
    for objective in (Standard(), Split()):
        seen.clear()
        made = data("stream", prepare=Preparation(watching))
        curve(made, tmp_path / "c.csv", objective=objective, network=partial(convnet5, width=0.05))
        counts[type(objective)] = {name: seen.count(name) for name in splits.NAMES}
    start, evaluations, epochs = 1, 4, 3
    assert counts[Standard] == {
        "train": start + evaluations * 20 + epochs * 20,
        "pseudo_test": start + evaluations * 16,
        "held_out": start + evaluations * 12,
    }
    assert counts[Split]["pseudo_test"] - counts[Standard]["pseudo_test"] == 9 * 8, "nine batches"


@pytest.mark.parametrize("workers", [0, 2])
def test_ahead_is_map_and_draws_nothing(workers: int) -> None:
    before = torch.get_rng_state()
    assert list(ahead(lambda number: (number, torch.tensor(number)), range(5), workers)) == list(
        zip(range(5), map(torch.tensor, range(5)), strict=True)
    )
    assert list(ahead(str, [], workers)) == []
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("within", [slice(2, 4), slice(None), slice(3, 99), torch.tensor([4, 1])])
def test_lazy_is_indexed_as_a_tensor(within: slice | torch.Tensor) -> None:
    images = torch.arange(5.0)[:, None, None, None].expand(5, 3, 2, 2)
    lazy = Lazy(lambda number: images[number], 5)
    assert len(lazy) == 5
    assert torch.equal(lazy[within], images[within])


def test_an_error_of_a_worker_names_the_file(data: Callable[..., ImageData], folder: Path, tmp_path: Path) -> None:
    path = folder / "train" / "dog" / "3.png"
    content = path.read_bytes()
    path.write_bytes(b"no image")
    try:
        with pytest.raises(InputError, match=f"^{path} can't be read as an image"):
            curve(data("stream", 2), tmp_path / "d.csv")
    finally:
        path.write_bytes(content)


@pytest.fixture
def _heard_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """That a worker has died. Lightning puts the handler back that there was before, and torch sets one only once."""
    monkeypatch.setattr(signal_handling, "_SIGCHLD_handler_set", False)
    before = signal.getsignal(signal.SIGCHLD)
    yield
    signal.signal(signal.SIGCHLD, before)


def die(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.usefixtures("_heard_at_once")
def test_a_worker_that_is_killed_ends_the_reading_with_a_sentence() -> None:
    with pytest.raises(RunError, match=r"^a process that reads images ahead has died \(.*trainer.workers=0"):
        list(ahead(die, range(5), 1))


@pytest.mark.usefixtures("_heard_at_once")
def test_and_so_it_does_while_this_process_is_at_something_else() -> None:
    def die_at_once(number: int) -> int:
        if number:
            die(number)
        return number

    with pytest.raises(RunError, match="has died"), workers_watched():
        for _ in ahead(die_at_once, range(5), 1):
            time.sleep(20)  # in a step of the training; it is interrupted


def test_other_errors_are_not_taken_for_it() -> None:
    with pytest.raises(RuntimeError, match="another"), workers_watched():
        raise RuntimeError("another")


def test_a_worker_without_shared_memory_ends_the_reading_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: torch.Tensor) -> None:
        raise RuntimeError("unable to allocate shared memory(shm): No space left on device (28)")

    monkeypatch.setattr(torch.Tensor, "share_memory_", refuse)
    work = {0: lambda number: (number, torch.zeros(2)), 1: lambda number: ((torch.zeros(2), torch.zeros(1)), number)}
    for made in work.values():
        with pytest.raises(RunError, match=r"no room in shared memory \(unable .*trainer.workers=0.*--shm-size"):
            list(ahead(made, range(5), 2))


def test_workers_that_can_t_be_started_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(streaming.DataLoader, "__iter__", refuse)
    with pytest.raises(RunError, match=r"can't be started \(No space left on device\): give trainer.workers=0"):
        list(ahead(str, range(5), 2))


@pytest.mark.parametrize("storage", ["memory", "stream"])
def test_images_that_change_during_a_run_end_it(
    data: Callable[..., ImageData], folder: Path, tmp_path: Path, storage: str
) -> None:
    path = folder / "train" / "dog" / "3.png"
    content, status = path.read_bytes(), path.stat()

    def touching(image: torch.Tensor, *_: object) -> torch.Tensor:
        os.utime(path, ns=(status.st_atime_ns, time.time_ns()))
        return image

    try:
        with pytest.raises(RunError, match=f"^data.folder: images in {folder} changed while they were in use"):
            curve(data(storage, prepare=Preparation(touching)), tmp_path / "d.csv")
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_streamed_images_that_change_later_end_the_run_too(
    data: Callable[..., ImageData], folder: Path, tmp_path: Path
) -> None:
    made, more = data("stream"), folder / "train" / "dog" / "99.png"
    made.setup()
    Image.new("RGB", (8, 8)).save(more)
    try:
        with pytest.raises(RunError, match="changed while they were in use"):
            curve(made, tmp_path / "d.csv")
    finally:
        more.unlink()


def test_only_what_splits_and_measures_use_is_decoded(
    data: Callable[..., ImageData], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[Path] = []
    decode = image_files.decode

    def watched(path: Path, side: int | None) -> torch.Tensor:
        decoded.append(path)
        return decode(path, side)

    monkeypatch.setattr(image_files, "decode", watched)
    few = {"train": "train[:6]", "pseudo_test": "train[6:12]", "held_out": "test[:4]"}
    made = data("memory", split=few)
    made.setup()
    assert len(set(decoded)) == len(decoded) == 16
    streamed = data("stream", split=few)
    streamed.setup()
    decoded.clear()
    kept = beyond(made, "pseudo_test", 8)
    assert len(decoded) == 8
    for one, other in zip(kept, beyond(streamed, "pseudo_test", 8), strict=True):
        assert torch.equal(one, other)
    for name in splits.NAMES:
        assert torch.equal(made.splits[name].evaluated[0][:], streamed.splits[name].evaluated[0][:])
    decoded.clear()
    again = data("memory", split=few)
    again.setup()
    again.beyond("pseudo_test", 8)
    assert not decoded, "all of it is in the cache"
