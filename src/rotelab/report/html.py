"""Writes a page for a browser on a sweep, or on all sweeps of a results folder: one file, which needs no other.

python -m rotelab.report.html multirun --out report.html
"""

import warnings
from collections.abc import Sequence
from pathlib import Path

from rotelab.claims.claim import Answer
from rotelab.config import choices
from rotelab.config.exits import exiting
from rotelab.config.flags import Flags
from rotelab.config.named import named
from rotelab.errors import Notice, printable
from rotelab.files import check_writable, write
from rotelab.report import claims, reported
from rotelab.report.page.page import page
from rotelab.report.reported import Sweep
from rotelab.report.sections import sweep as section
from rotelab.results.states import STATES

MOST = 300_000
"""Bytes of a page, which the curves are thinned for."""
LEAST = 4_000
"""Bytes of JSON of a sweep's curves, however many sweeps there are."""


def report(folder: Path) -> str:
    """The page on a sweep's folder, or on a results folder. Raises InputError where there are no runs."""
    sweeps = reported.load(folder)
    answers = _answers(sweeps)
    bare = _page(folder, sweeps, answers, 0)  # its curves as thin as can be
    budget = max(LEAST, (MOST - len(bare.encode())) // len(sweeps))
    return _page(folder, sweeps, answers, budget)


def _page(folder: Path, sweeps: Sequence[Sweep], answers: Sequence[Sequence[Answer]], budget: int) -> str:
    sections = [section.section(sweep, i, answers[i], budget) for i, sweep in enumerate(sweeps)]
    counts = {state: sum(sweep.counts.get(state, 0) for sweep in sweeps) for state in STATES}
    told = section.counted({state: count for state, count in counts.items() if count})
    of = f"{len(sweeps)} sweeps, {told}" if len(sweeps) > 1 else told
    return page(printable(folder.resolve().name), f"{of}. Made by rotelab report.", sections)


def _answers(sweeps: Sequence[Sweep]) -> list[list[Answer]]:
    """Of each sweep, to all claims of its work, from what lies beside it; none for a sweep of one's own."""
    asked: dict[tuple[Path, str, str], list[Answer]] = {}
    found = []
    for sweep in sweeps:
        if not (known := named(sweep.name)):
            found.append([])
            continue
        place = (sweep.folder.parent, known.scale, known.work)
        if place not in asked:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Notice)  # said when the sweep was read
                asked[place] = claims.answered({known.work: claims.load_work(*place)}, known.scale)[known.work]
        found.append(asked[place])
    return found


@exiting()
def main() -> None:
    parser = Flags(__doc__)
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=choices.results(),
        help="of a sweep, or of several (default: %(default)s)",
    )
    parser.add_argument("--out", type=Path, help="the file to write (default: report.html in the folder)")
    options = parser.parse_args()
    folder = options.folder.expanduser()
    out = (options.out or folder / "report.html").expanduser()
    with exiting(out):
        check_writable(out.parent)
        text = report(folder)
        out.parent.mkdir(parents=True, exist_ok=True)
        write(out, text)
    print(f"the page: {out}")


if __name__ == "__main__":
    main()
