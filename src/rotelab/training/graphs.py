"""A step's passes as a CUDA graph: the device starts their kernels by itself.

Launched one by one from Python, the kernels of a small network end sooner than the next one begins. A graph is recorded
once, with the memory that it reads and writes, and replayed with one launch; it computes what the function that was
recorded would, with the same kernels.
"""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

Outputs = tuple[Tensor | None, ...]
Capture = Callable[[Callable[[], Outputs]], tuple[Outputs, Callable[[], None]]]
"""Records what a function does. Returns its outputs, in memory of their own, and what fills them anew; the function may
be called any number of times before."""
WARM_UP = 3
"""Calls before a recording: what libraries try and allocate at first is none of it."""


class OnCuda:
    """Records on the current device; all of its graphs share their memory, and the outputs of one last until the next
    is replayed."""

    def __init__(self) -> None:
        self._pool: Any = None  # a handle of torch's, which has no public type

    def __call__(self, run: Callable[[], Outputs]) -> tuple[Outputs, Callable[[], None]]:
        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for _ in range(WARM_UP):
                run()
        torch.cuda.current_stream().wait_stream(beside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            outputs = run()
        self._pool = graph.pool()
        return outputs, graph.replay


class _Recorded(NamedTuple):
    inputs: tuple[Tensor, ...]
    outputs: Outputs
    replay: Callable[[], None]


class Graphs:
    """A graph for each kind of step of a ``network``, recorded when such a step comes for the first time.

    Recording leaves the network's buffers, such as the statistics of batch norm, as they were.
    """

    def __init__(self, network: nn.Module, capture: Capture) -> None:
        self._network, self._capture = network, capture
        self._recorded: dict[Hashable, _Recorded] = {}

    def __call__(self, kind: Hashable, compute: Callable[..., Outputs], *inputs: Tensor) -> Outputs:
        """``compute(*inputs)``, which has to depend on nothing else but the ``kind``, the network's weights and its
        buffers. The outputs are overwritten by the next call."""
        key = (kind, *(tensor.shape for tensor in inputs))
        if key not in self._recorded:
            self._recorded[key] = self._record(compute, inputs)
        of = self._recorded[key]
        for place, tensor in zip(of.inputs, inputs, strict=True):
            place.copy_(tensor)
        of.replay()
        return of.outputs

    def _record(self, compute: Callable[..., Outputs], inputs: tuple[Tensor, ...]) -> _Recorded:
        places = tuple(tensor.clone() for tensor in inputs)
        kept = [buffer.clone() for buffer in self._network.buffers()]
        outputs, replay = self._capture(lambda: compute(*places))
        for buffer, before in zip(self._network.buffers(), kept, strict=True):
            buffer.copy_(before)
        return _Recorded(places, outputs, replay)
