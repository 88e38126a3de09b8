"""``rotelab``, the command: each part of it is imported when it is asked for."""

import sys
from importlib import import_module
from importlib.metadata import version

from rotelab.errors import InputError, did_you_mean

COMMANDS = {
    "train": ("rotelab.train", "one run, or with -m or sweep= many: rotelab train objective=threshold objective.k=0.2"),
    "status": ("rotelab.report.status", "how far sweeps are, and how long they will take: rotelab status multirun"),
    "draw": ("rotelab.report.draw", "the figure of an experiment: rotelab draw fig1 --scale demo"),
    "claims": (
        "rotelab.report.claims",
        "every claim with a verdict: rotelab claims multirun --scale demo",
    ),
    "report": ("rotelab.report.html", "a sweep, or several, as a page for a browser: rotelab report multirun"),
    "export": ("rotelab.report.export", "finished runs, for a dashboard: rotelab export wandb multirun"),
    "dashboard": (
        "rotelab.report.dashboard",
        "a dashboard for each work, as code: rotelab dashboard wandb multirun",
    ),
    "audit": (
        "rotelab.report.audit",
        "your own images: memorized? labels, copies, oddities, as a page: rotelab audit ~/images",
    ),
    "bench": ("rotelab.benchmarks.program", "what things cost on this machine: rotelab bench epoch"),
}
HELP = "\n".join(
    [
        "usage: rotelab COMMAND ...",
        "",
        *(f"  {name:9} {what}" for name, (_, what) in COMMANDS.items()),
        "",
        "rotelab COMMAND --help says more; rotelab --version says which it is.",
    ]
)


def main() -> None:
    try:
        _main()
    except KeyboardInterrupt:  # while what says so is being imported
        print("interrupted: the same command starts again", file=sys.stderr)
        sys.exit(130)


def _main() -> None:
    from rotelab.config.exits import exiting  # it knows Hydra, which takes a moment

    command, *arguments = sys.argv[1:] or ["--help"]
    with exiting():
        if command in ("--help", "-h"):
            print(HELP)
            return
        if command == "--version":
            print(f"rotelab {version('rotelab')}")
            return
        if command not in COMMANDS:
            meant = did_you_mean(command, COMMANDS) or ": rotelab --help"
            raise InputError(f"{command} is none of {', '.join(COMMANDS)}{meant}")
        sys.argv = [f"rotelab {command}", *arguments]
        import_module(COMMANDS[command][0]).main()


if __name__ == "__main__":
    main()
