"""From an error to one line and an exit code."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hydra.errors import HydraException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from rotelab.errors import InputError, RunError


@contextmanager
def exiting() -> Iterator[None]:
    """End the process with one line and an exit code where one of these, or one of Hydra's, is raised within."""
    try:
        yield
    except InputError as error:
        message, code = str(error), 2
    except (HydraException, OmegaConfBaseException) as error:
        message, code = _in_a_line(error), 2
    except RunError as error:
        message, code = str(error), 1
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
    useless = ("To append", "full_key", "object_type", "reference_type", "Set the env", "See https")
    text = " ".join(dict.fromkeys(line for line in lines if line and not line.startswith(useless)))
    text = text.replace("InputError raised while resolving interpolation: ", "")
    return re.sub(r"Could not override '(.+?)'\. Key '.+?' is not in struct", r"there is no option '\1'", text)
