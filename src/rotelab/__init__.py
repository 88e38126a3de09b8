"""Make networks memorize, measure how hard that was, and explain it.

    import rotelab
    outcome = rotelab.fit(rotelab.compose("objective=threshold", "objective.k=0.2"))

What is listed here is the public API. Each name is imported when it is asked for: ``import rotelab`` alone is quick.
"""

from importlib import import_module

_HOME = {
    "compose": "rotelab.api",
    "fit": "rotelab.api",
    "memorize": "rotelab.api",
    "tensors": "rotelab.api",
    "load": "rotelab.results.table",
    "Recipe": "rotelab.training.recipe",
    "Outcome": "rotelab.training.recipe",
    "Standard": "rotelab.objectives",
    "Split": "rotelab.objectives",
    "Threshold": "rotelab.objectives",
    "Target": "rotelab.objectives",
    "Schedule": "rotelab.objectives",
    "InputError": "rotelab.errors",
    "RunError": "rotelab.errors",
}
"""Where each name is."""

__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'rotelab' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
