"""The parameters that the paper's networks have."""

import pytest

from rotelab.claims.claim import Claim, answer
from rotelab.claims.verdicts import HOLDS
from rotelab.experiments.randomization_tests.claims import parameters


@pytest.mark.parametrize("claim", parameters.CLAIMS, ids=lambda claim: claim.text)
def test_the_parameters_are_the_papers(claim: Claim) -> None:
    found = answer(claim, {}, "small")
    assert (found.verdict, found.ours) == (HOLDS, claim.paper)
