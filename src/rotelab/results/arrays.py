"""Arrays that measures leave beside a run's curve, in ``arrays.npz``: too many numbers for a metric an epoch.

Written before the result, so that a finished run has them whole. No torch here.
"""

import io
from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy

from rotelab.errors import InputError
from rotelab.files import write

ARRAYS = "arrays.npz"


def keep(run: Path, arrays: Mapping[str, numpy.ndarray]) -> None:
    """Nothing where there are none."""
    if arrays:
        content = io.BytesIO()
        numpy.savez(content, allow_pickle=False, **arrays)
        write(run / ARRAYS, content.getvalue())


def load_arrays(run: Path | str) -> dict[str, numpy.ndarray]:
    """By name, such as ``examples/train/loss``. Raises InputError where the run has left none, or they are damaged."""
    path = Path(run).expanduser() / ARRAYS
    if not path.exists():
        raise InputError(f"{path.parent} holds no {ARRAYS}: a run leaves it where it is trained with measure=examples")
    try:
        with numpy.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except (BadZipFile, OSError, ValueError, EOFError) as error:
        raise InputError(f"{path} can't be read: {error}") from error


def remove(run: Path) -> None:
    for path in run.glob(f"{ARRAYS}*"):
        path.unlink()


def copy(run: Path, other: Path) -> None:
    """Those of another run, where it has any."""
    if (other / ARRAYS).exists():
        write(run / ARRAYS, (other / ARRAYS).read_bytes())
