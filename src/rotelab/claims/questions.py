"""What claims of several works ask."""

from collections.abc import Callable
from importlib import import_module

import pandas

from rotelab.claims.claim import Values

Ask = Callable[[pandas.DataFrame], Values]


def parameters(network: str, image_shape: tuple[int, int, int], **options: object) -> Ask:
    """How many a network of ``models/`` has for ten classes; torch is imported when it is asked."""

    def values(_: pandas.DataFrame) -> Values:
        build = getattr(import_module(f"rotelab.models.{network}"), network)
        return {"": [float(sum(parameter.numel() for parameter in build(image_shape, 10, **options).parameters()))]}

    return values
