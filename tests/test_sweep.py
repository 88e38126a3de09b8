"""What a sweep says of a run that failed."""

import errno
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from rotelab import sweep
from rotelab.errors import InputError, RunError

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
    explained = sweep.explained(error, OmegaConf.create({"model": {"widths": [8]}}), FOLDER)
    assert isinstance(explained, RunError)
    assert words in str(explained)


def test_other_errors_stay_as_they_are() -> None:
    for error in (InputError("seed"), RunError("the loss was nan"), ZeroDivisionError()):
        assert sweep.explained(error, OmegaConf.create(), FOLDER) is error
