"""What predictions know of the labels, and of what simpler predictions know: plug-in estimates, in bits.

Sums over the counts of what was seen are the information of those images, exactly. As estimates of that of new ones
they are too great, by about ``(|F| - 1)(|Y| - 1) / (2 n ln 2)`` bits, and so many times as much under a condition as it
has values (Miller, "Note on the bias of information estimates", 1955).
"""

from math import log

import torch
from jaxtyping import Int64
from sklearn.metrics import mutual_info_score
from torch import Tensor

from rotelab.errors import Refusal

Classes = Int64[Tensor, " image"]


def mutual_information(one: Classes, other: Classes) -> float:
    """``I(A; B) = sum p(a, b) log2 p(a, b) / (p(a) p(b))``, from 0 to the lesser of both entropies. Raises Refusal
    where there is no image."""
    if not len(one):
        raise Refusal("information needs an image")
    return max(0.0, float(mutual_info_score(one.cpu().numpy(), other.cpu().numpy())) / log(2))


def conditional_mutual_information(one: Classes, other: Classes, given: Classes) -> float:
    """``I(A; B | C) = I(A, C; B) - I(C; B)``, the chain rule (Cover and Thomas, "Elements of Information Theory",
    Theorem 2.5.2): 0 where C tells all that A tells of B."""
    pairs = torch.stack([one, given]).unique(dim=1, return_inverse=True)[1]
    return max(0.0, mutual_information(pairs, other) - mutual_information(given, other))


def explained(predicted: Classes, labels: Classes, simpler: Classes) -> float:
    """``mu = I(F; Y) - I(F; Y | L)``, the performance correlation (Kalimeris et al. 2019, "SGD on Neural Networks
    Learns Functions of Increasing Complexity", Definition 1): how much of what F tells of Y the simpler L tells of it.

    It is I(L; Y) where F tells all that L does, and can be negative: where F and L tell more together.
    """
    return mutual_information(predicted, labels) - conditional_mutual_information(predicted, labels, simpler)
