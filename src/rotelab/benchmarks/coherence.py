"""What measuring coherence costs here: its time against one plain forward and backward pass of the same images.

In turns, so that a noisy machine is as noisy to both; what counts is the ratio within a turn, and its median. The peak
of memory is that of a process of its own for each number of images, above what it had before it measured. Random images
of 32x32: neither depends on what is on them.
"""

import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rotelab.config.exits import ended_by_signals
from rotelab.config.flags import Flags
from rotelab.data.batches import Labelled
from rotelab.measures.per_example import AT_ONCE, gradients
from rotelab.models.convnet5 import convnet5
from rotelab.models.resnet18 import resnet18

NETWORKS: dict[str, Callable[[tuple[int, int, int], int], nn.Module]] = {"convnet5": convnet5, "resnet18": resnet18}
SHAPE = (3, 32, 32)


def network(name: str) -> nn.Module:
    torch.manual_seed(0)
    return NETWORKS[name](SHAPE, 10).to(memory_format=torch.channels_last).eval()


def batches(images: int) -> Iterator[Labelled]:
    """Drawn as they are asked for: the memory of the images themselves is not what is measured."""
    for start in range(0, images, AT_ONCE):
        count = min(AT_ONCE, images - start)
        yield torch.rand(count, *SHAPE).to(memory_format=torch.channels_last), torch.arange(count) % 10


def plain(made: nn.Module, images: int) -> None:
    """One forward and backward pass, in the batches in which coherence is measured: of those tried, the fastest."""
    for x, y in batches(images):
        torch.autograd.grad(cross_entropy(made(x), y), list(made.parameters()))


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def ratios(name: str, images: int, turns: int) -> list[float]:
    """Coherence over plain, of every turn but the first, which warms up."""
    made = network(name)
    times = [
        (seconds(lambda: gradients(made, batches(images))), seconds(lambda: plain(made, images)))
        for _ in range(turns + 1)
    ]
    return [coherence / bare for coherence, bare in times[1:]]


def memory(name: str, images: int) -> float:
    """MiB at the peak, above those of the process after a pass of a few images without coherence."""
    code = f"from rotelab.benchmarks import coherence as bench; print(bench.peak({name!r}, {images}))"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def peak(name: str, images: int) -> float:
    made = network(name)
    plain(made, 2)
    before = _resident()
    gradients(made, batches(images))
    return _resident() - before


def _resident() -> float:
    """The greatest resident size so far, in MiB; NaN where there is no Linux to ask.

    Not getrusage's: a new process starts with the maximum of the one that started it.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return math.nan
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 2**10


@ended_by_signals("starts again")
def main() -> None:
    parser = Flags(__doc__)
    parser.add_argument("--images", type=int, default=1024)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    print(
        f"coherence of {options.images} images of 32x32, {torch.get_num_threads()} threads, torch {torch.__version__}, "
        f"medians of {options.turns} turns:",
        flush=True,
    )
    for name in NETWORKS:
        ratio = statistics.median(ratios(name, options.images, options.turns))
        few, all_ = memory(name, options.images // 4), memory(name, options.images)
        print(
            f"  {name}: {ratio:.2f} times a plain forward and backward; "
            f"{all_:.0f} MiB more at the peak, {few:.0f} MiB for a quarter of the images"
        )


if __name__ == "__main__":
    main()
