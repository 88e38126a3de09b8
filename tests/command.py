"""Runs the command line as a person would: in a process of its own, forked from one that is ready."""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing import get_context, set_start_method
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory

TINY = ("data.size=64", "data.batch_size=32", "model.widths=[16]", "trainer.threads=1")

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(
    ["rotelab.config.instantiate", "rotelab.training.stacks.fit", "rotelab.training.progress", "rotelab.train"]
)


def run(*arguments: str, module: str = "rotelab.train", seconds: float = 120) -> tuple[int, str, str]:
    """(exit code, stdout, stderr), of a process that did not have to import torch once more, and is killed after so
    many seconds."""
    with TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in ("out", "err")]
        process = begin(arguments, streams, module)
        process.join(seconds)
        process.kill()  # if it still runs
        process.join()
        assert process.exitcode is not None
        out, err = (stream.read_text() for stream in streams)
        return process.exitcode, out, err


def begin(arguments: Sequence[str], streams: Sequence[Path], module: str = "rotelab.train") -> BaseProcess:
    """The same, while it runs; the streams are files, or terminals."""
    process = FORKS.Process(target=_main, args=(module, arguments, streams, dict(os.environ)))
    process.start()
    return process


def _main(module: str, arguments: Sequence[str], streams: Sequence[Path], environment: Mapping[str, str]) -> None:
    for number, stream in enumerate(streams, start=1):
        os.dup2(os.open(stream, os.O_WRONLY | os.O_CREAT), number)
    set_start_method("fork", force=True)  # of the workers that it starts: a person's process does not have ours
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    import_module(module).main()


def single(results: Path) -> Path:
    """The folder of the only single run; W&B's lies beside it."""
    (folder,) = (path for path in (results / "single").iterdir() if path.name != "wandb")
    return folder
