"""From an error to one line and an exit code."""

import re
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from hydra.errors import HydraException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from rotelab.errors import InputError, Notice, RunError


class Interrupted(SystemExit):
    """A signal ends the process: its exit code is 128 and the signal's number."""


def interrupt(number: int, _frame: FrameType | None) -> None:
    """Handles a signal."""
    raise Interrupted(128 + number)


def show_notices_in_a_line() -> None:
    """Without the place in the code, which says nothing to a person; other warnings keep theirs."""
    usual = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *where: Any) -> None:
        if issubclass(category, Notice):
            print(f"rotelab: {message}", file=sys.stderr, flush=True)
        else:
            usual(message, category, *where)

    warnings.showwarning = show


@contextmanager
def exiting() -> Iterator[None]:
    """End the process with one line and an exit code where an error is raised within; a fault of ours shows where.

    Nothing passes: Hydra would turn what its callbacks raise into warnings, and start the runs all the same.
    """
    try:
        yield
    except InputError as error:
        message, code = str(error), 2
    except (HydraException, OmegaConfBaseException, YAMLError, ValueError) as error:
        message, code = _in_a_line(error), 2
    except RunError as error:
        message, code = str(error), 1
    except OSError as error:
        message, code = f"{error.filename or 'the disk'}: {error.strerror}", 1
    except Exception:
        traceback.print_exc()
        sys.exit(1)
    else:
        return
    print(f"rotelab: {message}", file=sys.stderr)
    sys.exit(code)


def _in_a_line(error: Exception) -> str:
    """Hydra's message, without its advice to add keys with ``+``, which rotelab refuses, and its inner workings."""
    lines = [line.strip() for text in (error, error.__cause__ or "") for line in str(text).splitlines()]
    if isinstance(error, OverrideParseException):
        lines.insert(0, f"{error.override}:")
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
    if "'axis." in text:  # what a sweep varies, the scales say
        return f"{text}: choose scale=demo, scale=small or scale=paper"
    return re.sub(r"Could not override '(.+?)'\. Key '.+?' is not in struct", r"there is no option '\1'", text)
