"""Do good settings memorize larger images, and more of them? Eq. (1) and (3).

Blue is plain training and orange gradient splitting under good settings (conf/conditioning), a small dot a seed; a row
is a size of the images and a number of them. The further orange is to the right of blue, the harder it is to memorize
there; hollow is where not every seed came to the train accuracy, with how many did.
"""

import pandas

from rotelab.errors import Refusal
from rotelab.experiments.gradient_splitting.conditioning import by_row, objectives
from rotelab.results.lines import Line, check_names

SIDE, SIZE = "data.side", "data.size"


def rows(table: pandas.DataFrame) -> dict[str, list[Line]]:
    """Eq. (3) and Eq. (1) by side and number of the images. Refusal where the sweep names neither."""
    check_names(table, [SIDE, SIZE], "runs of sweep=gradient_splitting/conditioning_sizes, which name")
    if table[SIDE].isna().any():
        raise Refusal(f"the figure needs runs whose {SIDE} is a number of pixels")
    cells = table[[SIDE, SIZE]].drop_duplicates().sort_values([SIDE, SIZE]).itertuples(index=False, name=None)
    return {f"{side}x{side}, {size:,} images": objectives("good", {SIDE: side, SIZE: size}) for side, size in cells}


EXPERIMENT = by_row(rows)
