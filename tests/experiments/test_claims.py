"""What holds for the claims of every work."""

import pandas
import pytest

from rotelab.claims.claim import EXACT, Claim, answer
from rotelab.claims.verdicts import HOLDS, NOT_MEASURED
from rotelab.config import choices
from rotelab.experiments import catalogue

ALL = [(work, claim) for work in catalogue.works() for claim in catalogue.claims(work)]


def named(claims: list[tuple[str, Claim]]) -> pytest.MarkDecorator:
    """A case a claim."""
    return pytest.mark.parametrize(("work", "claim"), claims, ids=[f"{work}: {claim.text}" for work, claim in claims])


@pytest.mark.parametrize("work", catalogue.works())
def test_claims_are_told_apart(work: str) -> None:
    texts = [claim.text for claim in catalogue.claims(work)]
    assert len(set(texts)) == len(texts) > 0


@named(ALL)
def test_a_claim_says_what_where_and_how_and_its_sweeps_are_its_works(work: str, claim: Claim) -> None:
    assert all((claim.text, claim.where, claim.paper, claim.recorded, claim.quantity, str(claim.rule)))
    assert {f"{work}/{sweep}" for sweep in claim.sweep} <= set(choices.of("sweep"))


@named([(work, claim) for work, claim in ALL if claim.sweep])
def test_without_its_sweep_nothing_is_measured(work: str, claim: Claim) -> None:
    found = answer(claim, {}, claim.only or "small")
    assert (found.verdict, found.ours) == (NOT_MEASURED, f"no finished run of sweep={claim.sweep[0]}")


@pytest.mark.slow
@named([(work, claim) for work, claim in ALL if claim.kind == EXACT])
def test_arithmetic_agrees_with_the_papers(work: str, claim: Claim) -> None:
    assert answer(claim, {}, claim.only or "small").verdict == HOLDS


@pytest.mark.slow
@named([(work, claim) for work, claim in ALL if claim.by_seed])
def test_what_is_drawn_or_fitted_has_a_verdict_of_its_seeds(work: str, claim: Claim) -> None:
    found = answer(claim, {}, "small")
    assert found.verdict != NOT_MEASURED and found.p is not None
    assert all(at.seeds >= 3 and at.low < at.high for at in found.intervals.values())


@named(ALL)
def test_claims_of_the_papers_sizes_are_asked_at_paper_alone(work: str, claim: Claim) -> None:
    if claim.only:
        assert claim.only == "paper"
        found = answer(claim, {claim.sweep[0]: pandas.DataFrame()}, "demo")
        assert (found.verdict, found.ours) == (NOT_MEASURED, "a number of the sizes of scale=paper")


def test_the_order_of_the_page_is_the_papers_and_others_come_last(monkeypatch: pytest.MonkeyPatch) -> None:
    work = catalogue.work("gradient_splitting")
    in_order = [claim.text for claim in catalogue.claims("gradient_splitting")]
    assert in_order[0] == "The ConvNet has 905,930 parameters"
    gap = "Epochs of (1) over epochs of (3) tell images from noise"
    assert in_order.index(gap) < in_order.index("The class that wins is that of the greatest excess")
    monkeypatch.setattr(catalogue, "work", lambda name: type(work)(work.title, work.seeds, ("gap",)))
    by_name = [claim.text for claim in catalogue.claims("gradient_splitting")]
    assert by_name[:2] == [gap, "Unequal classes in a pair of batches kill gradient splitting"]
    assert sorted(by_name) == sorted(in_order)
