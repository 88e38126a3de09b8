"""What people call the parts of a dataset: ``Train``, ``validation``, ``test-00000-of-00002.tar``. No torch here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import TypeVar

from rotelab.errors import InputError, printable

T = TypeVar("T")

WORDS = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("test", "testing", "tst"), "test"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval"), "val"),
}
"""In small letters -> the part: ``train``, ``test`` or ``val``."""
WHOLE = "all"
"""The one part of what is not divided."""


def of_word(word: str) -> str | None:
    """The part that a folder of this name, or a value in a table, stands for."""
    return WORDS.get(word.strip().lower())


def of_file(path: str) -> str | None:
    """By the words of a file's name, else of the folders that it lies in, the nearest first."""
    for name in reversed(PurePath(path).parts):
        for word in re.findall("[a-z]+", name.lower()):
            if word in WORDS:
                return WORDS[word]
    return None


def of_files(root: Path, paths: Sequence[str]) -> list[str]:
    """The part of each file below ``root``: ``WHOLE`` where no name says one. Raises InputError where only some do."""
    parts = [of_file(path) for path in paths]
    if None in parts and any(parts):
        odd = printable(root / paths[parts.index(None)])
        raise InputError(f"{odd} is called neither train nor test, and others are")
    return [part or WHOLE for part in parts]


def aliases(names: Iterable[str]) -> dict[str, str]:
    """``train`` and ``test`` -> what they are called among the names, where that is something else and is one thing:
    a validation part is the test part where there is none."""
    names = list(names)
    found = {}
    for part, kinds in {"train": ("train",), "test": ("test", "val")}.items():
        for kind in kinds:
            called = [name for name in names if of_word(name) == kind]
            if part in names or len(called) > 1:
                break
            if called:
                found[part] = called[0]
                break
    return found


def renamed(parts: Mapping[str, T]) -> dict[str, T]:
    """With ``val`` as ``test`` where there is no other."""
    return {("test" if name == "val" and "test" not in parts else name): part for name, part in parts.items()}
