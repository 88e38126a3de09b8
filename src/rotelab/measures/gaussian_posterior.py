"""A PAC-Bayes bound of networks drawn from a Gaussian around one (Dziugaite and Roy 2017, "Computing nonvacuous
generalization bounds for deep (stochastic) neural networks with many more parameters than training data").

The prior is N(w0, v I) around the initial weights and biases, the posterior N(w, diag(s^2)). With probability 1 - d
over the m train images, for every posterior and for all v = 0.1 exp(-j / 100), j = 1, 2, ... at once,

    kl(train error || error) <= (KL(posterior || prior) + log(pi^2 j^2 m / (6 d))) / (m - 1),

where both errors are those of networks drawn from the posterior, and kl(q || p) is that of two coins. Descent looks for
the w, s and v with the least mean cross-entropy / log 2 + sqrt(right side / 2).
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log, pi

import torch
from jaxtyping import Float, Int64
from lightning import Trainer
from scipy.optimize import brentq
from scipy.special import rel_entr
from torch import Tensor
from torch.optim import Adam

from rotelab.data.batches import Passes
from rotelab.data.streaming import Images
from rotelab.errors import Notice, Refusal
from rotelab.measures.folding import Folded, fold
from rotelab.measures.initial_weights import InitialWeights
from rotelab.measures.losses import nats
from rotelab.randomness import stream
from rotelab.training.evaluation import evaluated
from rotelab.training.learner import Learner

WIDEST, PER_E = 0.1, 100
"""Of the prior's variances, of which there are ``PER_E`` in every factor e below the widest."""
START = exp(-6)
"""The prior's variance before it is optimized, and the least deviation of a weight then."""
MISSED, MISSED_BY_DRAWS = 0.025, 0.01
"""The probabilities that the bound does not hold, over train images, and for so few draws of networks."""


Parameters = Mapping[str, Tensor]
Labelled = tuple[Images, Int64[Tensor, " image"]]


@dataclass(frozen=True)
class Bound:
    """Of networks drawn from the posterior: their ``error`` on new images is at most so much, with a probability of
    .965.

    ``mistakes``: the share of mistakes that were counted on each set of images; ``divergence``: of posterior and prior,
    in nats; ``variance``: the prior's.
    """

    error: float
    mistakes: dict[str, float]
    divergence: float
    variance: float


@dataclass(frozen=True)
class Posterior:
    """The Gaussian of each parameter, around the prior's ``initial`` ones."""

    initial: Parameters
    means: Parameters
    log_deviations: Parameters

    def draw(self, *name: int | str) -> dict[str, Tensor]:
        """A network of a stream of this name."""
        noise = stream("posterior", *name)
        return {
            name: mean + self.log_deviations[name].exp() * torch.randn(mean.shape, generator=noise).to(mean)
            for name, mean in self.means.items()
        }

    def divergence(self, log_variance: Float[Tensor, ""]) -> Float[Tensor, ""]:
        """Nats from a prior of this variance v: ``1/2 sum (s^2 + (w - w0)^2) / v - 1 - log(s^2 / v)``."""
        parts = []
        for name, mean in self.means.items():
            log_ratio = 2 * self.log_deviations[name] - log_variance
            moved = (mean - self.initial[name]).square() * (-log_variance).exp()
            parts.append((log_ratio.exp() + moved - 1 - log_ratio).sum())
        return torch.stack(parts).sum() / 2


def bound(posterior: Posterior, log_variance: float, folded: Folded, sets: Mapping[str, Labelled], draws: int) -> Bound:
    """By ``draws`` networks, with the better of the two variances of the prior that lie next to this one. ``sets``: the
    images ``train``, which the posterior was made for, and others."""
    mistakes = counted(posterior, folded, sets, draws)
    nearest = int(PER_E * (log(WIDEST) - log_variance))
    found = []
    for place in (max(1, nearest), max(1, nearest) + 1):
        variance = WIDEST * exp(-place / PER_E)
        divergence = posterior.divergence(torch.tensor(log(variance))).item()
        found.append((right_side(divergence, place, len(sets["train"][1])), divergence, variance))
    least, divergence, variance = min(found)
    at_most = largest(mistakes["train"], log(2 / MISSED_BY_DRAWS) / draws)
    return Bound(largest(at_most, least), mistakes, divergence, variance)


def right_side(divergence: float, place: int, images: int) -> float:
    """What the kl of the two errors is at most, with the prior's variance at this place j from 1."""
    exact = (torch.tensor(value, dtype=torch.float64) for value in (divergence, place))
    return _above(*exact, images).item() / (images - 1)


def _above(divergence: Float[Tensor, ""], place: Float[Tensor, ""], images: int) -> Float[Tensor, ""]:
    """The numerator of the right side."""
    return divergence + (pi**2 * place**2 * images / (6 * MISSED)).log()


def largest(mistakes: float, divergence: float) -> float:
    """The largest p in [0, 1] with ``kl(mistakes || p) <= divergence``."""

    def beyond(p: float) -> float:
        return float(rel_entr(mistakes, p) + rel_entr(1 - mistakes, 1 - p)) - divergence

    nearly = 1 - 1e-12
    if mistakes >= nearly or beyond(nearly) <= 0:
        return 1.0
    return float(brentq(beyond, mistakes, nearly))


def optimized(
    folded: Folded, initial: Parameters, train: Labelled, steps: int, batch_size: int, lr: float
) -> tuple[Posterior, float]:
    """By so many steps of Adam, and the logarithm of the prior's variance, from the network's own weights w and
    deviations |w|."""
    count, passes = len(train[1]), Passes(train, batch_size, ("posterior",))
    means = {name: value.clone().requires_grad_() for name, value in folded.parameters(units=True).items()}
    scales = {name: mean.detach().abs().clamp(min=START).log().requires_grad_() for name, mean in means.items()}
    log_variance = torch.tensor(log(START), device=train[1].device, requires_grad=True)
    posterior = Posterior(initial, means, scales)
    optimizer = Adam([*means.values(), *scales.values(), log_variance], lr=lr)
    for step in range(steps):
        images, labels = passes.batch(step)
        place = PER_E * (log(WIDEST) - log_variance)
        above = _above(posterior.divergence(log_variance), place, count)
        surrogate = nats(folded.outputs(posterior.draw("step", step), images), labels).mean() / log(2)
        loss = surrogate + (above / (2 * (count - 1))).sqrt()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            log_variance.clamp_(max=log(WIDEST) - 1 / PER_E)
    found = ({name: value.detach() for name, value in of.items()} for of in (means, scales))
    return Posterior(initial, *found), log_variance.item()


@torch.no_grad()
def counted(posterior: Posterior, folded: Folded, sets: Mapping[str, Labelled], draws: int) -> dict[str, float]:
    """The share of mistakes of networks drawn from it, on each of the sets."""
    wrong = dict.fromkeys(sets, 0.0)
    for draw in range(draws):
        network = folded.having(posterior.draw("count", draw))
        for name, (images, labels) in sets.items():
            wrong[name] += float((evaluated(network, images).argmax(dim=1) != labels).double().mean())
    return {name: total / draws for name, total in wrong.items()}


class GaussianPosterior(InitialWeights):
    """Puts the bound at the end of the run into the metrics: ``posterior/error_bound`` of networks that are drawn from
    the posterior, their shares of mistakes on the train and the held-out split, ``posterior_mistakes/<split>``, and
    ``posterior/divergence`` and ``posterior/prior_variance``.

    A softmax at the end is taken off. Of a network that can't be folded there is no number, and a Notice says why.
    """

    def __init__(self, steps: int, batch_size: int, lr: float, draws: int) -> None:
        self.steps, self.batch_size, self.lr, self.draws = steps, batch_size, lr, draws

    def on_train_end(self, trainer: Trainer, learner: Learner) -> None:
        sets = {name: split.evaluated for name, split in learner.data.splits.items() if name in ("train", "held_out")}
        try:
            folded, initial = (fold(network, sets["train"][0][:1]) for network in self.networks(learner))
        except Refusal as refusal:
            warnings.warn(f"the posterior is left out: {refusal}", Notice, stacklevel=2)
            return
        start = initial.parameters(units=True)
        posterior, log_variance = optimized(folded, start, sets["train"], self.steps, self.batch_size, self.lr)
        made = bound(posterior, log_variance, folded, sets, self.draws)
        learner.metrics["posterior/error_bound"] = made.error
        learner.metrics["posterior/divergence"] = made.divergence
        learner.metrics["posterior/prior_variance"] = made.variance
        learner.metrics |= {f"posterior_mistakes/{name}": share for name, share in made.mistakes.items()}
