"""Runs the command line as a person would: in a process of its own, started anew or forked from one that is ready."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing import get_context, set_start_method
from pathlib import Path
from tempfile import TemporaryDirectory

TINY = ("data.size=64", "data.batch_size=32", "model.widths=[16]", "trainer.threads=1")

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["rotelab.instantiate", "rotelab.together", "rotelab.progress", "rotelab.train"])


def _child() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background leaves it ignored


def start(*arguments: str, module: str = "rotelab.train") -> subprocess.Popen:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", module, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment, preexec_fn=_child)


def run(*arguments: str, module: str = "rotelab.train") -> tuple[int, str, str]:
    """(exit code, stdout, stderr), of a process that did not have to import torch once more."""
    with TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in ("out", "err")]
        process = FORKS.Process(target=_main, args=(module, arguments, streams, dict(os.environ)))
        process.start()
        process.join(120)
        process.kill()  # if it still runs
        process.join()
        return process.exitcode, *(stream.read_text() for stream in streams)


def _main(module: str, arguments: Sequence[str], streams: Sequence[Path], environment: Mapping[str, str]) -> None:
    for number, stream in enumerate(streams, start=1):
        os.dup2(os.open(stream, os.O_WRONLY | os.O_CREAT), number)
    set_start_method("fork", force=True)  # of the workers that it starts: a person's process does not have ours
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    import_module(module).main()


def single(results: Path) -> Path:
    """The folder of the only single run."""
    (folder,) = (results / "single").iterdir()
    return folder
