"""What the layers of a network know: simple classifiers of what each layer is given, none of which touches the network.

A probe (Alain and Bengio 2017, "Understanding intermediate layers using linear classifier probes") is fitted on the
features of some images and tested on those of others. It says what can be read out of a layer, not what the network
does with it.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from math import isqrt

import numpy
import torch
from jaxtyping import Float, Float64, Int64
from lightning import Trainer
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from rotelab.data.streaming import Images
from rotelab.errors import Refusal
from rotelab.measures.looks import Looks
from rotelab.models.initial import LAYERS
from rotelab.models.parameters import in_eval_mode
from rotelab.training.evaluation import accuracy
from rotelab.training.learner import Learner

AT_ONCE = 256
"""Images that go through the network together."""
PENALTIES = numpy.logspace(-2, 6, 9)
"""Of a ridge on standardized features, of which cross-validation chooses."""

Features = Float[Tensor, "image feature"]
Tested = Float[Tensor, "tested feature"]
Probe = Callable[[Features, Int64[Tensor, " image"], Tested], Int64[Tensor, " tested"]]
"""``(features, labels, tested features) -> predicted labels``"""


def features(network: nn.Module, images: Images, most: int) -> list[Features]:
    """What each linear or convolutional layer is given, in the order in which the network calls them, and at last what
    the last one puts out: pixels first, logits at the end. In eval mode, on the CPU; a layer that is called several
    times counts once.

    Maps of more than ``most`` numbers are averaged over as many places as leave no more. Raises Refusal for a network
    without such a layer.
    """
    layers = [module for module in network.modules() if isinstance(module, LAYERS)]
    given: dict[nn.Module, Tensor] = {}
    put_out: list[Tensor] = []

    def before(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        given.setdefault(layer, pooled(inputs[0], most).float().cpu())

    def after(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        put_out[:] = [pooled(output, most).float().cpu()]

    pieces = []
    with ExitStack() as hooks, in_eval_mode(network), torch.no_grad():
        for layer in layers:
            hooks.enter_context(layer.register_forward_pre_hook(before))
            hooks.enter_context(layer.register_forward_hook(after))
        for piece in images.split(AT_ONCE):
            given.clear()
            network(piece)
            if not given:
                raise Refusal("this network has no linear or convolutional layer that could be probed")
            pieces.append([*given.values(), *put_out])
    return [torch.cat(parts) for parts in zip(*pieces, strict=True)]


def pooled(values: Float[Tensor, "image ..."], most: int) -> Float[Tensor, "image _"]:
    """In a row each; maps of more than ``most`` numbers averaged over a grid of places that leaves at most so many, or
    over all places where channels alone are more."""
    if values.ndim == 4 and values[0].numel() > most:
        channels, height, width = values.shape[1:]
        side = max(1, isqrt(most // channels))
        values = adaptive_avg_pool2d(values, (min(side, height), min(side, width)))
    return values.flatten(1)


def ridge(known: Features, labels: Int64[Tensor, " image"], tested: Tested) -> Int64[Tensor, " tested"]:
    """The class of the greatest output of ridge regression on one-hot labels, of standardized features. Its penalty is
    the one of PENALTIES that is best when each image is left out in turn, which takes no fit but one."""
    fitted = make_pipeline(StandardScaler(), RidgeClassifierCV(PENALTIES))
    fitted.fit(known.double().numpy(), labels.cpu().numpy())
    return torch.from_numpy(fitted.predict(tested.double().numpy()))


SHARE = 0.99
"""Of the squares of a class that its subspace holds."""


def subspace(known: Features, labels: Int64[Tensor, " image"], tested: Tested) -> Int64[Tensor, " tested"]:
    """The class whose subspace has the least angle with the features, ``argmax_c |V_c' x| / |x|`` (Watanabe et al.
    1967; Ketha and Ramaswamy 2025, "Decoding Generalization from Memorization in Deep Neural Networks").

    ``V_c`` are the first principal directions of a class, through the origin, as few as hold SHARE of its squares.
    """
    classes = labels.unique().cpu()
    found = [tested.double() @ _directions(known[labels.cpu() == one].double()) for one in classes]
    return classes[torch.stack([part.norm(dim=1) for part in found], dim=1).argmax(dim=1)]


def _directions(points: Float64[Tensor, "point feature"]) -> Float64[Tensor, "feature direction"]:
    _, values, directions = torch.linalg.svd(points, full_matrices=False)
    held = values.square().cumsum(0)
    return directions[: 1 + int((held < SHARE * held[-1]).sum())].T


PROBES: Mapping[str, Probe] = {"ridge": ridge, "subspace": subspace}


class Probes(Looks):
    """Puts into the metrics, after the epochs ``at`` which it looks, of which 0 is before training, and at the end, how
    accurate probes of each layer are on the same ``tested`` held-out images:

    - ``ridge_fresh/layer_<i>`` and ``subspace_fresh/layer_<i>``, fitted on so many others, ``fitted``
    - ``ridge_train/layer_<i>`` and ``subspace_train/layer_<i>``, fitted on as many train images, the first, with the
      labels that the network is trained on

    and ``accuracy/probed``, how accurate the network itself is there. Layer 0 are the images, the last one the logits;
    ``features``: the most that a probe sees of a layer, see ``pooled``. The held-out images are the first ones of their
    split: those that fit, then those that are tested. Raises Refusal where the split has no image left to test.
    """

    def __init__(self, at: Collection[int], fitted: int, tested: int, features: int) -> None:
        self.at, self.fitted, self.tested, self.features = set(at), fitted, tested, features

    def due_after(self, epoch: int) -> bool:
        return epoch in self.at

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        if 0 in self.at and not trainer.global_step:
            self.look(trainer, learner)

    def look(self, trainer: Trainer, learner: Learner) -> None:
        splits = learner.data.splits
        (held_out, labels), (train, own) = splits["held_out"].evaluated, splits["train"].evaluated
        end = self.fitted + self.tested
        if len(labels) <= self.fitted:
            raise Refusal(
                f"{len(labels)} held-out images: probes are fitted on {self.fitted}, and none is left to test"
            )
        wanted = labels[self.fitted : end].cpu()
        fresh = features(learner.network, held_out[:end], self.features)
        trained = features(learner.network, train[: self.fitted], self.features)
        fitted_on = {
            "fresh": ([layer[: self.fitted] for layer in fresh], labels[: self.fitted]),
            "train": (trained, own[: self.fitted]),
        }
        for name, probe in PROBES.items():
            for fit, (layers, known) in fitted_on.items():
                for i, (layer, tested) in enumerate(zip(layers, fresh, strict=True)):
                    predicted = probe(layer, known, tested[self.fitted :])
                    learner.metrics[f"{name}_{fit}/layer_{i}"] = float((predicted == wanted).double().mean())
        itself = learner.outputs["held_out"][self.fitted : end]
        learner.metrics["accuracy/probed"] = float(accuracy(itself, wanted.to(itself.device)))
