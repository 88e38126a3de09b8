"""The processes that train one run on several devices of this machine: this one and its followers."""

import os
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import context, forkserver, get_context, get_start_method, parent_process, set_start_method
from multiprocessing.connection import Connection, wait
from pathlib import Path

import torch
from torch import distributed

from rotelab.data.share import Share
from rotelab.errors import InputError, NetworkError, RunError
from rotelab.system.signals import ignore_all, put_off
from rotelab.training.checkpoint import Checkpoints
from rotelab.training.ranks import ONE, Ranks
from rotelab.training.recipe import Recipe
from rotelab.training.run import follow

HERE = "127.0.0.1"
LONG = timedelta(days=1)
"""What another process may take, reading millions of images or measuring: one that dies is noticed at once by gloo."""
READY = "ready"
PATIENCE = 2.0
"""Seconds in which a process ends that has trained to the end."""


@dataclass(frozen=True)
class Orders:
    """What a follower gets: how to make the recipe of the run, and whether the first process keeps checkpoints of it.
    It is pickled: ``make`` is a function of a module, or a ``partial`` of one."""

    make: Callable[[], Recipe]
    keeps: bool
    share: Share
    port: int
    starts: str
    """How the first process starts others, such as those that read images: else a follower, which a server has
    started, would ask another server for each, which imports torch first."""


@contextmanager
def several(
    make: Callable[[], Recipe], devices: int, accelerator: str, keeps: bool = False
) -> Generator[Ranks, None, None]:
    """So many ranks, of which this process is the first; within the block the others fit the recipe that ``make``
    makes as this one has to. With one device there is nobody else.

    They talk by NCCL on GPUs and by gloo on CPUs, over a port that the system gives. Raises RunError where there are
    fewer GPUs, and where one of the others ends before this one does: what it raised, if that is a sentence. All have
    ended when the block has.
    """
    if devices == 1:
        yield ONE
        return
    _check_devices(devices, accelerator)
    store = distributed.TCPStore(HERE, 0, devices, is_master=True, wait_for_workers=False, timeout=LONG)
    shares, starts = (Share(rank, devices) for rank in range(1, devices)), get_start_method()
    followers = [_start(Orders(make, keeps, share, store.port, starts)) for share in shares]
    patience = 0.0
    try:
        for follower in followers:
            follower.begin()
        with _joined(store, Share(0, devices), accelerator):
            try:
                yield Ranks(Share(0, devices))
            except RuntimeError as error:
                if reason := _reason(followers, error):
                    raise reason from error
                raise
        patience = PATIENCE
    finally:
        for follower in followers:
            follower.end(patience)


def _check_devices(devices: int, accelerator: str) -> None:
    if accelerator == "cpu" or not torch.cuda.is_available():
        return
    if (there := torch.cuda.device_count()) < devices:
        raise RunError(f"trainer.devices = {devices}: there are {there} GPUs here: give fewer devices, or trainer=cpu")


@dataclass(frozen=True)
class _Follower:
    """A process, and the end of a pipe by which it says that it is ready, and what it ended with."""

    rank: int
    process: context.ForkServerProcess
    pipe: Connection

    def begin(self) -> None:
        """Waits until it is ready. Raises what it ended with instead."""
        wait([self.pipe, self.process.sentinel])
        said = self.said()
        if said != READY:
            raise self.ended(said)

    def ended(self, said: object) -> Exception:
        if isinstance(said, InputError | RunError):
            return said
        self.process.join()
        return RunError(
            f"trainer.devices: the process of device {self.rank} has died (exit code {self.process.exitcode}), and "
            "with it the run: was there too little memory? Give fewer devices, or a smaller data.batch_size"
        )

    def said(self) -> object:
        """The last that it has said, if it has said anything."""
        with suppress(EOFError, OSError):
            if self.pipe.poll():
                return self.pipe.recv()
        return None

    def end(self, patience: float) -> None:
        """By itself, if it does in so many seconds: killed it leaves locks of its own behind."""
        self.process.join(patience)
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _start(orders: Orders) -> _Follower:
    """By a server that has imported torch and used no GPU, so that a process is there at once."""
    starting = get_context("forkserver")
    starting.set_forkserver_preload([__name__])
    ours, theirs = starting.Pipe(duplex=False)
    process = starting.Process(target=_follow, args=(orders, theirs))
    forkserver.ensure_running()  # begun in the block, all that it ever starts would have a signal blocked
    with put_off():  # a signal to all of a terminal's processes is this one's to answer
        process.start()
    theirs.close()
    return _Follower(orders.share.rank, process, ours)


def _reason(followers: Sequence[_Follower], error: RuntimeError) -> Exception | None:
    """Why one of the others has ended, where the error says that this process could not talk to it."""
    if not isinstance(error, distributed.DistError) and "gloo" not in str(error):
        return None
    gone = wait([follower.process.sentinel for follower in followers], timeout=10)
    ended = (follower.ended(follower.said()) for follower in followers if follower.process.sentinel in gone)
    return next(ended, None)


@contextmanager
def _joined(store: distributed.Store, share: Share, accelerator: str) -> Generator[None, None, None]:
    gpu = accelerator != "cpu" and torch.cuda.is_available()
    if gpu:
        torch.cuda.set_device(share.rank)
    backend = "cpu:gloo,cuda:nccl" if gpu else "gloo"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        distributed.init_process_group(backend, store=store, rank=share.rank, world_size=share.count, timeout=LONG)
    try:
        yield
    finally:
        distributed.destroy_process_group()


def _follow(orders: Orders, pipe: Connection) -> None:
    """The whole life of a follower: it prints nothing, writes nothing, answers no signal, and ends with its parent."""
    ignore_all()
    set_start_method(orders.starts, force=True)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, for as long as there is a process
    warnings.simplefilter("ignore")
    try:
        recipe = orders.make()
        store = distributed.TCPStore(HERE, orders.port, orders.share.count, is_master=False, timeout=LONG)
        pipe.send(READY)
        with _joined(store, orders.share, recipe.accelerator):
            follow(recipe, Ranks(orders.share), _restored() if orders.keeps else None)
    except BaseException as error:
        with suppress(OSError):
            pipe.send(_sent(error))
        os._exit(1)


def _restored() -> Checkpoints:
    """Puts back what the first process has read, and keeps nothing."""
    return Checkpoints(Path(os.devnull), [], 0)


def _sent(error: BaseException) -> Exception:
    """Its sentence, or the last line of the traceback and where it was: what can surely be unpickled."""
    for kind in (NetworkError, InputError, RunError):
        if isinstance(error, kind):
            return kind(str(error))
    last = traceback.extract_tb(error.__traceback__)[-1]
    return RunError(f"{type(error).__name__} on another device ({Path(last.filename).name}:{last.lineno}): {error}")


def _end_with_the_parent() -> None:
    parent = parent_process()
    if parent:
        wait([parent.sentinel])
    os._exit(1)
