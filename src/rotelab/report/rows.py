"""The rows of claims.csv, and what many verdicts are worth."""

from collections.abc import Iterator, Mapping, Sequence

from rotelab.claims import written
from rotelab.claims.claim import CLAIM, Answer
from rotelab.claims.multiplicity import survivors
from rotelab.claims.samples import ALPHA
from rotelab.claims.verdicts import UNDECIDED

COLUMNS = (
    *("work", "kind", "claim", "where", "paper", "recorded", "measured", "rule", "verdict", "p", "holm"),
    *("scale", "unit", "mean", "low", "high", "seeds", "over", "interval", "values", "others", "note"),
)
"""Of the CSV: a row a claim and unit. ``kind`` is claim, check or exact; ``p`` the p-value of the verdict; ``holm``
whether it survives his correction within the work, yes or no, of what is decided; ``over`` what the seeds draw, where
it is not the weights alone; ``interval``, ``values`` and ``others`` are what ``claims.written`` reads."""


def rows(answers: Mapping[str, Sequence[Answer]], scale: str) -> list[dict[str, str]]:
    """Of the CSV: one a claim and unit; one without numbers, and with a note, for what was not measured."""
    return [row for work, of_work in answers.items() for row in _of_answers(work, of_work, scale)]


def _of_answers(work: str, answers: Sequence[Answer], scale: str) -> Iterator[dict[str, str]]:
    kept = survivors({found.claim.text: found.p for found in answers if counts(found) and found.p is not None})
    for found in answers:
        claim = found.claim
        said = dict.fromkeys(COLUMNS, "") | {"work": work, "kind": claim.kind, "claim": claim.text, "scale": scale}
        said |= {"where": claim.where, "paper": claim.paper, "recorded": claim.recorded, "measured": claim.quantity}
        said |= {"rule": str(claim.rule), "verdict": found.verdict, "p": "" if found.p is None else f"{found.p:.4g}"}
        if counts(found) and found.verdict != UNDECIDED:
            said["holm"] = "yes" if claim.text in kept else "no"
        for unit, at in found.intervals.items():
            sample = found.samples[unit]
            values, others = sample.written()
            numbers = {name: f"{getattr(at, name):.7g}" for name in ("mean", "low", "high")}
            how = {"interval": written.method(sample), "values": values, "others": others}
            yield said | numbers | how | {"unit": unit, "seeds": str(at.seeds), "over": found.over.removeprefix(", ")}
        if not found.intervals:
            yield said | {"note": found.note}


def counts(found: Answer) -> bool:
    """Whether it is among the verdicts of its work: no check, no arithmetic, and measured."""
    return found.claim.kind == CLAIM and bool(found.samples)


def multiplicity(answers: Sequence[Answer]) -> str:
    """How many verdicts there are, how many chance alone would decide, and how many survive Holm's correction."""
    of = [found for found in answers if counts(found)]
    decided = [found for found in of if found.verdict != UNDECIDED]
    kept = survivors({found.claim.text: found.p for found in of if found.p is not None})
    return (
        f"Verdicts: {len(of)}; decided: {len(decided)}; still decided after Holm's correction: {len(kept)}. Were every "
        f"quantity at the bound of its rule, chance would decide up to {ALPHA * len(of):.2g}."
    )
