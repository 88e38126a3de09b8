"""Tells Weights & Biases of all runs that have finished, by their files: also of those that were copied, skipped or
trained before anybody logged them, each once; and of each sweep of ours its figure and its verdicts.

rotelab export wandb multirun
"""

import hashlib
import json
import math
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rotelab.claims.claim import Answer
from rotelab.config import choices
from rotelab.config.exits import exiting
from rotelab.config.flags import Flags
from rotelab.config.named import Named, named
from rotelab.errors import InputError, Notice, Refusal, RunError
from rotelab.experiments import catalogue
from rotelab.figures import style
from rotelab.plurals import plural
from rotelab.report import claims, draw
from rotelab.report.rows import rows
from rotelab.results import files
from rotelab.sweeps.job import shown
from rotelab.tracking import described
from rotelab.tracking.ratios import SIZE, ratios
from rotelab.tracking.replay import replay, told
from rotelab.tracking.tracked import FINISHED
from rotelab.tracking.wandb_run import Destination, WandbRun, recorded

TABLE = ("claim", "where", "verdict", "p", "holm", "rule", "unit", "mean", "low", "high", "seeds", "note")
"""Columns of the table of claims, of those of ``claims.csv``."""


def finished(folder: Path) -> dict[Path, list[str]]:
    """The finished runs of a sweep, of all sweeps in a results folder, or the run whose folder it is, by sweep. Raises
    InputError where there are none."""
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder")
    folder = folder.resolve()
    if (folder / files.RESULT).exists():
        found = {folder.parent: [folder.name]}
    else:
        found = {sweep: files.runs(sweep) for sweep in (folder, *sorted(folder.glob("*"))) if sweep.is_dir()}
    whole = {sweep: [run for run in runs if files.finished(sweep / run)] for sweep, runs in found.items()}
    if not any(whole.values()):
        raise InputError(f"{folder} holds no run that has finished")
    return {sweep: runs for sweep, runs in whole.items() if runs}


def export_runs(sweep: Path, runs: Iterable[str], destination: Destination, again: bool = False) -> tuple[int, int]:
    """How many runs were told now, and how many failed to be; those that were told before are left, but ``again``."""
    runs = list(runs)
    results = _results(sweep, {*files.runs(sweep), *runs})
    of_sweep = sweep.name != files.SINGLE
    differ = described.varied(result["overrides"] for result in results.values()) if of_sweep else None
    went = [
        replay(sweep / run, WandbRun(sweep / run, destination, **shown(sweep / run, results[run], differ)))
        for run in runs
        if again or not told(sweep / run, destination)
    ]
    return went.count(True), went.count(False)


def export_claims(sweep: Path, ours: Named, destination: Destination, again: bool = False) -> bool | None:
    """A W&B run of the type ``claims`` with the figures and verdicts of a sweep, whether it went well; None where that
    was told before and nothing has changed, or where nothing can be said of the sweep."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Notice)  # said when the runs were read
        tables = {ours.work: claims.load_work(sweep.parent, ours.scale, ours.work)}
        answers = claims.answered(tables, ours.scale)[ours.work]
    asked = [found for found in answers if ours.name in found.claim.sweep and found.samples]
    verdicts = _table(ours, answers, asked)
    results = _results(sweep, files.runs(sweep)).values()
    curves = [result["curve"]["sha256"] for result in results]
    fingerprint = hashlib.sha256(json.dumps([verdicts, curves]).encode()).hexdigest()
    if recorded(sweep).get("told") == fingerprint and not again:
        return None
    with TemporaryDirectory() as folder:
        pictures = _pictures(sweep, ours, Path(folder))
        if not (asked or pictures):
            return None
        about: dict[str, Any] = {"name": f"claims of {sweep.name}", "group": sweep.name, "job_type": "claims"}
        config = {"work": ours.work, "sweep": ours.name, "scale": ours.scale, "runs": len(curves)}
        tracked = WandbRun(sweep, destination, **about, config=config, files=sweep)
        tracked.start(goes_on=True, axes=())
        for size, of_size in ratios(results).items():
            tracked.log(size, {SIZE: size, **of_size})
        tracked.show(
            lambda wandb: {
                "claims": wandb.Table(columns=list(TABLE), data=verdicts),
                **{f"figures/{name}": wandb.Image(str(path)) for name, path in pictures.items()},
            }
        )
        counts = {f"verdicts/{found.verdict}": 0 for found in asked}
        for found in asked:
            counts[f"verdicts/{found.verdict}"] += 1
        return tracked.finish(counts, FINISHED, fingerprint)


def _table(ours: Named, answers: Sequence[Answer], asked: Sequence[Answer]) -> list[list[str]]:
    """Holm's correction is over all claims of the work, the rows are those of this sweep."""
    texts = {found.claim.text for found in asked}
    found = rows({ours.work: answers}, ours.scale)
    return [[row[column] for column in TABLE] for row in found if row["claim"] in texts]


def _results(sweep: Path, runs: Iterable[str]) -> dict[str, dict[str, Any]]:
    return {run: files.read(sweep / run)[0] for run in runs if files.finished(sweep / run)}


def _pictures(sweep: Path, ours: Named, folder: Path) -> dict[str, Path]:
    """Of all experiments that are drawn of this sweep and have what they need."""
    drawn = {}
    for name in catalogue.names():
        if f"{ours.work}/{ours.name}" not in catalogue.sweeps(name):
            continue
        places = [sweep.parent / files.sweep_folder(other, ours.scale) for other in catalogue.sweeps(name)]
        try:
            figure, _, _ = draw.figure(name, places)
        except (FileNotFoundError, Refusal, RunError):  # not all of its runs have finished
            continue
        file = name.rpartition("/")[2]
        drawn[file] = next(path for path in style.save(figure, folder, file) if path.suffix == ".png")
    return drawn


def seconds(text: str) -> float:
    """Raises ValueError for what a clock can't count to: W&B would be waited for without end."""
    if not 0 < (found := float(text)) < math.inf:
        raise ValueError(text)
    return found


@exiting()
def main() -> None:
    parser = Flags(__doc__)
    parser.add_argument("to", choices=["wandb"], help="where to")
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=choices.results(),
        help="of a sweep, of several, or of a run (default: %(default)s)",
    )
    parser.add_argument("--mode", choices=["offline", "online"], default="offline", help="(default: %(default)s)")
    parser.add_argument("--project", default="rotelab", help="of W&B (default: %(default)s)")
    parser.add_argument("--tag", action="append", default=[], help="of every run; may be given more than once")
    parser.add_argument(
        "--timeout", type=seconds, default=60.0, help="seconds that W&B is waited for (default: %(default)g)"
    )
    parser.add_argument("--again", action="store_true", help="also what was told before, as the same W&B runs")
    options = parser.parse_args()
    destination = Destination(options.project, options.mode, options.tag, options.timeout)
    failed = 0
    for sweep, runs in finished(options.folder.expanduser()).items():
        now, lost = export_runs(sweep, runs, destination, options.again)
        ours = named(sweep.name)
        verdicts = export_claims(sweep, ours, destination, options.again) if ours else None
        failed += lost + (verdicts is False)
        line = f"{sweep}: {plural(len(runs), 'run')}, {now} told now, {len(runs) - now - lost} told before"
        print(f"{line}{', its figures and claims' if verdicts else ''}", flush=True)
    if failed:
        raise RunError(f"{failed} could not be told: the same command tries them again")
    if options.mode == "offline":
        print("to send them: wandb sync, in the folder of a sweep")


if __name__ == "__main__":
    main()
