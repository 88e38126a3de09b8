"""The networks, and what became of their images: what figures and claims of architectures have in common."""

from dataclasses import dataclass

import pandas

from rotelab.errors import Refusal
from rotelab.figures import style
from rotelab.results.lines import Line, check_every, check_names

FIRST, THEN = "data/inputs@data.inputs.first", "data/inputs@data.inputs.then"
NETWORKS = {
    "convolutional": ("convolutional", style.PLAIN),
    "locally_connected": ("locally connected", style.BOTH),
    "fully_connected": ("fully connected", style.MEMORIZE),
    "vision_transformer": ("vision transformer", "#CC79A7"),
}


@dataclass(frozen=True)
class Arm:
    """What an image is: at its own place or not, its pixels as they are or permuted."""

    words: str
    first: str
    then: str


STILL, STILL_PERMUTED = Arm("as they are", "clean", "clean"), Arm("permuted", "clean", "shuffled_pixels")
MOVED, MOVED_PERMUTED = Arm("moved", "translated", "clean"), Arm("moved, permuted", "translated", "shuffled_pixels")
ARMS = (STILL, STILL_PERMUTED, MOVED, MOVED_PERMUTED)


def line(
    network: str, arm: Arm, objective: str = "standard", split: str = "held_out", metric: str = "accuracy"
) -> Line:
    words, color = NETWORKS[network]
    where = {"network": network, FIRST: arm.first, THEN: arm.then, "objective": objective}
    return Line(f"{words}, {arm.words}, {objective}", where, color, split, metric=metric)


def check(table: pandas.DataFrame) -> None:
    """Raises Refusal where runs are missing, or are of other networks."""
    check_names(table, ["network", FIRST, THEN], "runs of a sweep over architectures, which name")
    if unlike := set(NETWORKS) ^ set(table.network):
        raise Refusal(f"the figure needs runs of network={','.join(NETWORKS)}; {', '.join(sorted(unlike))} is not both")
    check_every(table, ["network", FIRST, THEN, "objective"], "network, objective and kind of image")
