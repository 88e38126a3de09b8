"""What can go wrong through no fault of the code: shown to a person as one line, without a traceback."""

import errno
import os
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


class Refusal(ValueError):
    """Why something can't be built, drawn or answered of what was given: a sentence for a person, raised on purpose.

    Any other ValueError is a fault of the code, and shows where.
    """


class InputError(Refusal):
    """A configuration or data that can't be used; the message names the key, slice or path. Exit code 2."""


class NetworkError(InputError):
    """A network that can't be built for these images: with the same data another may go on."""


class RunError(RuntimeError):
    """A run that had to end: the loss is no number, the disk is full. The message is a sentence. Exit code 1."""


class CannotStack(Exception):
    """What of a network, or of a run, does not go together with others: they are trained one after another."""


class Notice(UserWarning):
    """What a person should know, in a sentence; nothing ends for it."""


def check_one_of(name: str, value: str, *allowed: str) -> None:
    """Raises Refusal, naming the option, where its value is none of the words."""
    if value not in allowed:
        raise Refusal(f"{name} = {value!r} is not one of {', '.join(allowed)}{did_you_mean(value, allowed)}")


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """``: did you mean max_epochs?``; nothing where none of the words is close. One that differs in capitals alone,
    AdamW for Adamw, is closer than any other."""
    words = list(words)
    close = [known for known in words if known.lower() == word.lower()] or get_close_matches(word, words, n=1)
    return f": did you mean {close[0]}?" if close else ""


def is_full_disk(error: BaseException) -> bool:
    """Whether an error says that a disk, or what one may use of it, is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the memory, of the machine or of a GPU, is too small; torch has no one type for it."""
    named = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    said = ("can't allocate memory", "not enough memory", "Cannot allocate memory", "Storage size calculation overflow")
    return named or (isinstance(error, RuntimeError) and any(words in str(error) for words in said))


def sentence(error: OSError, folder: str | Path) -> str:
    """What an error of the disk says, with the path first; ``folder`` is where it was, if it does not say so itself."""
    where = printable(error.filename or folder)
    if is_full_disk(error):
        return f"the disk of {where} is full"
    return f"{where}: {error.strerror}" if error.strerror else str(error)


LONGEST = 4096
"""Characters of a path that are shown: as many as a path of Linux may have."""


def printable(path: str | bytes | Path) -> str:
    """A path as one line of text that every terminal and file takes: bytes that are no UTF-8 as ``\\xff``, line ends
    and others that move a cursor as ``\\n``; cut where no path is as long."""
    text = os.fsencode(path).decode(errors="backslashreplace")
    if not text.isprintable():
        text = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
