"""What looks on while a network trains: a Lightning callback per file. It changes no bit of the weights.

A measure puts ``what/where`` into ``learner.metrics`` at the start (epoch 0) or at the end of an epoch, and takes away
what it does not measure at that epoch, so that a curve holds no number twice.

``rotelab.measures.generalization`` is a function, imported when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rotelab.measures.generalization_measures import generalization as generalization


def __getattr__(name: str) -> Any:
    if name != "generalization":
        raise AttributeError(f"module 'rotelab.measures' has no attribute {name!r}")
    return import_module("rotelab.measures.generalization_measures").generalization
