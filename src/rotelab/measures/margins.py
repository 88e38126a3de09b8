"""The margin by which norms are divided: one number for all train images."""

from math import inf

from jaxtyping import Float
from torch import Tensor

from rotelab.errors import Refusal


def tenth(margins: Float[Tensor, " image"]) -> float:
    """The (m // 10)-th smallest of m: the margin of Jiang et al. (2020), as the code of Dziugaite et al.
    (2020) takes it. Raises Refusal for fewer than 10 images, and where it is not positive."""
    if len(margins) < 10:
        raise Refusal(f"the margin is the (m // 10)-th smallest, and there are {len(margins)} images")
    return _positive(float(margins.sort().values[len(margins) // 10 - 1]), "(m // 10)-th smallest")


def fifth_percentile(margins: Float[Tensor, " image"]) -> float:
    """The margin of Neyshabur et al. (2019), interpolated. Raises Refusal where it is not positive."""
    ordered, place = margins.sort().values, 0.05 * (len(margins) - 1)
    low, part = int(place), place - int(place)
    found = ordered[low] if not part else (1 - part) * ordered[low] + part * ordered[low + 1]
    return _positive(float(found), "5th percentile of the")


def _positive(margin: float, which: str) -> float:
    if not 0 < margin < inf:
        raise Refusal(f"the {which} train margin is {margin:.3g}: it has to be positive, for its square hides the sign")
    return margin
