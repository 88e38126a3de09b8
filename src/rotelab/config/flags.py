"""What follows a command as ``--flag value``: that of ``rotelab draw``, ``claims`` and all others but ``train``."""

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Iterable
from typing import Any, NoReturn

from rotelab.config import choices
from rotelab.errors import InputError, did_you_mean


class Flags(ArgumentParser):
    """Reads them. What can't be used is an InputError, a line as everywhere else, and no page on how to use it."""

    def __init__(self, about: str | None, **more: Any) -> None:
        super().__init__(description=about, formatter_class=RawDescriptionHelpFormatter, **more)

    def add_scale(self) -> None:
        sizes = ", ".join(choices.of("scale"))
        self.add_argument("--scale", type=scale, default="demo", help=f"which sweeps: {sizes} (default: demo)")

    def parse_known_args(self, args: Iterable[str] | None = None, namespace: Any = None) -> tuple[Any, list[str]]:
        given = sys.argv[1:] if args is None else list(args)
        for before, text in zip(["", *given], given, strict=False):
            key, equals, value = text.partition("=")
            is_value = before.startswith("--") and "=" not in before
            if equals and not is_value and f"--{key}" in self._option_string_actions:
                raise InputError(f"{text}: this command takes it as --{key} {value}")
        return super().parse_known_args(given, namespace)

    def error(self, message: str) -> NoReturn:
        unknown = re.search(r"unrecognized arguments: (--[\w-]+)", message)
        near = did_you_mean(unknown[1], self._option_string_actions) if unknown else ""
        raise InputError(f"{message}{near or ': --help says more'}")


def scale(text: str) -> str:
    """One that there is: results of any other would be looked for in vain."""
    if text not in (known := choices.of("scale")):
        meant = did_you_mean(text, known) or f": there are {', '.join(known)}"
        raise ArgumentTypeError(f"there is no scale {text}{meant}")
    return text
