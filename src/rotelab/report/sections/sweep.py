"""A sweep: what its runs have in common, filters of what they vary, and its curves, claims, runs and provenance."""

from collections.abc import Mapping, Sequence
from typing import Any

from rotelab.claims.claim import Answer
from rotelab.config import choices
from rotelab.config.named import named
from rotelab.plurals import plural
from rotelab.report.page.page import Section, fill
from rotelab.report.reported import Run, Sweep
from rotelab.report.sections import claims, curves, provenance, runs
from rotelab.results import describe, states

STATE = "state"
"""What runs are filtered by beside their settings, where they differ in it."""


def section(sweep: Sweep, number: int, answers: Sequence[Answer], budget: int) -> Section:
    """``answers`` are those to all claims of its work, or none. ``budget``: see ``curves``."""
    key, parts = f"sweep-{number}", []
    settings = dict(sweep.varied)
    if len(sweep.counts) > 1:
        settings[STATE] = list(sweep.counts)
    of_run = {run.name: _label(sweep, run) for run in sweep.runs if run.result is not None}
    labels = list(dict.fromkeys(of_run.values()))
    groups = {name: labels.index(label) for name, label in of_run.items()}
    data = {"groups": labels, "runs": [_about(sweep, run, settings, groups) for run in sweep.runs]}
    if sweep.curves is not None:
        made = curves.curves(sweep, groups, budget)
        data |= made.data
        parts.append(Section(f"{key}-curves", "Curves", curves.contents(sweep, made, labels, groups)))
    if (known := named(sweep.name)) and any(known.name in found.claim.sweep for found in answers):
        parts.append(Section(f"{key}-claims", "Claims", claims.contents(known.work, known.name, answers, known.scale)))
    parts.append(Section(f"{key}-runs", "Runs", runs.contents(sweep)))
    if any(run.result for run in sweep.runs):
        parts.append(Section(f"{key}-provenance", "Provenance", provenance.contents(sweep)))
    common = describe.sweep(sweep.folder)[1:] if sweep.curves is not None else []
    head = fill(
        "sweep.html",
        counts=counted(sweep.counts),
        common=", ".join(common),
        goes_on=goes_on(sweep),
        settings=[
            (name, [value.replace("_", " ") if name == STATE else value for value in of])
            for name, of in settings.items()
        ],
        data=data,
    )
    return Section(key, sweep.name, head, parts)


def counted(counts: Mapping[str, int]) -> str:
    """``12 runs: 11 finished, 1 failed``."""
    total = sum(counts.values())
    return f"{plural(f'{total:,}', 'run')}: {', '.join(f'{number:,} {state}' for state, number in counts.items())}"


def goes_on(sweep: Sweep) -> str | None:
    """The command that does what is left, where that can be said."""
    known, left = named(sweep.name), any(state not in (states.FINISHED, states.DEAD) for state in sweep.counts)
    return f"rotelab train sweep={known.work}/{known.name} scale={known.scale}" if known and left else None


def _label(sweep: Sweep, run: Run) -> str:
    """What tells the line of a run from others."""
    parts = [
        value if key in choices.groups() else f"{key.rpartition('.')[2]} {value}"
        for key, value in sweep.values(run).items()
    ]
    return ", ".join(parts) or "all runs"


def _about(sweep: Sweep, run: Run, settings: Mapping[str, list[str]], groups: Mapping[str, int]) -> dict[str, Any]:
    """As the script has it: the place of its value of each setting, -1 where that is not known."""
    values = sweep.values(run) | {STATE: run.state.state}
    places = [of.index(values[name]) if name in values else -1 for name, of in settings.items()]
    about = {"s": places, "g": groups.get(run.name), "seed": run.config.get("seed")}
    return about | ({"d": 1} if run.state.state == states.DEAD else {})
