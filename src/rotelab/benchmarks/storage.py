"""What it costs to train on images that stay on the disk: speed and memory, beside images that are kept in memory.

Twenty thousand JPEG files are generated, and a small network, which leaves the reading as the larger part, is trained
on them in a process of its own for each storage. Memory is the peak of the sum of PSS (pages of this process alone, and
its share of those it shares) over the process and its workers, sampled ten times a second; what the kernel caches of
files that nobody maps is not in it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import SUPPRESS
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy
import torch
from PIL import Image

from rotelab.benchmarks.epoch import Turns
from rotelab.config.exits import ended_by_signals
from rotelab.config.flags import Flags
from rotelab.data.image_folder import image_folder
from rotelab.data.module import ImageData
from rotelab.models.mlp import mlp
from rotelab.objectives import Split
from rotelab.training.recipe import Recipe
from rotelab.training.run import assemble

STORAGES = {"stream": "stream", "memory": "memory", "memory, again": "memory"}
"""What is measured, in this order: the second time, images are mapped from the cache that the first has left."""


def photo(number: int, side: int) -> Image.Image:
    """Noise whose amplitude falls with frequency as in photographs (1/f), most of it shared by the three colours."""
    drawn = numpy.random.default_rng(number).normal(size=(4, side, side))
    frequency = numpy.hypot(numpy.fft.fftfreq(side)[:, None], numpy.fft.rfftfreq(side))
    smooth = numpy.fft.irfft2(numpy.fft.rfft2(drawn) / (frequency + 1 / side), s=(side, side))
    colours = smooth[0] + 0.3 * smooth[1:]
    levels = 128 + 55 * (colours - colours.mean()) / colours.std()
    return Image.fromarray(levels.clip(0, 255).astype(numpy.uint8).transpose(1, 2, 0))


def write(folder: Path, images: int, classes: int, side: int, number: int) -> None:
    """The image of that ``number``: four of five are in ``train``, the last ones in ``test``, of each class as many."""
    part = "train" if number < images - images // 5 else "test"
    photo(number, side).save(folder / part / f"class_{number % classes:03}" / f"{number:06}.jpg", quality=90)


def generate(folder: Path, images: int, classes: int, side: int) -> None:
    for part in ("train", "test"):
        for label in range(classes):
            (folder / part / f"class_{label:03}").mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as pool:
        for _ in pool.map(partial(write, folder, images, classes, side), range(images), chunksize=250):
            pass


def recipe(folder: Path, cache: Path, storage: str, images: int, workers: int, epochs: int) -> Recipe:
    """Gradient splitting of the two halves of ``train``, with ``test`` held out, in a new order in every epoch."""
    half = (images - images // 5) // 2
    data = partial(
        ImageData,
        partial(image_folder, None, str(folder), str(cache), storage, "error"),
        {"train": f"train[:{half}]", "pseudo_test": f"train[{half}:{2 * half}]", "held_out": "test[:]"},
        order="shuffled",
        order_seed=0,
        batch_size=512,
        batch_order="reshuffled",
        seed=0,
        workers=workers,
    )
    optimizer = partial(torch.optim.Adam, lr=1e-4)
    return Recipe(data, partial(mlp, widths=[64]), Split(), optimizer, stop_accuracy=None, max_epochs=epochs)


def measure(made: Recipe) -> dict[str, float]:
    """Seconds of the start with the first epoch, and images a second of reading alone and of the later epochs."""
    start = time.perf_counter()
    clock = Turns({})
    trainer, learner, data = assemble(made, (clock,), made.max_epochs)
    trainer.fit(learner, datamodule=data)
    later = [turn["epoch"] for turn in clock.seconds[1:]]
    total = time.perf_counter() - start
    trained = sum(len(data.splits[name]) for name in ("train", "pseudo_test"))
    read = time.perf_counter()
    for _ in data.batches(lambda: 0):
        pass
    reading = trained / (time.perf_counter() - read)
    evaluated = sum(map(len, data.splits.values()))
    return {
        "first": total - sum(later),
        "later": (trained + evaluated) / statistics.median(later),
        "reading": reading,
    }


def tree(pid: int) -> Iterator[int]:
    """The process and all below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _content(task).split():
            yield from tree(int(child))


def memory(pids: Iterable[int]) -> int:
    """Bytes that the processes take together, shared ones once; 0 where there is no Linux to ask."""
    lines = (line for pid in pids for line in _content(Path(f"/proc/{pid}/smaps_rollup")).splitlines())
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _content(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:  # the process has ended meanwhile
        return ""


def watched(command: Sequence[str]) -> tuple[str, int]:
    """What a command prints, and the peak of the bytes that it and its children take."""
    peak = 0
    with tempfile.TemporaryFile("w+") as output, subprocess.Popen(command, stdout=output) as process:
        try:
            while process.poll() is None:
                peak = max(peak, memory(tree(process.pid)))
                time.sleep(0.1)
        finally:
            process.kill()
        output.seek(0)
        printed = output.read()
    if process.returncode:
        sys.exit(f"{' '.join(command)} has failed")
    return printed, peak


@ended_by_signals("starts again")
def main() -> None:
    parser = Flags(__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="images")
    parser.add_argument("--side", type=int, default=64, help="pixels of a side")
    parser.add_argument("--classes", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2, help="processes that read ahead when streaming")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--images", type=Path, help="a folder where they are kept for another time (default: nowhere)")
    parser.add_argument("--measure", help=SUPPRESS)  # storage and cache: what this program calls itself with
    options = parser.parse_args()
    if options.count < 10 * options.classes or options.classes < 2 or options.epochs < 2:
        parser.error("at least 2 classes, 10 images of each, and 2 epochs")
    if options.measure:
        storage, cache = json.loads(options.measure)
        made = recipe(options.images, Path(cache), storage, options.count, options.workers, options.epochs)
        print(json.dumps(measure(made)))
        return

    with tempfile.TemporaryDirectory() as temporary:
        folder = options.images or Path(temporary) / "images"
        if not folder.exists():
            start = time.monotonic()
            generate(folder, options.count, options.classes, options.side)
            print(f"{options.count:,} images generated in {time.monotonic() - start:.0f} s")
        size = sum(file.stat().st_size for file in folder.glob("*/*/*.jpg"))
        print(
            f"{options.count:,} JPEG files of {options.side}x{options.side}, {size / 2**20:.0f} MiB; "
            f"{options.workers} workers, {os.cpu_count()} cores, torch {torch.__version__}.\n"
            "An epoch trains on four of five images and evaluates all; images/s counts both.\n"
            f"{'storage':15}{'start + first epoch':>20}{'later epochs':>18}{'reading alone':>18}{'peak memory':>14}"
        )
        for name, storage in STORAGES.items():
            arguments = {key: str(value) for key, value in vars(options).items() if key not in ("images", "measure")}
            command = [sys.executable, "-m", "rotelab.benchmarks.storage"]
            command += [f"--{key}={value}" for key, value in arguments.items()]
            command += [f"--images={folder}", f"--measure={json.dumps([storage, temporary])}"]
            printed, peak = watched(command)
            found = json.loads(printed.splitlines()[-1])
            print(
                f"{name:15}{found['first']:18.1f} s{found['later']:9,.0f} images/s{found['reading']:9,.0f} images/s"
                f"{peak / 2**30:10.2f} GiB",
                flush=True,
            )


if __name__ == "__main__":
    main()
