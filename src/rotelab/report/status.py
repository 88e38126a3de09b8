"""How far sweeps are: what has finished, is under way, was interrupted, has failed, is dead or left, and for how long.

python -m rotelab.report.status multirun
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from rotelab.config import choices
from rotelab.config.exits import exiting
from rotelab.config.flags import Flags
from rotelab.plurals import plural
from rotelab.results import states
from rotelab.results.states import FAILED, INTERRUPTED, UNDER_WAY, Progress, State
from rotelab.training.duration import in_words


def lines(progress: Progress) -> Iterator[str]:
    """A line on a folder, and one on each of its runs that is under way, was interrupted or has failed."""
    count = len(progress.runs)
    told = ", ".join(f"{number} {state}" for state, number in progress.counts.items())
    left = f"; about {in_words(progress.seconds_left)} left" if progress.seconds_left else ""
    yield f"{progress.folder}: {plural(count, 'run')}: {told}{left}"
    for run in progress.runs:
        if run.state in (UNDER_WAY, INTERRUPTED, FAILED):
            yield f"  {run.run}: {_line(run)}"


def _line(run: State) -> str:
    at = "before its first epoch" if run.epoch is None else f"epoch {run.epoch}"
    of = f" of {run.max_epochs}" if run.epoch is not None and run.max_epochs else ""
    ago = "" if run.age is None else f", last sign of life {in_words(max(0.0, run.age))} ago"
    reason = f": {run.reason}" if run.reason else ""
    goes_on = "" if run.goes_on_from is None else f"; goes on from epoch {run.goes_on_from}"
    return f"{run.state}, {at}{of}{ago}{reason}{goes_on}"


@exiting()
def main() -> None:
    parser = Flags(__doc__)
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=choices.results(),
        help="of a sweep, of several, or of a run (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="all of it, for a program: a list, an object a sweep")
    options = parser.parse_args()
    found = states.found(options.folder.expanduser(), time.time())
    if options.json:
        print(json.dumps([progress.as_json() for progress in found], indent=2))
    else:
        print(*(line for progress in found for line in lines(progress)), sep="\n")


if __name__ == "__main__":
    main()
