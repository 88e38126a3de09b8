"""Options of what is measured beside accuracy and loss. No torch here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omegaconf import MISSING

from rotelab.data import splits
from rotelab.options import Choice, Custom, describes, group, require, require_one_of, require_positive


@dataclass
class Measure(Choice):
    pass


@describes("rotelab.measures.options.CustomMeasure")
@dataclass
class CustomMeasure(Custom, Measure):
    """A measure of one's own: ``target(**options)``, a callback of Lightning that adds to ``learner.metrics``."""


@describes("rotelab.measures.legacy_accuracy.LegacyAccuracy")
@dataclass
class LegacyAccuracy(Measure):
    pass


@describes("rotelab.measures.gradient_norm.GradientNorm")
@dataclass
class GradientNorm(Measure):
    per_decade: int = MISSING
    """Measurements in each factor of ten of epochs."""

    def __post_init__(self) -> None:
        require_positive(self, "per_decade")


@describes("rotelab.measures.stability.Stability")
@dataclass
class Stability(Measure):
    levels: list[float] = MISSING
    """Train accuracies; it measures at the first epoch that reaches each."""
    delta: float = MISSING
    """Nats by which the loss has to change."""
    directions: int = MISSING
    """Random directions that are tried."""
    images: int = MISSING
    """Images that are used: the first of the train split."""

    def __post_init__(self) -> None:
        require_positive(self, "delta", "directions", "images")
        require(self, "a list of accuracies in [0, 1]", lambda levels: all(0 <= v <= 1 for v in levels), "levels")


@describes("rotelab.measures.generalizing.Generalization")
@dataclass
class Generalization(Measure):
    epochs: list[int] = MISSING
    """Epochs (1, 2, ...) after which it measures as well, besides the end of the run."""
    noise: str = MISSING
    """What the scale of the noise is: `honest`, its standard deviation, or `public`, about the root of that, as in
    recorded tables."""
    draws: int = MISSING
    """How often noise is drawn; the fall of the accuracy is their mean."""

    def __post_init__(self) -> None:
        require_positive(self, "draws")
        require_one_of(self, "noise", "honest", "public")
        require(self, "a list of epochs from 1", lambda epochs: all(epoch >= 1 for epoch in epochs), "epochs")


@describes("rotelab.measures.gaussian_posterior.GaussianPosterior")
@dataclass
class GaussianPosterior(Measure):
    steps: int = MISSING
    """Optimizer steps that look for the posterior."""
    batch_size: int = MISSING
    """Images of each of them."""
    lr: float = MISSING
    """Adam's learning rate."""
    draws: int = MISSING
    """Networks that are drawn from it, whose mistakes are counted."""

    def __post_init__(self) -> None:
        require_positive(self, "steps", "batch_size", "lr", "draws")


@describes("rotelab.measures.smoothness.Smoothness")
@dataclass
class Smoothness(Measure):
    images: int = MISSING
    """Images that are used: the first of each split."""
    points: int = MISSING
    """Points on the line between two images."""
    steps: int = MISSING
    """Steps of the ascent to a lower bound of the Lipschitz constant."""

    def __post_init__(self) -> None:
        require_positive(self, "steps")
        require(self, "2 or more", lambda value: value >= 2, "images", "points")


@describes("rotelab.measures.translations.Translations")
@dataclass
class Translations(Measure):
    images: int = MISSING
    """Images that are used: the first of the held-out split."""
    pixels: list[int] = MISSING
    """By how many pixels they are moved, one after the other."""

    def __post_init__(self) -> None:
        require_positive(self, "images")
        require(self, "a list of whole numbers from 1", lambda pixels: all(by >= 1 for by in pixels), "pixels")


@describes("rotelab.measures.probes.Probes")
@dataclass
class Probes(Measure):
    at: list[int] = MISSING
    """Epochs after which it looks, besides the end of the run; 0: before the first step."""
    fitted: int = MISSING
    """Images that a probe is fitted on: the first of the held-out split, and as many of the train split."""
    tested: int = MISSING
    """Held-out images that it is tested on: those that follow."""
    features: int = MISSING
    """The most numbers of a layer; larger maps are averaged over places."""

    def __post_init__(self) -> None:
        require_positive(self, "fitted", "tested", "features")
        require(self, "a list of epochs, 0 or later", lambda at: all(epoch >= 0 for epoch in at), "at")


@describes("rotelab.measures.winner.Winner")
@dataclass
class Winner(Measure):
    pass


@dataclass
class OfSplits(Measure):
    splits: list[str] = MISSING
    """The splits that are measured."""

    def __post_init__(self) -> None:
        known = set(splits.NAMES)
        require(self, f"a list of {', '.join(splits.NAMES)}", lambda names: known.issuperset(names), "splits")


@describes("rotelab.measures.examples.Examples")
@dataclass
class Examples(OfSplits):
    pass


@dataclass
class Sampled(Measure):
    """Measured on the first ``images`` of a split."""

    images: int = MISSING
    """Images that are used: the first of a split."""
    per_decade: int = MISSING
    """Measurements in each factor of ten."""

    def __post_init__(self) -> None:
        require_positive(self, "images", "per_decade")


@describes("rotelab.measures.coherence.Coherence")
@dataclass
class Coherence(OfSplits, Sampled):
    schedule: str = MISSING
    """Whether `per_decade` counts `epochs` or optimizer `steps`."""

    def __post_init__(self) -> None:
        OfSplits.__post_init__(self)
        Sampled.__post_init__(self)
        require_one_of(self, "schedule", "epochs", "steps")


@describes("rotelab.measures.agreement.Agreement")
@dataclass
class Agreement(Sampled):
    pass


@describes("rotelab.measures.shifted_accuracy.ShiftedAccuracy")
@dataclass
class ShiftedAccuracy(Measure):
    noise: Any = MISSING
    """Name -> share of noise that is blended in: `data/inputs=gaussian_blend`."""
    blur: Any = MISSING
    """Name -> standard deviation of a blur, in pixels: `data/inputs=blurred`."""
    seed: int = MISSING
    """Seed of the noise."""
    per_decade: int = MISSING
    """Measurements in each factor of ten of epochs."""

    def __post_init__(self) -> None:
        require_positive(self, "per_decade")
        for name in ("noise", "blur"):
            group(name, getattr(self, name))
        require(self, "names of shares in [0, 1]", lambda of: _numbers(of, 0, 1), "noise")
        require(self, "names of 0 to 1,000 pixels", lambda of: _numbers(of, 0, 1000), "blur")


@describes("rotelab.measures.explained.Explained")
@dataclass
class Explained(Measure):
    references: Any = MISSING
    """Name -> hidden widths of a network that is fitted to the train split; `[]` is a linear classifier."""
    per_decade: int = MISSING
    """Measurements in each factor of ten of epochs."""
    fit_steps: int = MISSING
    """Steps of L-BFGS in which a reference is fitted, at most."""

    def __post_init__(self) -> None:
        require_positive(self, "per_decade", "fit_steps")
        group("references", self.references)
        require(self, "names of lists of hidden widths, 1 to 1,000,000", _widths, "references")


def _numbers(of: Mapping[Any, Any], low: int, high: int) -> bool:
    """Whether all that it names are numbers from ``low`` to ``high``."""
    return all(_number(value, int, float) and low <= value <= high for value in of.values())


def _number(value: Any, *kinds: type) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


def _widths(of: Mapping[Any, Any]) -> bool:
    """Whether it names something, lists of whole numbers alone."""
    lists = bool(of) and all(isinstance(widths, list | tuple) for widths in of.values())
    return lists and all(_number(width, int) and 1 <= width <= 10**6 for widths in of.values() for width in widths)
