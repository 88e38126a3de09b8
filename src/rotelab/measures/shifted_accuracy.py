"""Accuracy under a shift of the distribution: on held-out images that are corrupted as no image of the training was.

Miller et al. (2021), "Accuracy on the Line": over networks and epochs the accuracy after a shift is a function of that
before it, a line in probits (``claims.probit``).
"""

from collections.abc import Mapping
from functools import partial

import torch
from lightning import Trainer

from rotelab.data import inputs
from rotelab.data.streaming import Images
from rotelab.measures.looks import Looks
from rotelab.spacing import due
from rotelab.training.evaluation import accuracy, evaluated
from rotelab.training.learner import Learner


class ShiftedAccuracy(Looks):
    """Puts into the metrics, about ``per_decade`` times a decade of epochs and at the end, ``noise_accuracy/<name>``
    and ``blur_accuracy/<name>``: in [0, 1], on the held-out split with ``noise`` (name -> share) blended in, drawn once
    by ``seed``, or with a ``blur`` (name -> sigma in pixels), after the corruption of its own and before whitening."""

    def __init__(self, noise: Mapping[str, float], blur: Mapping[str, float], seed: int, per_decade: int) -> None:
        noisy = {f"noise_accuracy/{name}": partial(inputs.gaussian_blend, noise=of) for name, of in noise.items()}
        blurry = {f"blur_accuracy/{name}": partial(inputs.blurred, sigma=of) for name, of in blur.items()}
        self.corruptions = {
            name: inputs.Corruption(function, seed, ("held_out",)) for name, function in {**noisy, **blurry}.items()
        }
        self.per_decade = per_decade
        self.images: dict[str, Images] = {}

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        self.images = {name: learner.data.shifted("held_out", then) for name, then in self.corruptions.items()}
        self.look(trainer, learner)

    def due_after(self, epoch: int) -> bool:
        return due(epoch, self.per_decade)

    def teardown(self, trainer: Trainer, learner: Learner, stage: str) -> None:
        self.images = {}

    def look(self, trainer: Trainer, learner: Learner) -> None:
        labels = learner.data.splits["held_out"].evaluated[1]
        with trainer.precision_plugin.forward_context():  # as the accuracy before the shift was measured
            found = [accuracy(evaluated(learner.network, images), labels) for images in self.images.values()]
        learner.metrics |= dict(zip(self.images, torch.stack(found).tolist() if found else [], strict=True))
