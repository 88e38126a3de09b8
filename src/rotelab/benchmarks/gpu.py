"""How fast training is on a GPU, against what the device could do at best; on a CPU as well, if one has the patience.

Two floors for a step of gradient splitting: its floating-point operations at the rate of a large matrix product in the
same precision, and the bytes that it has to move (what the backward pass needs, written and read once; weights,
gradients and the optimizer's averages) at the rate of a large copy. All rates are measured here. Random images: the
time does not depend on what is on them.

A run by itself takes turns with its bare steps, which are what Lightning and rotelab add to; medians of the epochs but
the first.
"""

import csv
import gc
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from lightning import Trainer
from torch import nn
from torch.nn.functional import cross_entropy

from rotelab.benchmarks import epoch
from rotelab.benchmarks.floors import BYTES, copy_rate, least_bytes, matmul_rate, operations
from rotelab.benchmarks.gpu_picture import draw
from rotelab.config.exits import ended_by_signals
from rotelab.config.flags import Flags
from rotelab.errors import InputError
from rotelab.figures import style
from rotelab.models.convnet5 import convnet5
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.training import precision
from rotelab.training.curve import Curve, CurveWriter
from rotelab.training.learner import Learner
from rotelab.training.recipe import Recipe
from rotelab.training.run import assemble
from rotelab.training.stacks.fit import fit_together

DIGITS = (1, 8, 8)
NETWORKS: dict[str, Callable[[tuple[int, int, int], int], nn.Module]] = {
    "convnet5": convnet5,
    "resnet18": resnet18,
    "mlp": partial(mlp, widths=[384, 384]),
}


@dataclass(frozen=True)
class Case:
    """What is measured: ``images`` to learn and as many to unlearn in batches of ``batch_size`` each; ``runs`` of them
    stacked, or one in each of so many ``processes``."""

    network: str
    images: int
    batch_size: int
    side: int
    precision: str = "fp32"
    compile: str | None = None
    pad_channels: int = 1
    one_pass: bool = False
    graph: bool = False
    runs: int = 1
    processes: int = 1
    threads: int | None = None

    @property
    def at_once(self) -> int:
        return self.runs * self.processes

    @property
    def shape(self) -> tuple[int, int, int]:
        return DIGITS if self.network == "mlp" else (3, self.side, self.side)

    def recipe(self, accelerator: str, epochs: int) -> Recipe:
        made = epoch.recipe(NETWORKS[self.network], self.shape, self.images, self.batch_size, epochs)
        return replace(
            made,
            stop_accuracy=None,
            accelerator=accelerator,
            precision=self.precision,
            compile=self.compile,
            pad_channels=self.pad_channels,
            one_pass=self.one_pass,
            graph=self.graph,
            threads=self.threads,
        )


def measured(case: Case, accelerator: str, epochs: int) -> dict[str, float]:
    """Seconds of a ``step`` and of an ``epoch`` with its evaluations, of all runs of the case; of one run by itself
    those of a ``bare`` step as well."""
    if case.processes > 1:
        return _beside_others(case, accelerator, epochs)
    return _stacked(case, accelerator, epochs) if case.runs > 1 else _by_itself(case, accelerator, epochs)


def _by_itself(case: Case, accelerator: str, epochs: int, bare: bool = True) -> dict[str, float]:
    made = case.recipe(accelerator, epochs)
    with tempfile.TemporaryDirectory() as folder, Curve(Path(folder) / "curve.csv") as curve:
        clock = epoch.Turns({})
        trainer, learner, data = assemble(made, (CurveWriter(curve), clock), epochs)
        learner.to(trainer.strategy.root_device)
        clock.others = {"bare": _bare_epoch(learner, trainer)} if bare else {}
        trainer.fit(learner, datamodule=data)
        steps = trainer.num_training_batches
    found = {"step": clock.median("training") / steps, "epoch": clock.median("epoch")}
    return found | ({"bare": clock.median("bare") / steps} if bare else {})


def _beside_others(case: Case, accelerator: str, epochs: int) -> dict[str, float]:
    """The processes begin together; the slowest counts. What they need to start is not measured."""
    context = get_context("spawn")
    with context.Pool(case.processes, _wait_for_all, [context.Barrier(case.processes)]) as pool:
        each = pool.starmap(_by_itself, [(case, accelerator, epochs, False)] * case.processes, chunksize=1)
    return {name: max(found[name] for found in each) for name in ("step", "epoch")}


def _wait_for_all(barrier: Any) -> None:
    barrier.wait()


def _bare_epoch(learner: Learner, trainer: Trainer) -> Callable[[], None]:
    """The steps of an epoch in a plain loop, on the same network: its weights go on learning, which costs the same."""
    optimizer = torch.optim.Adam(learner.parameters(), lr=1e-4, **learner.launches())
    batches = learner.data.batches(lambda: 0)

    def epoch() -> None:
        for train, pseudo_test in batches:
            optimizer.zero_grad()
            with trainer.precision_plugin.forward_context():
                losses = [
                    cross_entropy(learner.forward_pass(images), labels) for images, labels in (train, pseudo_test)
                ]
            (losses[0] - losses[1]).backward()
            optimizer.step()

    return epoch


def _stacked(case: Case, accelerator: str, epochs: int) -> dict[str, float]:
    """Of the same images, with other seeds."""
    recipes = [replace(case.recipe(accelerator, epochs), seed=seed) for seed in range(case.runs)]
    data = cache(recipes[0].data)
    with tempfile.TemporaryDirectory() as folder:
        curves = [Path(folder) / f"{seed}.csv" for seed in range(case.runs)]
        clock = epoch.Turns({})
        recipes = [replace(made, data=data) for made in recipes]
        fit_together(recipes, curves, [()] * case.runs, lambda *_: None, [clock])
    steps = -(-case.images // case.batch_size)
    return {"step": clock.median("training") / steps, "epoch": clock.median("epoch")}


def rows(cases: Sequence[Case], accelerator: str, epochs: int, peaks: Mapping[str, float], copying: float) -> Iterator:
    """A row of the table for each case, as it is measured."""
    for case in cases:
        row = asdict(case) | floors(case, peaks, copying)
        try:
            found = measured(case, accelerator, epochs)
        except Exception as error:  # out of memory, a compiler's: the other cases are measured all the same
            print(f"{case}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            continue
        finally:
            gc.collect()
        images = 2 * case.at_once * min(case.batch_size, case.images)
        row |= {name: found.get(name) for name in ("step", "bare", "epoch")}
        row["images_per_second"] = images / found["step"]
        row["share_of_peak"] = row["operations_floor"] / found["step"]
        row["lightning"] = 1 - found["bare"] / found["step"] if "bare" in found else None
        yield row


def floors(case: Case, peaks: Mapping[str, float], copying: float) -> dict[str, float]:
    """Seconds below which a step of the case can't be: of its operations, of its bytes.

    Both are proportional to the images, and are counted on a few of them, on the CPU.
    """
    count = min(8, case.batch_size)
    torch.manual_seed(0)
    network = NETWORKS[case.network](case.shape, 10)
    batch = torch.rand(count, *case.shape), torch.arange(count) % 10
    images = 2 * min(case.batch_size, case.images)
    passes, step = least_bytes(network, batch)
    weights = 2 * sum(parameter.numel() for parameter in network.parameters()) * BYTES
    kept = (passes - weights) / (2 if case.precision == "bf16" else 1)
    return {
        "operations_floor": case.at_once * operations(network, batch) * images / count / peaks[case.precision],
        "bytes_floor": case.at_once * (kept * images / count + weights + step) / copying,
    }


def cases(options: Namespace) -> list[Case]:
    """Both networks at both sizes in each precision, compiled or not, as a CUDA graph or not, convnet5 on padded
    channels and in one pass too; and stacks."""
    made: list[Case] = []
    for network in options.networks:
        for images in options.count:
            plain = Case(network, images, options.batch_size, options.side, threads=options.threads)
            for name in precision.LIGHTNING:
                for mode in (None, *options.compile):
                    case = replace(plain, precision=name, compile=mode)
                    made += _varied(case, graphs=options.device == "cuda" and mode != "reduce-overhead")
    for network in (*options.networks, "mlp"):
        images, batch_size = (640, 64) if network == "mlp" else (min(options.count), options.batch_size)
        shorter = options.stack_precision
        plain = Case(network, images, batch_size, options.side, precision=shorter, threads=options.threads)
        made += [replace(plain, runs=runs) for runs in options.stacks]
        made += [replace(plain, processes=processes) for processes in options.processes]
    return list(dict.fromkeys(made))


def _varied(case: Case, graphs: bool) -> list[Case]:
    """ResNet18's batch norm would mix two batches in one pass, and its channels are multiples of eight."""
    convnet = case.network == "convnet5"
    made = product((1, 8) if convnet else (1,), (False, True) if convnet else (False,), (False, True)[: 1 + graphs])
    return [replace(case, pad_channels=multiple, one_pass=one_pass, graph=graph) for multiple, one_pass, graph in made]


@ended_by_signals("starts again")
def main() -> None:
    parser = Flags(__doc__)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--networks", nargs="*", choices=("convnet5", "resnet18"), default=["convnet5", "resnet18"])
    parser.add_argument("--count", type=int, nargs="+", default=[2560, 10240], help="images of each split")
    parser.add_argument("--batch-size", type=int, default=512)
    parser.add_argument("--side", type=int, default=32, help="pixels of a side")
    parser.add_argument("--compile", nargs="*", default=["default", "reduce-overhead"], help="modes of torch.compile")
    parser.add_argument("--stacks", type=int, nargs="*", default=[1, 2, 4, 8, 16])
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2, 4], help="of a run each, at once")
    parser.add_argument("--stack-precision", choices=precision.LIGHTNING, default="bf16")
    parser.add_argument("--epochs", type=int, default=6, help="of each case, the first of which warms up")
    parser.add_argument("--threads", type=int, help="of torch, on a CPU")
    parser.add_argument("--out", type=Path, default=Path("multirun/performance"))
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        raise InputError("there is no GPU here; --device cpu measures this machine")
    if options.epochs < 2:
        raise InputError("--epochs has to be 2 or more: the first warms up")
    if options.threads:
        torch.set_num_threads(options.threads)
    _measure(options)


def _measure(options: Namespace) -> None:
    device, accelerator = torch.device(options.device), "gpu" if options.device == "cuda" else "cpu"
    sides, size = ((4096, 8192), 2**30) if options.device == "cuda" else ((512, 1024, 2048), 2**26)
    peaks = {name: matmul_rate(device, name, sides) for name in precision.LIGHTNING}
    copying = copy_rate(device, size)
    machine = (
        torch.cuda.get_device_name(device) if options.device == "cuda" else f"CPU, threads: {torch.get_num_threads()}"
    )
    title = f"{machine}, torch {torch.__version__}; products of matrices with up to {sides[-1]} rows: "
    title += ", ".join(f"{name} {rate / 1e12:.3g}" for name, rate in peaks.items())
    title += f" TFLOP/s; copies {copying / 1e9:.3g} GB/s; medians of {options.epochs - 1} epochs"
    print(title, flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    table = []
    with (options.out / "performance.csv").open("w", newline="") as file:
        writer = None
        for row in rows(cases(options), accelerator, options.epochs, peaks, copying):
            if writer is None:
                writer = csv.DictWriter(file, row)
                writer.writeheader()
            writer.writerow(row)
            file.flush()
            table.append(row)
            print(line(row), flush=True)
    for path in style.save(draw(table, title, [*NETWORKS]), options.out, "performance"):
        print(path)


def line(row: Mapping[str, Any]) -> str:
    """A row as a person reads it."""
    words = [row["network"], f"{row['images']} images", row["precision"]]
    words += [f"compile {row['compile']}"] if row["compile"] else []
    words += [f"channels x{row['pad_channels']}"] if row["pad_channels"] > 1 else []
    words += ["one pass"] if row["one_pass"] else []
    words += ["a graph"] if row["graph"] else []
    words += [f"{row['runs']} together"] if row["runs"] > 1 else []
    words += [f"{row['processes']} processes"] if row["processes"] > 1 else []
    lightning = "" if row["lightning"] is None else f", Lightning {row['lightning']:.0%}"
    return (
        f"{' '.join(words):48} step {1000 * row['step']:9.3f} ms (floors {1000 * row['operations_floor']:.3f}, "
        f"{1000 * row['bytes_floor']:.3f}), {row['share_of_peak']:.0%} of peak, "
        f"{row['images_per_second']:,.0f} images/s{lightning}, epoch {row['epoch']:.3f} s"
    )


if __name__ == "__main__":
    main()
