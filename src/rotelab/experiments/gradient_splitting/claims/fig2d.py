"""Figure 2d: does a higher accuracy of the pseudo-test split make the train split easier to learn?"""

from dataclasses import replace

import pandas

from rotelab.claims.claim import Claim, NotMeasured, Values, our_question
from rotelab.claims.questions import ease
from rotelab.claims.rank_correlation import rank_correlations
from rotelab.claims.verdicts import Above
from rotelab.experiments.gradient_splitting import fig2d
from rotelab.results.lines import Line, finals, rows


def _targets(table: pandas.DataFrame) -> list[Line]:
    """Without plain training and without the target that is never left."""
    return [line for line in fig2d.lines(table) if line.where.get("objective.u", 1) < 1]


def _higher_target(table: pandas.DataFrame) -> Values:
    by_target = {line.where["objective.u"]: ease(table, line) for line in _targets(table)}
    return {"": rank_correlations(by_target, without_order=float("nan"))}


def _target_beyond_both(table: pandas.DataFrame) -> Values:
    both = next((line for line in fig2d.lines(table) if line.where.get("objective.u") == 1), None)
    if both is None:
        raise NotMeasured("the sweep has no objective.u=1")
    highest = _targets(table)[-1]
    target, reached = highest.where["objective.u"], rows(table, replace(highest, split="pseudo_test")).value.max()
    if reached < target:  # then every epoch of the one run is an epoch of the other
        raise NotMeasured(
            f"the pseudo-test accuracy never came to {target} ({reached:.2f} at most): the runs are the same"
        )
    return {"": (finals(table, highest) - finals(table, both)).dropna()}


CLAIMS = [
    Claim(
        text="The larger u = l, the easier",
        where="section 2, Fig. 2d",
        paper="easier",
        recorded=".5 after 190, 161, 55, 40, 30 epochs",
        quantity="rank correlation of u = l with the mean train accuracy over all epochs",
        rule=Above(0.0),
        values=_higher_target,
        sweep=("fig2d",),
    ),
    our_question(
        text="... by more than learning the pseudo-test half as well",
        quantity="last train accuracy under the highest u = l below 1, minus that when both halves are simply learned",
        rule=Above(0.0),
        values=_target_beyond_both,
        sweep=("fig2d",),
    ),
]
