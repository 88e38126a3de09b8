"""What can go wrong through no fault of the code: shown to a person as one line, without a traceback."""

import errno
import sys
import warnings
from typing import Any


class InputError(ValueError):
    """A configuration or data that can't be used; the message names the key, slice or path. Exit code 2."""


class RunError(RuntimeError):
    """A run that had to end: the loss is no number, the disk is full. The message is a sentence. Exit code 1."""


class CannotStack(Exception):
    """What of a network, or of a run, does not go together with others: they are trained one after another."""


class Notice(UserWarning):
    """What a person should know, in a sentence; nothing ends for it."""


def show_notices_in_a_line() -> None:
    """Without the place in the code, which says nothing to a person; other warnings keep theirs."""
    usual = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *where: Any) -> None:
        if issubclass(category, Notice):
            print(f"rotelab: {message}", file=sys.stderr, flush=True)
        else:
            usual(message, category, *where)

    warnings.showwarning = show


def check_one_of(name: str, value: str, *allowed: str) -> None:
    """Raises ValueError, naming the option, where its value is none of the words."""
    if value not in allowed:
        raise ValueError(f"{name} = {value!r} is not one of {', '.join(allowed)}")


def is_full_disk(error: BaseException) -> bool:
    """Whether an error says that a disk, or what one may use of it, is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
