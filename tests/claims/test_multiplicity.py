"""p-values against scipy's tests, Holm's correction by hand, and both against what 95 % intervals decide."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest, ttest_1samp, ttest_ind

from rotelab.claims.multiplicity import p_value, survivors
from rotelab.claims.samples import ALPHA, Exact, Mean, Sample, Unpaired, accuracies
from rotelab.claims.shares import Count, ShareDifference, Shares
from rotelab.claims.verdicts import UNDECIDED, Above, Below, Rule, Within, verdict

VALUES = (0.3, 0.5, 0.8)
SHARES = st.lists(st.integers(0, 4).map(lambda found: Count(found, 4)), min_size=1, max_size=6).map(tuple)
NUMBERS = st.lists(st.floats(0, 1), min_size=1, max_size=6).map(tuple)
SAMPLES = (
    NUMBERS.map(Mean)
    | NUMBERS.map(accuracies)
    | st.builds(Unpaired, NUMBERS, NUMBERS)
    | SHARES.map(Shares)
    | st.builds(ShareDifference, SHARES, SHARES)
)
BOUNDS = st.floats(-1, 1)
RULES = (
    st.builds(Above, BOUNDS) | st.builds(Below, BOUNDS) | st.builds(lambda a, b: Within(a, a + abs(b)), BOUNDS, BOUNDS)
)


def test_of_a_mean_it_is_students() -> None:
    for rule in (Above(0.0), Below(0.0)):
        assert p_value(rule, {"": Mean(VALUES)}) == pytest.approx(ttest_1samp(VALUES, 0.0).pvalue, rel=1e-4)


def test_of_two_networks_it_is_welchs() -> None:
    others = (0.1, 0.2, 0.6, 0.4)
    known = ttest_ind(VALUES, others, equal_var=False).pvalue
    assert p_value(Above(0.0), {"": Unpaired(VALUES, others)}) == pytest.approx(known, rel=1e-4)


def test_of_a_share_it_is_twice_the_binomial_tail() -> None:
    found = tuple(Count(int(seed < 9), 1) for seed in range(10))
    known = 2 * binomtest(9, 10, 0.5, alternative="greater").pvalue
    assert p_value(Above(0.5), {"": Shares(found)}) == pytest.approx(known, rel=1e-4)


def test_within_two_bounds_the_nearer_one_counts() -> None:
    """As in two one-sided tests of equivalence."""
    assert p_value(Within(0.0, 1.0), {"": Mean(VALUES)}) == pytest.approx(
        max(ttest_1samp(VALUES, bound).pvalue for bound in (0.0, 1.0)), rel=1e-4
    )


def test_all_units_have_to_agree() -> None:
    sure, unsure = Mean(VALUES), Mean((0.1, 0.5, 0.9))
    both = p_value(Above(0.0), {"epochs": sure, "steps": unsure})
    assert both == p_value(Above(0.0), {"": unsure}) > p_value(Above(0.0), {"": sure})


def test_a_single_seed_has_no_evidence_and_arithmetic_no_doubt() -> None:
    assert p_value(Above(0.0), {"": Mean((9.0,))}) == 1
    assert p_value(Above(0.0), {"": Exact(9.0)}) == 0


@given(RULES, st.dictionaries(st.sampled_from(["epochs", "steps"]), SAMPLES, min_size=1))
def test_what_is_decided_is_what_is_sure_to_five_percent(rule: Rule, samples: dict[str, Sample]) -> None:
    p = p_value(rule, samples)
    assume(abs(p - ALPHA) > 1e-6)
    intervals = {unit: sample.interval() for unit, sample in samples.items()}
    assert (verdict(rule, intervals) != UNDECIDED) == (p < ALPHA)


@given(SAMPLES, st.floats(1e-9, 0.98), st.floats(1.01, 100))
def test_more_confidence_never_narrows_an_interval(sample: Sample, alpha: float, times: float) -> None:
    assume(alpha * times < 0.99)
    wide, narrow = sample.interval(alpha), sample.interval(alpha * times)
    assert wide.low <= narrow.low + 1e-12
    assert wide.high >= narrow.high - 1e-12
    assert wide.low - 1e-12 <= wide.mean <= wide.high + 1e-12


def test_holm_by_hand() -> None:
    """.05 / 4 = .0125, / 3 = .0167, / 2 = .025: c misses its own, and d falls with it though it is below .05."""
    assert survivors({"d": 0.04, "a": 0.01, "c": 0.03, "b": 0.016}) == {"a", "b"}
    assert survivors({"a": 0.03, "b": 0.03}) == set()
    assert survivors({"a": 0.05}) == {"a"}
    assert survivors({}) == set()
