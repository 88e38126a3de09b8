"""Every random number comes from a stream of its own, named by what it is for."""

import hashlib

import torch


def stream(*names: int | str) -> torch.Generator:
    """A CPU generator that depends on ``names`` alone: ``stream("noise", 3, "train")``.

    Two streams with different names are independent, so that drawing from one (a measure, an augmentation) never
    shifts what another (the noise of the inputs, the order of the batches) draws.
    """
    digest = hashlib.sha256("/".join(map(repr, names)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)
