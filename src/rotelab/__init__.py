"""Make networks memorize, measure how hard that was, and explain it.

    import rotelab
    outcome = rotelab.fit(rotelab.compose("objective=threshold", "objective.k=0.2"))

What is listed here is the public API. Each name is imported when it is asked for: ``import rotelab`` alone is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what a checker and an editor see
    from rotelab.api import agreement as agreement
    from rotelab.api import coherence as coherence
    from rotelab.api import compose as compose
    from rotelab.api import fit as fit
    from rotelab.api import gradient_norm as gradient_norm
    from rotelab.api import load as load
    from rotelab.api import memorize as memorize
    from rotelab.api import stability_radii as stability_radii
    from rotelab.api import tensors as tensors
    from rotelab.errors import InputError as InputError
    from rotelab.errors import RunError as RunError
    from rotelab.objectives import Schedule as Schedule
    from rotelab.objectives import Split as Split
    from rotelab.objectives import Standard as Standard
    from rotelab.objectives import Target as Target
    from rotelab.objectives import Threshold as Threshold
    from rotelab.results.arrays import load_arrays as load_arrays
    from rotelab.results.table import load_sweep as load_sweep
    from rotelab.training.recipe import Outcome as Outcome
    from rotelab.training.recipe import Recipe as Recipe

_HOME = {
    "compose": "rotelab.api",
    "fit": "rotelab.api",
    "memorize": "rotelab.api",
    "tensors": "rotelab.api",
    "coherence": "rotelab.api",
    "agreement": "rotelab.api",
    "gradient_norm": "rotelab.api",
    "stability_radii": "rotelab.api",
    "load": "rotelab.api",
    "load_sweep": "rotelab.results.table",
    "load_arrays": "rotelab.results.arrays",
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
"""Where each of the names above is."""

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'rotelab' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
