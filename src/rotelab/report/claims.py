"""Writes the tables of claims, one for each paper, from a results folder alone.

python -m rotelab.report.claims multirun --scale small
"""

import csv
import io
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas

from rotelab.claims.claim import CHECK, CLAIM, EXACT, NO_RUN, Answer, answer
from rotelab.config import choices
from rotelab.config.exits import exiting
from rotelab.config.flags import Flags
from rotelab.errors import RunError
from rotelab.experiments import catalogue
from rotelab.files import check_writable, write
from rotelab.report import verdicts
from rotelab.report.rows import COLUMNS, counts, multiplicity, rows
from rotelab.results import files, table

READ = """
*Ours* is the mean over seeds with its 95 % interval, which stays inside what the quantity can be: Student's t for any
number a seed, Welch's of two different networks, that of the logit for accuracies and rank correlations, exact ones for
shares of runs. A claim holds, or fails, where the whole interval satisfies, or contradicts, what is printed **bold**;
it is undecided where the interval crosses that, and depends on the unit where it holds in one and fails in another. p
is that of the verdict: were the quantity at the bound of its rule, so sure a verdict, for or against, would come with
that probability. Of many verdicts some come by chance: those of a work that *survive Holm* hold together at 5 %.
"""
CHECKS = """
**Checks of the set-up.** They can't come out otherwise where runs are what they were made to be, and count for nothing
else:
"""
ARITHMETIC = """
**Arithmetic**, without runs:
"""


def markdown(answers: Mapping[str, Sequence[Answer]], scale: str, about: str = "") -> str:
    """Tables for each work of which there are finished runs, and how to read them; of each other one a line, and its
    arithmetic."""
    lines = [f"# The papers' claims at `scale={scale}`", *(["", about] if about else []), READ]
    for name, found in answers.items():
        lines += [f"## {catalogue.work(name).title}", ""]
        of_runs = [of for of in found if of.claim.sweep]
        if of_runs and all(of.note.startswith(NO_RUN) for of in of_runs):
            lines += [f"{unmeasured(found)}.", ""]
            found = [of for of in found if not of.claim.sweep]  # arithmetic, if there is any
        else:
            asked = any(of.claim.kind == CLAIM for of in found)
            lines += [catalogue.work(name).seeds, *([multiplicity(found)] if asked else []), ""]
        of_work = rows({name: found}, scale)
        for kind, words in ((CLAIM, ""), (CHECK, CHECKS), (EXACT, ARITHMETIC)):
            if of_kind := [row for row in of_work if row["kind"] == kind]:
                lines += [*([words] if words else []), *verdicts.table(of_kind), ""]
    return "\n".join(lines)


def unmeasured(answers: Sequence[Answer]) -> str:
    """``not measured: 7 of 38 claims: no finished run of sweep=fig2d (3), ...``; empty where all are."""
    notes = Counter(found.note for found in answers if not found.samples)
    reasons = ", ".join(f"{note} ({count})" for note, count in notes.items())
    return f"not measured: {notes.total()} of {len(answers)} claims: {reasons}" if notes else ""


def as_csv(answers: Mapping[str, Sequence[Answer]], scale: str) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(answers, scale))
    return file.getvalue()


Tables = Mapping[str, Mapping[str, pandas.DataFrame]]
"""Work -> sweep -> the table of its runs."""


def load(folder: Path, scale: str) -> Tables:
    """Of each work that has a sweep's folder at ``scale``, or that of a figure without runs: of each of its sweeps that
    has a finished run."""
    there = [work for work in catalogue.works() if any(folder.glob(files.sweep_folder(f"{work}/*", scale)))]
    return {work: load_work(folder, scale, work) for work in there}


def load_work(folder: Path, scale: str, work: str) -> dict[str, pandas.DataFrame]:
    """Of each sweep of a work at ``scale`` that has a finished run."""
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
    parser = Flags(__doc__)
    parser.add_argument(
        "results", type=Path, nargs="?", default=choices.results(), help="the results folder (default: %(default)s)"
    )
    parser.add_scale()
    parser.add_argument(
        "--out", type=Path, help="where to write claims.md and claims.csv (default: the results folder)"
    )
    parser.add_argument("--title", default="", help="a sentence on what was run, for the table's head")
    options = parser.parse_args()
    results = options.results.expanduser()
    if not results.is_dir():
        raise RunError(f"{results}: there is no such folder")
    tables = load(results, options.scale)
    if not tables:
        raise RunError(f"{results}: no sweep and no figure at scale={options.scale}")
    out = (options.out or results).expanduser()
    with exiting(out):
        check_writable(out)
        answers = answered(tables, options.scale)
        out.mkdir(parents=True, exist_ok=True)
        write(out / "claims.md", markdown(answers, options.scale, options.title))
        write(out / "claims.csv", as_csv(answers, options.scale))
    for name, of_work in answers.items():
        print(f"{catalogue.work(name).title}:")
        for found in of_work:
            if found.samples:
                kind = "" if found.claim.kind == CLAIM else f" ({found.claim.kind})"
                print(f"  {found.verdict}{kind}: {found.claim.text} ({found.ours})")
        if any(map(counts, of_work)):
            print(multiplicity(of_work))
        if line := unmeasured(of_work):
            print(f"  {line}")
    if others := [catalogue.work(name).title for name in catalogue.works() if name not in answers]:
        print(f"neither a sweep nor a figure at scale={options.scale}: {', '.join(others)}")
    print(f"the tables: {out / 'claims.md'}, {out / 'claims.csv'}")


if __name__ == "__main__":
    main()
