"""Where results come from: commit, versions, device, and how long they took."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from rotelab.plurals import plural
from rotelab.report.page.table import Column, table
from rotelab.report.reported import Sweep
from rotelab.training.duration import in_words

FACTS = ("commit", "device", "machine", "threads", "together", "sittings")


def contents(sweep: Sweep) -> Markup:
    results = [run.result for run in sweep.runs if run.result is not None]
    finished = sorted(result["finished"] for result in results)
    seconds = sum(result["seconds"] for result in results)
    rows = [
        ["folder", str(sweep.folder)],
        ["finished", finished[0] if len(finished) == 1 else f"{finished[0]} to {finished[-1]}"],
        ["seconds", f"{seconds:,.0f} ({in_words(seconds)}) of {len(results)} finished runs together"],
        *([name, _counted(values)] for name, values in _facts(results)),
    ]
    return table(
        "What the runs were made with", [Column("what", sortable=False), Column("of the runs", sortable=False)], rows
    )


def _facts(results: list[Mapping[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
    for name in FACTS:
        yield name, [result.get(name) for result in results]
    for library in dict.fromkeys(name for result in results for name in result.get("versions", {})):
        yield library, [result.get("versions", {}).get(library) for result in results]


def _counted(values: list[Any]) -> str:
    """``cpu``, or ``cpu (3 runs), cuda (1 run)``."""
    found = Counter("not known" if value is None else str(value) for value in values)
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{value} ({plural(count, 'run')})" for value, count in found.most_common())
