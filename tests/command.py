"""Runs the command line as a person would: in a process of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

TINY = ("data.size=64", "data.batch_size=32", "model.widths=[16]", "trainer.threads=1")


def _child() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background leaves it ignored


def start(*arguments: str, module: str = "rotelab.train") -> subprocess.Popen:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", module, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment, preexec_fn=_child)


def run(*arguments: str, module: str = "rotelab.train") -> tuple[int, str, str]:
    """(exit code, stdout, stderr)"""
    process = start(*arguments, module=module)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def single(results: Path) -> Path:
    """The folder of the only single run."""
    (folder,) = (results / "single").iterdir()
    return folder
