"""The claims on smoothness from made-up tables: each holds and fails on either side of its bound."""

import pytest
from asking import Case, always, check_bound, verdict
from widths import smooth

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.double_descent.claims.smoothness import CLAIMS

PLACE = "Slopes at train images are greatest where networks can just interpolate"
FALLS = "... and the widest network is smoother"
WRONG = "At the threshold slopes are greater at wrongly labelled images"


def test_the_peak_is_at_the_threshold() -> None:
    near = {4: always(1.0), 8: always(3.0), 16: always(2.0)}
    assert verdict(CLAIMS, PLACE, smooth(near)) == HOLDS
    far = {1: always(1.0), 2: always(5.0), 8: always(3.0), 16: always(2.0)}
    assert verdict(CLAIMS, PLACE, smooth(far)) == FAILS


@pytest.mark.parametrize(
    ("text", "case"),
    [
        (FALLS, (lambda by: smooth({4: always(1.0), 8: always(1.0), 16: lambda seed: 2.0 ** by(seed)}), -1.0, 1.0)),
        (WRONG, (lambda by: smooth({w: always(1.0) for w in (4, 8, 16)}, lambda seed: 2.0 ** by(seed)), 1.0, -1.0)),
    ],
    ids=["falls", "wrong"],
)
def test_either_side_of_the_bound(text: str, case: Case) -> None:
    check_bound(CLAIMS, text, case)


def test_the_product_of_norms_against_what_ascent_finds() -> None:
    (text,) = (claim.text for claim in CLAIMS if claim.text.startswith("The product"))
    assert verdict(CLAIMS, text, smooth({w: always(1.0) for w in (4, 8, 16)})) == HOLDS


def test_without_a_threshold_there_is_no_answer() -> None:
    narrow = smooth({2: always(1.0), 3: always(2.0), 4: always(1.0)})
    assert [verdict(CLAIMS, text, narrow) for text in (PLACE, FALLS, WRONG)] == [NOT_MEASURED] * 3
