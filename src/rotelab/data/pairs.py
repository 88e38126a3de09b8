"""Which pseudo-test image stands beside which train image: in a pair of batches, image i of the one and of the other.

Under Eq. (1) a network whose outputs are constant, p, has J = sum over classes c of (f_pseudo(c) - f_train(c)) p_c,
with f the class frequencies of the two batches: least where p is one-hot on the class that train has more of. Pairs of
one class leave no such drift.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Int64
from torch import Tensor

from rotelab.errors import InputError

WAYS = ("as_ordered", "balanced")
"""The paper's, by the order of the data alone, and pairs of one class."""


def balanced(
    wanted: Int64[Tensor, " image"], pool: Int64[Tensor, " other"], classes: Sequence[str]
) -> Int64[Tensor, " image"]:
    """The places in a ``pool`` of labels, each of them once, of which the i-th has the class ``wanted[i]``.

    Of each class the first ones are taken, in order. Raises InputError, which names the class, where one runs out.
    """
    chosen = torch.empty_like(wanted)
    for label in wanted.unique().tolist():
        images, found = (wanted == label).nonzero().flatten(), (pool == label).nonzero().flatten()
        if len(found) < len(images):
            needed = f"pairs of one class need {len(images)} more images of class {classes[label]!r}"
            raise InputError(f"{needed}, and {len(found)} are left")
        chosen[images] = found[: len(images)]
    return chosen
