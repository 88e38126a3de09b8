"""A plain deep ReLU network for classes, without normalization or shortcuts, trained by descent."""

from typing import NamedTuple

import numpy
from jaxtyping import Float64, Int64
from scipy.special import log_softmax

from rotelab.exact import signal_propagation
from rotelab.exact.signal_propagation import Initialization


class Fit(NamedTuple):
    """The mean loss in nats and the share of wrong train points, after the last step."""

    loss: float
    error: float


def fit(
    points: Float64[numpy.ndarray, "point dimension"],
    labels: Int64[numpy.ndarray, " point"],
    of: Initialization,
    sizes: tuple[int, int],
    rate: float,
    steps: int,
    generator: numpy.random.Generator,
) -> Fit:
    """Descent of all points on the cross-entropy, momentum 0.9, of ``sizes`` (width, hidden layers).

    The first layer is normal of He's variance and the last one of 1 / width, both whatever ``of`` is, which is that of
    the square layers between them; no biases. A loss that is no longer a number stays so.
    """
    width, hidden = sizes
    classes = int(labels.max()) + 1
    first = generator.standard_normal((width, points.shape[1])) * (2 / points.shape[1]) ** 0.5
    last = generator.standard_normal((classes, width)) / width**0.5
    middle = signal_propagation.drawn(of, width, hidden - 1, generator) if hidden > 1 else []
    layers = [first, *middle, last]
    walks, truth = [numpy.zeros_like(layer) for layer in layers], numpy.eye(classes)[labels]
    with numpy.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            active = signal_propagation.forward(layers[:-1], points)
            slopes = (numpy.exp(log_softmax(active[-1] @ layers[-1].T, axis=1)) - truth) / len(points)
            back = signal_propagation.backward(layers[:-1], active, slopes @ layers[-1])
            changes = [
                ((of > 0) * slope).T @ before for of, slope, before in zip(active[1:], back[1:], active, strict=False)
            ]
            walks = [0.9 * walk + by for walk, by in zip(walks, [*changes, slopes.T @ active[-1]], strict=True)]
            layers = [layer - rate * walk for layer, walk in zip(layers, walks, strict=True)]
        scores = signal_propagation.forward(layers[:-1], points)[-1] @ layers[-1].T
        loss = -float((log_softmax(scores, axis=1) * truth).sum(1).mean())
    return Fit(loss, float((scores.argmax(1) != labels).mean()))
