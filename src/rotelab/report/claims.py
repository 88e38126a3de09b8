"""Writes the tables of claims, one for each paper, from a results folder alone.

python -m rotelab.report.claims multirun --scale small
"""

import argparse
import csv
import io
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas

from rotelab.claims.claim import NO_RUN, Answer, answer
from rotelab.config import choices
from rotelab.config.exits import exiting
from rotelab.errors import RunError
from rotelab.experiments import catalogue
from rotelab.files import write
from rotelab.results import files, table

HEADER = ("claim", "where", "paper", "recorded", "ours", "what is measured", "holds if", "verdict")
COLUMNS = (
    *("work", "claim", "where", "paper", "recorded", "measured", "rule", "verdict"),
    *("scale", "unit", "mean", "low", "high", "seeds", "note"),
)
"""Of the CSV: a row a claim and unit."""


def rows(answers: Sequence[Answer]) -> list[tuple[str, ...]]:
    """Of the Markdown table."""
    rows = []
    for found in answers:
        claim = found.claim
        said = (claim.text, claim.where, claim.paper, claim.recorded)
        rows.append((*said, found.ours, claim.quantity, str(claim.rule), found.verdict))
    return rows


def markdown(answers: Mapping[str, Sequence[Answer]], scale: str, about: str = "") -> str:
    """A table for each work of which there are finished runs, and how to read them; a line for each other one."""
    lines = [
        f"# The papers' claims at `scale={scale}`",
        *(["", about] if about else []),
        "",
        "`ours` is the mean over seeds with its 95 % interval (Student's t). A claim holds, or fails, where the whole",
        "interval satisfies, or contradicts, what stands under `holds if`; it is undecided where the interval crosses",
        "the bound, and depends on the unit where it holds in one and fails in another.",
        "",
    ]
    for name, found in answers.items():
        lines += [f"## {catalogue.work(name).title}", ""]
        of_runs = [of for of in found if of.claim.sweep]
        if of_runs and all(of.note.startswith(NO_RUN) for of in of_runs):
            lines += [f"{unmeasured(found)}.", ""]
            continue
        table = (HEADER, ("---",) * len(HEADER), *rows(found))
        lines += [catalogue.work(name).seeds, ""]
        lines += ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in table]
        lines.append("")
    return "\n".join(lines)


def unmeasured(answers: Sequence[Answer]) -> str:
    """``not measured: 7 of 38 claims: no finished run of sweep=fig2d (3), ...``; empty where all are."""
    notes = Counter(found.note for found in answers if not found.intervals)
    reasons = ", ".join(f"{note} ({count})" for note, count in notes.items())
    return f"not measured: {notes.total()} of {len(answers)} claims: {reasons}" if notes else ""


def as_csv(answers: Mapping[str, Sequence[Answer]], scale: str) -> str:
    """A row a claim and unit; one without numbers, and with a note, for what was not measured."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for work, of_work in answers.items():
        for found in of_work:
            claim = found.claim
            said = (work, claim.text, claim.where, claim.paper, claim.recorded, claim.quantity, str(claim.rule))
            for unit, at in found.intervals.items():
                numbers = (f"{number:.7g}" for number in (at.mean, at.low, at.high))
                writer.writerow((*said, found.verdict, scale, unit, *numbers, at.seeds, ""))
            if not found.intervals:
                writer.writerow((*said, found.verdict, scale, "", "", "", "", "", found.note))
    return file.getvalue()


Tables = Mapping[str, Mapping[str, pandas.DataFrame]]
"""Work -> sweep -> the table of its runs."""


def load(folder: Path, scale: str) -> Tables:
    """Of each sweep at ``scale`` that has a finished run, by its work."""
    return {work: _of_work(folder, scale, work) for work in catalogue.works()}


def _of_work(folder: Path, scale: str, work: str) -> dict[str, pandas.DataFrame]:
    found = {}
    for sweep in sorted({sweep for claim in catalogue.claims(work) for sweep in claim.sweep}):
        with warnings.catch_warnings():
            # what is missing, the table says; what is damaged, it does not
            warnings.simplefilter("ignore", table.Absent)
            try:
                found[sweep] = table.load_sweep(folder / files.sweep_folder(f"{work}/{sweep}", scale))
            except FileNotFoundError:
                continue
    return found


def answered(tables: Tables, scale: str) -> dict[str, list[Answer]]:
    """The verdicts on each work."""
    return {work: [answer(claim, of, scale) for claim in catalogue.claims(work)] for work, of in tables.items()}


@exiting()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "results", type=Path, nargs="?", default=choices.results(), help="the results folder (default: %(default)s)"
    )
    parser.add_argument("--scale", default="demo", help="smoke, demo, small or paper: which sweeps (default: demo)")
    parser.add_argument(
        "--out", type=Path, help="where to write claims.md and claims.csv (default: the results folder)"
    )
    parser.add_argument("--title", default="", help="a sentence on what was run, for the table's head")
    options = parser.parse_args()
    results = options.results.expanduser()
    if not results.is_dir():
        raise RunError(f"{results}: there is no such folder")
    tables = load(results, options.scale)
    exact = any(results.glob(f"*-{options.scale}"))  # figures without runs lie in such folders, too
    if not any(tables.values()) and not exact:
        raise RunError(f"{results}: no finished run of a sweep at scale={options.scale}")
    answers = answered(tables, options.scale)
    out = (options.out or results).expanduser()
    with exiting(out):
        out.mkdir(parents=True, exist_ok=True)
        write(out / "claims.md", markdown(answers, options.scale, options.title))
        write(out / "claims.csv", as_csv(answers, options.scale))
    for name, of_work in answers.items():
        print(f"{catalogue.work(name).title}:")
        for found in of_work:
            if found.intervals:
                print(f"  {found.verdict}: {found.claim.text} ({found.ours})")
        if line := unmeasured(of_work):
            print(f"  {line}")
    print(f"the tables: {out / 'claims.md'}, {out / 'claims.csv'}")


if __name__ == "__main__":
    main()
