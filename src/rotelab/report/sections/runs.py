"""A table of runs: settings, state, what came out, and the command that trains each once more."""

from markupsafe import Markup

from rotelab.data.splits import NAMES as SPLITS
from rotelab.report.page.page import fill
from rotelab.report.page.table import Column, Value, table
from rotelab.report.reported import Run, Sweep


def contents(sweep: Sweep) -> Markup:
    columns = [
        *(Column("run"), Column("state")),
        *(Column(name, number=_numbers(values)) for name, values in sweep.varied.items()),
        *(Column("seed", True), Column("epochs", True, ",d")),
        *(Column(split.replace("_", "-"), True, ".3f") for split in SPLITS),
        *(Column("seconds", True, ",.0f"), Column("command", sortable=False)),
    ]
    return table("Runs; a click on a head sorts them", columns, [_row(sweep, run) for run in sweep.runs], numbered=True)


def _row(sweep: Sweep, run: Run) -> list[Value]:
    values, metrics = sweep.values(run), run.result["metrics"] if run.result else {}
    settings: list[Value] = [
        float(values[name]) if name in values and _numbers(of) else values.get(name)
        for name, of in sweep.varied.items()
    ]
    return [
        *(run.name, fill("state.html", run=run.state), *settings, run.config.get("seed"), run.state.epoch),
        *(metrics.get(f"accuracy/{split}") for split in SPLITS),
        *(run.state.seconds, fill("command.html", command=command) if (command := run.command) else None),
    ]


def _numbers(values: list[str]) -> bool:
    try:
        return bool([float(value) for value in values])
    except ValueError:
        return False
