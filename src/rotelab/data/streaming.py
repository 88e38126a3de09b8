"""Images that do not fit into memory: read when they are asked for, by processes that run ahead of the training."""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from rotelab.errors import InputError, RunError
from rotelab.system.signals import leave_to_the_parent, put_off

T = TypeVar("T")


@dataclass(frozen=True)
class Lazy:
    """So many images, each of them made by ``read`` from its number; picklable where ``read`` is.

    Indexed as the tensor of them all would be: with a slice or with a tensor of numbers, on the CPU.
    """

    read: Callable[[int], Tensor]
    count: int

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, within: slice | Tensor) -> Float[Tensor, "image channel height width"]:
        numbers = range(self.count)[within] if isinstance(within, slice) else within.tolist()
        first = self.read(numbers[0])
        images = first.new_empty((len(numbers), *first.shape))  # a list of images and their stack: twice the memory
        images[0] = first
        for row, number in enumerate(numbers[1:], start=1):
            images[row] = self.read(number)
        return images


class Streamed:
    """A split on a disk, as evaluated: ``ready`` makes the images that ``lazy`` reads into what the network gets.

    Answers what a tensor of all images is asked in training and evaluation: ``shape``, ``device``, an index, and
    ``split``, for which so many ``workers`` read ahead (0: this process reads).
    """

    def __init__(self, lazy: Lazy, ready: Callable[[Tensor], Tensor], device: torch.device, workers: int) -> None:
        self.lazy, self.ready, self.device, self.workers = lazy, ready, device, workers
        self.shape = (len(lazy), *self[:1].shape[1:])

    def __len__(self) -> int:
        return len(self.lazy)

    def __getitem__(self, within: slice | Tensor) -> Float[Tensor, "image channel height width"]:
        return self.ready(self.lazy[within])

    def split(self, size: int) -> Iterator[Float[Tensor, "image channel height width"]]:
        cuts = [slice(start, start + size) for start in range(0, len(self), size)]
        yield from map(self.ready, ahead(self.lazy.__getitem__, cuts, self.workers))


Images = Shaped[Tensor, "image ..."] | Streamed
"""The images of a split: a tensor, or what behaves like one."""


class _Mapped(Dataset):
    def __init__(self, work: Callable, inputs: Sequence) -> None:
        self.work, self.inputs = work, inputs

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> object:
        try:
            value = self.work(self.inputs[index])
        except (InputError, RunError) as error:  # raised there, it would come with a traceback in its message
            return error
        try:
            _share(value)
        except RuntimeError as error:
            return RunError(f"a process that reads images ahead found no room in shared memory ({error}): {ADVICE}")
        return value


def _share(value: object) -> None:
    """Move tensors to where other processes see them: torch would later, in a thread whose errors nobody hears of."""
    if isinstance(value, Tensor):
        value.share_memory_()
    elif isinstance(value, tuple):
        for part in value:
            _share(part)


ADVICE = (
    "give trainer.workers=0, fewer of them, a smaller data.batch_size, or a larger /dev/shm (docker run --shm-size=8g)"
)


@contextmanager
def workers_watched() -> Generator[None, None, None]:
    """RunError where a process that reads ahead was killed: torch says so wherever this process happens to be."""
    try:
        yield
    except RuntimeError as error:
        if not str(error).startswith("DataLoader worker"):
            raise
        text = str(error).splitlines()[0]
        raise RunError(f"a process that reads images ahead has died ({text}): for want of memory? {ADVICE}") from error


def ahead(work: Callable[..., T], inputs: Sequence, workers: int) -> Iterator[T]:
    """``map(work, inputs)``, in order, computed ahead by so many processes; 0: by this one.

    Draws nothing from the global random state. Raises the InputError that ``work`` raises, and RunError where a process
    finds no memory or is killed.
    """
    if not workers:
        yield from map(work, inputs)
        return
    loader = DataLoader(
        _Mapped(work, inputs),
        batch_size=None,
        num_workers=min(workers, len(inputs), os.cpu_count() or 1),
        collate_fn=_as_it_is,
        worker_init_fn=leave_to_the_parent,
        generator=torch.Generator(),  # else the loader's own seed would come from the global state
    )
    with workers_watched():
        try:
            with put_off():
                values = iter(loader)
        except OSError as error:  # it forks, and needs locks, which lie in shared memory
            text = f"the processes that read images ahead can't be started ({error.strerror}): {ADVICE}"
            raise RunError(text) from error
        try:
            for value in values:
                if isinstance(value, InputError | RunError):
                    raise value
                yield value
        finally:
            with put_off():
                del values  # ends the processes; left to the garbage collector, each would be waited for, five seconds


def _as_it_is(value: T) -> T:
    return value
