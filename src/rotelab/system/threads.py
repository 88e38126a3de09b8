"""How many threads torch computes with."""

from collections.abc import Generator
from contextlib import contextmanager

import torch


@contextmanager
def threads_kept(count: int | None = None) -> Generator[None]:
    """Computes with so many threads, or with as many as there are; their number is put back, whoever changed it."""
    before = torch.get_num_threads()
    try:
        if count:
            torch.set_num_threads(count)
        yield
    finally:
        torch.set_num_threads(before)
