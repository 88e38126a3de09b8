"""Shapes in signatures are checked by beartype while the tests run: installed before rotelab is first imported."""

import gc
import os

from jaxtyping import install_import_hook
from threadpoolctl import threadpool_limits

# Of this process and of those that it starts: the tests' networks are tiny, more threads only wait for one another.
os.environ["OMP_NUM_THREADS"] = "1"
threadpool_limits(1)  # numpy, which pytest's plugins have imported, read it before
install_import_hook("rotelab", "beartype.beartype")

from pathlib import Path  # noqa: E402

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

# Properties are tried with the same values every time: a failure is found again, and none comes by chance.
settings.register_profile(
    "rotelab",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],  # of a machine that has other work
)
settings.load_profile("rotelab")


def pytest_collection_finish() -> None:
    """What was imported stays: it need not be looked through for garbage after every few thousand new objects, which
    takes a fifth of the time of composing a configuration."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def shared_cifar10() -> Path:
    """A folder of real CIFAR-10 images as an image folder, named by $ROTELAB_CIFAR10; skipped without it."""
    folder = os.environ.get("ROTELAB_CIFAR10")
    if not folder:
        pytest.skip("ROTELAB_CIFAR10 names no folder of CIFAR-10 images")
    return Path(folder)
