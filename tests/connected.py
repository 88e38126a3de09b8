"""Made-up lines between networks, as the figure of barriers measures them."""

from collections.abc import Callable
from itertools import product

import pandas

from rotelab.experiments.mode_connectivity.barriers import PAIRS

Middle = Callable[[str, int, bool, int], float]
"""The error in the middle of a line, by pair, epoch at which they part, matching and seed."""


def made(middle: Middle, at: tuple[int, ...] = (0, 2), seeds: int = 3) -> pandas.DataFrame:
    """Error and loss are 0 at the ends."""
    rows = []
    for pair, parting, match, seed in product(PAIRS, at, (False, True), range(seeds)):
        if parting and pair not in ("generalize", "memorize"):
            continue
        errors = {0.0: 0.0, 0.5: middle(pair, parting, match, seed), 1.0: 0.0}
        for place, error in errors.items():
            row = {"pair": pair, "at": parting, "matched": match, "seed": seed, "place": place, "train_error": error}
            rows.append(row | {"train_loss": error, "held_out_error": 0.1})
    return pandas.DataFrame(rows).sample(frac=1, random_state=0)
