"""From an error to one line and an exit code, and printing that never fails what prints."""

import os
import re
import signal
import sys
import traceback
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from io import TextIOBase
from pathlib import Path
from types import FrameType
from typing import Any

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from rotelab.config import choices
from rotelab.errors import Notice, Refusal, RunError, sentence
from rotelab.options import first_line
from rotelab.system import signals

COMPOSING = (HydraException, OmegaConfBaseException, YAMLError)
"""What Hydra raises of a configuration that can't be composed."""


class Interrupted(SystemExit):
    """A signal ends the process, with 128 and its number; ``text`` is what a person should know."""

    epoch: int | None = None
    """After which the run that was under way goes on, where it has a checkpoint."""

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(code)
        self._text = text

    @property
    def text(self) -> str:
        goes_on = f"goes on after epoch {self.epoch}" if self.epoch is not None else "starts again"
        return self._text or f"the same command {goes_on}"


def interrupt(number: int, _frame: FrameType | None) -> None:
    """Handles a signal."""
    raise Interrupted(128 + number)


def interruption(error: BaseException | None) -> Interrupted | None:
    """The signal that an error goes back to: it may come while somebody's clean-up, which then fails, is under way."""
    seen = set()
    while error is not None and id(error) not in seen:  # an error may be its own cause
        if isinstance(error, Interrupted):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


class Unfailing:
    """A stream whose reader may leave (``| head -1``), or whose disk may be full: what can't be written is dropped.

    Everything else is the stream's own.
    """

    def __init__(self, stream: TextIOBase) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        try:
            return self.stream.write(text)
        except OSError:
            self._drop()
            return len(text)

    def flush(self) -> None:
        try:
            self.stream.flush()
        except OSError:
            self._drop()

    def _drop(self) -> None:
        """From now on to nowhere, also what waits in the buffer and what is written at the end of the process."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.stream.fileno())
        os.close(nowhere)


def print_for_people() -> None:
    """From now on nothing that this process prints can fail it: runs go on when nobody reads what they say. Notices are
    a line, without the place in the code."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name) or open(os.devnull, "w")  # noqa: SIM115, of a process whose streams are closed
        if not isinstance(stream, Unfailing):
            setattr(sys, name, Unfailing(stream))
    warnings.showwarning = _show  # ty: ignore[invalid-assignment]  # as its documentation says to do


_usual = warnings.showwarning


def _show(message: Warning | str, category: type[Warning], *where: Any) -> None:
    if issubclass(category, Notice):
        print(f"rotelab: {message}", file=sys.stderr, flush=True)
    else:
        _usual(message, category, *where)


@contextmanager
def exiting(folder: str | Path = "the disk") -> Generator[None, None, None]:
    """End the process with one line and an exit code where an error is raised within; a fault of ours shows where.

    ``folder`` is where files are written, for errors that do not name one.
    """
    print_for_people()
    try:
        yield
        sys.stdout.flush()
    except KeyboardInterrupt:  # of a command without a handler of its own
        print("interrupted: the same command starts again", file=sys.stderr, flush=True)
        sys.exit(128 + signal.SIGINT)
    except Exception as error:
        if signal_ := interruption(error):
            raise signal_ from error
        message, code = _said(error, folder)
        if message is None:
            traceback.print_exc()
        else:
            print(f"rotelab: {message}", file=sys.stderr)
        sys.exit(code)


@contextmanager
def ended_by_signals(then: str) -> Generator[None, None, None]:
    """As ``exiting``; and a signal is a line, which says what the same command does ``then``: in the middle of an epoch
    Lightning would end with 0 or 1, without a word."""
    before = {number: signal.signal(number, interrupt) for number in signals.ENDING}
    try:
        with exiting():
            yield
    except Interrupted:
        print(f"interrupted: the same command {then}", file=sys.stderr, flush=True)
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _said(error: Exception, folder: str | Path) -> tuple[str | None, int]:
    """The line and the exit code for an error; no line for a fault of ours."""
    if isinstance(error, Refusal):
        return str(error), 2
    if isinstance(error, COMPOSING) or _of_hydra(error):
        return in_a_line(error), 2
    if isinstance(error, RunError):
        return str(error), 1
    if plugin := _of_a_plugin(error):
        return f"{plugin}: {type(error).__name__}: {first_line(error)}", 1
    return (sentence(error, folder), 1) if isinstance(error, OSError) else (None, 1)


def _of_hydra(error: Exception) -> bool:
    """Whether it is a ValueError that Hydra raised: it says so that flags do not go together."""
    places = list(traceback.walk_tb(error.__traceback__))
    return isinstance(error, ValueError) and places[-1][0].f_globals.get("__name__", "").split(".")[0] == "hydra"


def _of_a_plugin(error: Exception) -> str | None:
    """The plugin of Hydra's, such as a sweeper of others, that raised it, or called what did: nothing of ours, which it
    calls as well."""
    modules = [frame.f_globals.get("__name__", "").split(".") for frame, _ in traceback.walk_tb(error.__traceback__)]
    at = next((at for at, module in enumerate(modules) if module[0] == "hydra_plugins"), len(modules))
    ours = any(module[0] == "rotelab" for module in modules[at:])
    return None if ours or at == len(modules) else modules[at][1]


def in_a_line(error: Exception) -> str:
    """Hydra's message, without its advice to add keys with ``+``, which rotelab refuses, and its inner workings."""
    if several := re.match(r"Ambiguous value for argument '(.+)'", str(error)):
        return f"{several[1]}: several values are several runs, with -m before them; a list is [1,2], a text is quoted"
    lines = [line.strip() for text in (error, error.__cause__ or "") for line in str(text).splitlines()]
    if "Config search path:" in lines:  # and the paths below it
        del lines[lines.index("Config search path:") :]
    useless = (
        "To append",
        "Either remove",
        "Or add",
        "full_key",
        "object_type",
        "reference_type",
        "Set the",
        "See http",
    )
    text = " ".join(dict.fromkeys(line for line in lines if line and not line.startswith(useless)))
    text = re.sub(r"\w+ raised while resolving interpolation: ", "", text)
    cause = error if isinstance(error, OmegaConfBaseException) else error.__cause__
    if not isinstance(cause, OmegaConfBaseException):
        return text
    missing = f"there is no option '{cause.full_key}'"  # that may lie within what was given, stop={max_epoch:3}
    return re.sub(r"Could not override '.+?'\. Key '.+?' is not in struct", missing, text) + choices.hint(cause)
