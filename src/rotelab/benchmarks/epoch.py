"""What an epoch costs here: rotelab against a hand-written loop and against the bare forward and backward passes.

All in one process and in turns, epoch by epoch, so that a noisy machine is as noisy to each of them; what counts are
the ratios within a turn, and their median. Random images: the time does not depend on what is on them.
"""

import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path

import pandas  # noqa: F401, whose import is not what is measured
import torch
from lightning import Callback, LightningModule, Trainer
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

from rotelab import objectives
from rotelab.config.exits import ended_by_signals
from rotelab.config.flags import Flags
from rotelab.data.module import ImageData
from rotelab.data.parts import Part, Source
from rotelab.data.split import Split
from rotelab.models.convnet5 import convnet5
from rotelab.models.mlp import mlp
from rotelab.results import files, record
from rotelab.results.table import load_sweep
from rotelab.system.signals import Waiting
from rotelab.training.checkpoint import Checkpoints
from rotelab.training.curve import Curve, CurveWriter
from rotelab.training.recipe import Recipe
from rotelab.training.run import assemble, fit
from rotelab.training.timing import now, seconds_of


def random_images(size: int, shape: tuple[int, int, int]) -> Source:
    """Three times ``size`` random images of ten classes, in one part."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (3 * size, *shape), dtype=torch.uint8, generator=generator)
    return Source({"all": Part(images, torch.arange(3 * size) % 10)}, tuple("0123456789"))


def recipe(network: Callable, shape: tuple[int, int, int], size: int, batch_size: int, epochs: int) -> Recipe:
    """Gradient splitting of ``size`` + ``size`` images, with as many held out."""
    split = {"train": f"all[:{size}]", "pseudo_test": f"all[{size}:{2 * size}]", "held_out": f"all[{2 * size}:]"}
    data = partial(
        ImageData,
        partial(random_images, size, shape),
        split,
        order="by_name",
        order_seed=0,
        batch_size=batch_size,
        batch_order="fixed",
        seed=0,
    )
    optimizer = partial(torch.optim.Adam, lr=1e-4)
    return Recipe(data, network, objectives.Split(), optimizer, stop_accuracy=1.1, max_epochs=epochs)


class Turns(Callback):
    """After every epoch of rotelab, times the ``others`` once; ``seconds`` has a dict of all of them per turn.

    ``epoch`` is the whole epoch, ``training`` the part before the evaluation.
    """

    def __init__(self, others: Mapping[str, Callable[[], None]]) -> None:
        self.others = others
        self.seconds: list[dict[str, float]] = []
        self.trained = self.start = 0.0

    def on_train_epoch_start(self, trainer: Trainer, module: LightningModule) -> None:
        self.start = now(module.device)

    def on_train_batch_end(
        self, trainer: Trainer, module: LightningModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        if batch_idx + 1 == trainer.num_training_batches:
            self.trained = now(module.device)

    def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
        turn = {"epoch": now(module.device) - self.start, "training": self.trained - self.start}
        for name, action in self.others.items():
            turn[name] = seconds_of(module.device, action)
        self.seconds.append(turn)

    def median(self, what: str) -> float:
        """Of the turns but the first, which warms up."""
        return statistics.median(turn[what] for turn in self.seconds[1:])


def hand_written_epoch(network: nn.Module, splits: Mapping[str, Split], batch_size: int) -> Callable[[], None]:
    """The usual loop: contiguous tensors, DataLoaders, two forward passes, three evaluations."""
    network.to(memory_format=torch.contiguous_format)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
    loaders = {
        name: DataLoader(TensorDataset(images[:].contiguous(), labels), batch_size)
        for name, (images, labels) in ((name, split.evaluated) for name, split in splits.items())
    }

    def epoch() -> None:
        network.train()
        for (x, y), (pseudo_x, pseudo_y) in zip(loaders["train"], loaders["pseudo_test"], strict=True):
            optimizer.zero_grad()
            loss = cross_entropy(network(x), y) - cross_entropy(network(pseudo_x), pseudo_y)
            loss.backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            for name, loader in loaders.items():
                right = sum((network(x).argmax(1) == y).sum().item() for x, y in loader)
                assert right <= len(splits[name].evaluated[1])

    return epoch


def bare_epoch(network: nn.Module, splits: Mapping[str, Split], batch_size: int, step: bool) -> Callable[[], None]:
    """Forward and backward of the same batches in channels-last, and nothing else (with ``step``, Adam's step)."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
    pieces = [[*zip(*(part.split(batch_size) for part in split.evaluated), strict=True)] for split in splits.values()]

    def epoch() -> None:
        for (x, y), (pseudo_x, pseudo_y) in zip(pieces[0], pieces[1], strict=True):
            optimizer.zero_grad()
            (cross_entropy(network(x), y) - cross_entropy(network(pseudo_x), pseudo_y)).backward()
            if step:
                optimizer.step()

    return epoch


def turns(made: Recipe, batch_size: int, step: bool = False) -> list[dict[str, float]]:
    """Seconds of every turn but the first, which warms up."""
    with tempfile.TemporaryDirectory() as folder, Curve(Path(folder) / "curve.csv") as curve:
        clock = Turns({})
        trainer, learner, data = assemble(made, (CurveWriter(curve), clock), made.max_epochs)
        clock.others = {
            "hand-written": hand_written_epoch(deepcopy(learner.network), data.splits, batch_size),
            "bare": bare_epoch(deepcopy(learner.network), data.splits, batch_size, step),
        }
        trainer.fit(learner, datamodule=data)
    return clock.seconds[1:]


def median_ratio(seconds: list[dict[str, float]], a: str, b: str) -> float:
    return statistics.median(turn[a] / turn[b] for turn in seconds)


def reading(runs: int, epochs: int = 20) -> float:
    """Seconds of CPU that the table of a sweep of so many small runs takes."""
    with tempfile.TemporaryDirectory() as temporary:
        first, sweep = Path(temporary) / "run", Path(temporary) / "sweep"
        first.mkdir()
        outcome = fit(recipe(partial(mlp, widths=[4]), (1, 4, 4), 40, 20, epochs), first / files.CURVE)
        choices = {"objective": "split", "model": "mlp", "data": "random"}
        for number in range(runs):
            run = sweep / files.name("split", f"{number:010x}")
            run.mkdir(parents=True)
            shutil.copyfile(first / files.CURVE, run / files.CURVE)
            about = {
                "choices": choices,
                "config": {"seed": number},
                "overrides": {"seed": number, "optimizer.lr": 1e-4},
            }
            if not number:
                found = record.result(run, about, outcome)
            (run / files.RESULT).write_text(json.dumps(found | about | {"run": run.name}))
        files.write_runs(sweep, sorted(run.name for run in sweep.iterdir()))
        start = time.process_time()
        table = load_sweep(sweep)
        seconds = time.process_time() - start
    assert table.run.nunique() == runs
    return seconds


class Timed(Checkpoints):
    """At the end of every epoch; ``seconds_of_each`` has how long each took."""

    def __init__(self, path: Path, curve: Path) -> None:
        super().__init__(path, [curve], 1e-9, Waiting(""))
        self.seconds_of_each: list[float] = []

    def keep(self, trainer: Trainer, module: LightningModule) -> None:
        self.seconds_of_each.append(seconds_of(module.device, lambda: super(Timed, self).keep(trainer, module)))


def keeping(made: Recipe) -> tuple[float, int]:
    """Seconds that a checkpoint takes, the median of every epoch's but the last, and its bytes: those of weights and
    optimizer, whatever the images are."""
    with tempfile.TemporaryDirectory() as folder:
        path, curve = Path(folder) / files.CHECKPOINT, Path(folder) / files.CURVE
        timed = Timed(path, curve)
        fit(made, curve, (), timed)
        return statistics.median(timed.seconds_of_each), path.stat().st_size


@ended_by_signals("starts again")
def main() -> None:
    parser = Flags(__doc__)
    parser.add_argument("--side", type=int, default=32, help="pixels of a side (the paper's: 32)")
    parser.add_argument("--images", type=int, default=512, help="images of each split")
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()

    shape = (3, options.side, options.side)
    print(
        f"convnet5, {options.images} + {options.images} images of {options.side}x{options.side}, batch 512, "
        f"{torch.get_num_threads()} threads, torch {torch.__version__}, medians of {options.turns} turns "
        "that take minutes:",
        flush=True,
    )
    seconds = turns(recipe(convnet5, shape, options.images, 512, options.turns + 1), 512)
    whole = statistics.median(turn["epoch"] for turn in seconds)
    print(f"  an epoch through rotelab, with three evaluations   {whole:.2f} s")
    print(f"  a hand-written epoch / rotelab's                   {median_ratio(seconds, 'hand-written', 'epoch'):.2f}")
    print(
        f"  rotelab's training / bare forward and backward     {median_ratio(seconds, 'training', 'bare'):.3f}",
        flush=True,
    )

    steps = 100
    tiny = recipe(partial(mlp, widths=[64]), (1, 8, 8), 32 * steps, 32, options.turns + 1)
    seconds = turns(tiny, 32, step=True)
    over = statistics.median((turn["training"] - turn["bare"]) / steps for turn in seconds)
    print(f"  rotelab and Lightning, per step of a tiny network  {1000 * over:.2f} ms over the bare loop", flush=True)
    print(f"  the table of 10,000 finished runs of 20 epochs     {reading(10_000):.1f} s of CPU")
    taken, size = keeping(recipe(convnet5, (3, 32, 32), 32, 32, 6))
    print(
        f"  a checkpoint of convnet5, {size / 2**20:.0f} MiB                   {taken:.2f} s, every five minutes "
        f"{taken / 300:.2%} of the time"
    )


if __name__ == "__main__":
    main()
