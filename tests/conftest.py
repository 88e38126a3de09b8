"""Shapes in signatures are checked by beartype while the tests run: installed before rotelab is first imported."""

from jaxtyping import install_import_hook

install_import_hook("rotelab", "beartype.beartype")

from pathlib import Path  # noqa: E402

import pytest  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(1)  # the tests' networks are tiny: more threads only wait for one another


@pytest.fixture
def shared_cifar10() -> Path:
    """A folder of real CIFAR-10 images as an image folder, named by $ROTELAB_CIFAR10; skipped without it."""
    import os

    folder = os.environ.get("ROTELAB_CIFAR10")
    if not folder:
        pytest.skip("ROTELAB_CIFAR10 names no folder of CIFAR-10 images")
    return Path(folder)
