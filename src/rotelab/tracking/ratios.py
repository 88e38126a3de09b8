"""How much harder an objective is than plain training, by the size of the data: from the results of a sweep."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from rotelab.tracking.described import config, difficulty

PLAIN = "standard"
SIZE = "size"


def ratios(results: Iterable[Mapping[str, Any]]) -> dict[int, dict[str, float]]:
    """By ``data.size``, ascending, ``ratio/split/epochs_to/0.5`` and the like: what an objective took to a level that
    both reached over what Eq. (3) did, in each unit; the geometric mean over pairs of runs that are alike in all but
    the objective."""
    alike: dict[tuple[int, str], dict[str, dict[str, int]]] = defaultdict(dict)
    for result in results:
        flat = config(result, "")
        others = sorted((key, repr(value)) for key, value in result["overrides"].items() if key != "objective")
        if size := flat.get("data.size"):
            alike[size, repr((others, flat.get("seed")))][result["choices"]["objective"]] = difficulty(result)
    logs: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for (size, _), took in alike.items():
        plain = {name: at for name, at in took.pop(PLAIN, {}).items() if at}
        for objective, of_each in took.items():
            for name in plain.keys() & of_each.keys():
                logs[size][f"ratio/{objective}/{name}"].append(math.log(of_each[name] / plain[name]))
    means = {
        size: {name: math.exp(sum(of) / len(of)) for name, of in sorted(found.items())} for size, found in logs.items()
    }
    return dict(sorted(means.items()))
