"""How far to trust the ranking: what it finds of the labels that the audit has planted wrong itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from jaxtyping import Bool, Float
from sklearn.metrics import average_precision_score, roc_auc_score

from rotelab.claims.shares import exact
from rotelab.claims.verdicts import Interval

LENGTHS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
"""Shares of all images, of which a list is so long."""
LEAST_FOUND = 0.3
"""Of what was planted, at the threshold from which the share of wrong labels is estimated; and at least ``COUNT``. The
most suspicious few are often all planted: what is wrong in another way comes after them."""
COUNT = 5
TOLD = 0.65
"""How often a planted label has to be more suspicious than another one, so that it counts as told from these."""


@dataclass(frozen=True)
class Planted:
    """A planting, in ``words``: of each image its score, 1 the most suspicious, and whether its label was planted."""

    words: str
    score: Float[numpy.ndarray, " image"]
    wrong: Bool[numpy.ndarray, " image"]

    @property
    def average_precision(self) -> float:
        """The mean, over what was planted, of the share of it among labels that are at least as suspicious."""
        return float(average_precision_score(self.wrong, self.score))

    @property
    def auc(self) -> float:
        """How often a planted label is more suspicious than another one; .5 is chance."""
        return float(roc_auc_score(self.wrong, self.score))

    def recall(self, share: float) -> Interval:
        """The share of what was planted that lies among so large a share of all images, the most suspicious."""
        found = int((self.score[self.wrong] > 1 - share).sum())
        return _share(found, int(self.wrong.sum()))

    def precision(self, share: float) -> float:
        """Of that list the share that was planted: a least one, as labels that were wrong before count as false."""
        return float(self.wrong[self.score > 1 - share].mean())

    def share_of_wrong(self) -> Interval:
        """Of the labels as they came about so many are wrong.

        Were a share of them wrong, and found as those that were planted are, then a list that has a share R of what
        was planted would have at least that share times R of all others. So the share is F / R at most, with F what the
        list has of the others: the least F / R over lists with three tenths of what was planted is taken. It errs
        upwards: right labels of odd images are among F as well. The interval has both shares' own (Clopper and
        Pearson).
        """
        planted = numpy.sort(self.score[self.wrong])[::-1]
        others = self.score[~self.wrong]
        least = max(COUNT, round(LEAST_FOUND * len(planted)))
        found = [(n, int((others >= planted[n - 1]).sum())) for n in range(min(least, len(planted)), len(planted) + 1)]
        n, above = min(found, key=lambda pair: pair[1] / pair[0])
        recall, flagged = _share(n, len(planted)), _share(above, len(others))
        return Interval(
            min(1.0, flagged.mean / recall.mean), flagged.low / recall.high, min(1.0, flagged.high / recall.low), 1
        )


def _share(found: int, of: int) -> Interval:
    low, high = exact(found, of - found)
    return Interval(found / of, low, high, of)


def share_of_wrong(plantings: Sequence[Planted]) -> Interval:
    """Over plantings that are told from right labels: the mean of their estimates, from the least to the greatest end
    of their intervals. Where none is, of all. What is wrong is as a rule easier to tell than what networks confuse, and
    harder than any other class: the one planting's estimate is too high, the other's too low."""
    told = [planted for planted in plantings if planted.auc >= TOLD] or plantings
    found = [planted.share_of_wrong() for planted in told]
    mean = float(numpy.mean([of.mean for of in found]))
    return Interval(mean, min(of.low for of in found), max(of.high for of in found), len(found))
