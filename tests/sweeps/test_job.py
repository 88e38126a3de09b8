"""What is to blame where a run fails, in a sentence that comes whole from another process."""

import errno
import pickle
from pathlib import Path

import pytest
from composing import composed

from rotelab.config import schema
from rotelab.data.image_files import BadImage
from rotelab.errors import InputError, NetworkError, RunError
from rotelab.sweeps import job

FOLDER = Path("/results/run")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk of /results/run is full"),
        (OSError(errno.EROFS, "Read-only file system", "/results"), "/results: Read-only file system"),
        (MemoryError(), "make one of model.widths, data.batch_size, data.size, data.side smaller"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "not enough memory"),
    ],
)
def test_the_disk_and_the_memory_are_blamed_in_a_sentence(error: Exception, words: str) -> None:
    explained = job.explained(error, schema.check(composed("model=mlp")), FOLDER)
    assert isinstance(explained, RunError)
    assert words in str(explained)


def test_other_errors_stay_as_they_are() -> None:
    for error in (InputError("seed"), RunError("the loss was nan"), ZeroDivisionError()):
        assert job.explained(error, schema.check(composed()), FOLDER) is error


class Odd(Exception):
    """One that can't be unpickled, as it takes two arguments and gives one to its base."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__(f"{one} is odd")


@pytest.mark.parametrize(
    ("error", "kind", "text", "shown"),
    [
        (RunError("the loss was nan"), RunError, "the loss was nan", False),
        (BadImage("0.png can't be read"), InputError, "0.png can't be read", False),
        (NetworkError("images too small"), NetworkError, "images too small", False),
        (OSError(errno.ENOSPC, "No space left"), RunError, "the disk of /results/run is full", False),
        (Odd(3, 4), RunError, "Odd: 3 is odd", True),
    ],
)
def test_an_error_is_plain_data(
    error: Exception, kind: type, text: str, shown: bool, capsys: pytest.CaptureFixture
) -> None:
    """A fault of the code is shown with the place where it is, which does not come from another process."""
    chosen = {"objective": "split", "model": "mlp_384", "data": "digits"}
    end = job._failed(job.Job.of(FOLDER, [], composed(), chosen), error)
    end = pickle.loads(pickle.dumps(end))
    assert (type(end.error), str(end.error), end.name) == (kind, text, "run")
    assert (capsys.readouterr().err != "") == shown
