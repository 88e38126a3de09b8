"""A dashboard for each work whose runs there are: what `rotelab export wandb` told, as panels.

rotelab dashboard wandb multirun
rotelab dashboard wandb multirun --mode online --entity my-team
"""

import os
from collections import defaultdict
from pathlib import Path

from rotelab.config import choices
from rotelab.config.exits import exiting
from rotelab.config.flags import Flags
from rotelab.config.named import named
from rotelab.errors import InputError, RunError
from rotelab.experiments import catalogue
from rotelab.files import write
from rotelab.options import first_line
from rotelab.plurals import plural
from rotelab.report.export import finished
from rotelab.results import files
from rotelab.tracking.ratios import ratios
from rotelab.tracking.workspace import Shown, specification, workspace


def shown(folder: Path) -> dict[str, Shown]:
    """What there is to show of each work with runs that have finished in a folder, of a sweep or of several. Raises
    InputError where there are none."""
    metrics: dict[str, set[str]] = defaultdict(set)
    of_pairs: dict[str, set[str]] = defaultdict(set)
    sweeps: dict[str, set[str]] = defaultdict(set)
    for sweep, runs in finished(folder).items():
        if ours := named(sweep.name):
            results = [files.read(sweep / run)[0] for run in runs]
            metrics[ours.work].update(name for result in results for name in result["metrics"])
            of_pairs[ours.work].update(name for of_size in ratios(results).values() for name in of_size)
            sweeps[ours.work].add(f"{ours.work}/{ours.name}")
    if not sweeps:
        raise InputError(f"{folder} holds no run of a sweep of ours: sweep=fig1, ...")
    drawn = {name: set(catalogue.sweeps(name)) for name in catalogue.names() if name.partition("/")[0] in sweeps}
    return {
        work: Shown(
            metrics[work],
            of_pairs[work],
            {name.partition("/")[2] for name, needs in drawn.items() if needs & there},
        )
        for work, there in sorted(sweeps.items())
    }


@exiting()
def main() -> None:
    parser = Flags(__doc__)
    parser.add_argument("to", choices=["wandb"], help="whose")
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=choices.results(),
        help="of a sweep, or of several (default: %(default)s)",
    )
    parser.add_argument("--mode", choices=["offline", "online"], default="offline", help="(default: %(default)s)")
    parser.add_argument("--project", default="rotelab", help="of W&B (default: %(default)s)")
    parser.add_argument("--entity", default=os.environ.get("WANDB_ENTITY", ""), help="user or team (WANDB_ENTITY)")
    parser.add_argument("--out", type=Path, help="for the specifications (default: the folder)")
    options = parser.parse_args()
    folder = options.folder.expanduser()
    if options.mode == "online" and not options.entity:
        raise InputError("--entity: whose project it is, a user or a team of W&B")
    for work, there in shown(folder).items():
        made = workspace(work, there, options.entity, options.project)
        path = (options.out or folder) / f"dashboard-{work}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, specification(made))
        panels = sum(len(section.panels) for section in made.sections)
        print(f"{work}: {plural(panels, 'panel')} in {plural(len(made.sections), 'section')}, in {path}", flush=True)
        if options.mode == "online":
            try:
                made.save()
            except Exception as error:  # wandb raises its own errors, OSErrors and RuntimeErrors alike
                raise RunError(f"W&B has not saved it: {type(error).__name__}: {first_line(error)}") from error


if __name__ == "__main__":
    main()
