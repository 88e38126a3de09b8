"""In what numbers a network is trained. Weights, the optimizer and the loss are float32 under each of them.

``fp32``: every product in float32. ``tf32``: matrix products and convolutions by a GPU's tensor cores, whose factors
have 10 bits of mantissa (elsewhere it is ``fp32``). ``bf16``: they have 7, in bfloat16, by autocast.
"""

from typing import Literal

import torch

LIGHTNING: dict[str, Literal["32-true", "bf16-mixed"]] = {"fp32": "32-true", "tf32": "32-true", "bf16": "bf16-mixed"}
"""What Lightning calls each of them."""


def allow_tf32(precision: str) -> None:
    """Let this process's float32 products use TF32, or forbid it: PyTorch allows it for convolutions by default."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
