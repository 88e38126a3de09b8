"""Will a network memorize these images?"""

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from markupsafe import Markup

from rotelab.audit import memorization
from rotelab.audit.audit import Audit
from rotelab.audit.memorization import KINDS, Ends, Times
from rotelab.claims.samples import accuracies
from rotelab.report.page.page import fill
from rotelab.report.page.table import Column, Value, table
from rotelab.report.reported import Run, Sweep
from rotelab.report.sections import curves
from rotelab.results.states import FINISHED, State

COARSE = 3
"""Epochs of plain training, below which a ratio is rough: accuracies are known at their ends alone."""
BUDGET = 120_000
"""Bytes of the curves."""
NAMES = {"standard": "learning one half", "split": "memorizing one half"}


def contents(audit: Audit) -> Markup:
    times = memorization.times(audit.curves, audit.images.chance)
    return fill(
        "audit_memorization.html",
        sentence=sentence(times),
        gap=gap(audit),
        times=_times(times),
        ends=_ends(audit),
        curves=_curves(audit),
        size=audit.memorizing.size,
        seeds=audit.memorizing.seeds,
    )


def headline(times: Sequence[Times]) -> dict[str, Times]:
    """By kind, in epochs, at the lowest level to which plain training came in ``COARSE`` epochs or more on the images;
    the highest where there is none."""
    of_images = [time for time in times if time.kind == "images" and time.unit == "epochs"]
    if not of_images:
        return {}
    at = next((time for time in of_images if time.plain >= COARSE), of_images[-1]).accuracy
    return {time.kind: time for time in times if time.unit == "epochs" and time.accuracy == at}


def sentence(times: Sequence[Times]) -> str:
    """What was found, and how sure that is."""
    found = headline(times)
    if not found:
        return (
            "Not known: in the time that there was, no network learned enough of these images. More minutes, or fewer "
            "classes, may tell."
        )
    own, random, noise = found["images"], found.get("labels"), found.get("noise")
    start = f"Memorizing your images took a network {told(own)} as long as learning them did."
    if random is None:
        return f"{start} With random labels not every seed came so far in time: no comparison."
    start += f" With random labels it is {told(random)}, where there is nothing but memorizing"
    start += f"; with noise in place of the images {told(noise)}." if noise else "."
    return f"{start} {meaning(own, random)}"


def meaning(own: Times, random: Times) -> str:
    """By whether the ranges overlap."""
    if own.interval.low > random.interval.high and not random.beyond:
        return "So memorizing these images is harder: a network would rather generalize."
    if own.interval.high < random.interval.low and not own.beyond:
        return "So memorizing these images is even easier than with random labels."
    if own.beyond or random.beyond:
        return "Time was up too soon: this audit can't tell whether memorizing is harder. Give it more minutes."
    return "The ranges overlap: this audit can't tell whether memorizing is harder. More minutes make them narrower."


def told(time: Times) -> str:
    """``2.0 times (1.6 to 2.5)``; a ratio that was not seen to its end is a bound."""
    at = time.interval
    if time.beyond:
        return f"more than {at.mean:.1f} times (not there yet when time was up)"
    if not isfinite(at.high):
        return f"{at.mean:.1f} times (one seed, no range)"
    return f"{at.mean:.1f} times ({at.low:.1f} to {at.high:.1f})"


def gap(audit: Audit) -> str:
    """Of plain training."""
    own = next((of for of in memorization.ends(audit.curves) if of.kind == "images"), None)
    if own is None:
        return ""
    train, held_out, between = (sum(of) / len(of) for of in (own.train, own.held_out, own.gap))
    return (
        f"Learned as usual, it ends right on {train:.0%} of the images that it learned and on {held_out:.0%} of those "
        f"that it never saw; a guess would be right on {audit.images.chance:.0%}. The difference, {between:.0%}, is "
        "called the generalization gap: what it knows by heart, and does not help with other images."
    )


def _times(times: Sequence[Times]) -> Markup:
    columns = [Column("right on", True, ".0%"), Column("in"), *(Column(words) for words in KINDS.values())]
    found: dict[tuple[float, str], dict[str, Times]] = {}
    for time in times:
        found.setdefault((time.accuracy, time.unit), {})[time.kind] = time
    rows: list[list[Value]] = [
        [accuracy, unit, *(told(of[kind]) if kind in of else "not with every seed" for kind in KINDS)]
        for (accuracy, unit), of in found.items()
    ]
    return table("How much longer memorizing took than learning, until so many of the images were right", columns, rows)


def _ends(audit: Audit) -> Markup:
    columns = [Column("what was learned"), *(Column(name) for name in ("learned images", "unseen images", "gap"))]
    rows: list[list[Value]] = [[KINDS[of.kind], *_mean(of)] for of in memorization.ends(audit.curves)]
    return table("Learned as usual: the share that is right at the end", columns, rows)


def _mean(of: Ends) -> list[str]:
    shown = []
    for values in (of.train, of.held_out):
        at = accuracies(values).interval()
        shown.append(f"{at.mean:.1%} ({at.low:.0%} to {at.high:.0%})")
    return [*shown, f"{sum(of.gap) / len(of.gap):.1%}"]


def _curves(audit: Audit) -> Markup:
    """The networks as a sweep that was not one."""
    of = audit.curves.assign(class_count=len(audit.images.classes), objective=audit.curves.objective.map(NAMES))
    of["line"] = of.kind.map(KINDS) + ", " + of.objective
    lines = of.drop_duplicates("run")[["run", "line", "seed"]].to_dict("records")
    runs = [Run(State(line["run"], FINISHED), {"seed": line["seed"]}) for line in lines]
    sweep = Sweep(Path(), runs, of)
    labels = list(dict.fromkeys(str(line["line"]) for line in lines))
    groups = {str(line["run"]): labels.index(line["line"]) for line in lines}
    made = curves.curves(sweep, groups, BUDGET)
    about: list[Mapping[str, Any]] = [{"s": [], "g": groups[run.name], "seed": run.config["seed"]} for run in runs]
    shown = curves.contents(sweep, made, labels, groups)
    return fill("audit_curves.html", curves=shown, data={"groups": labels, "runs": about, **made.data})
