"""How much of what a network knows of the labels simpler networks know: functions of increasing complexity.

Kalimeris et al. (2019), "SGD on Neural Networks Learns Functions of Increasing Complexity": what a network learns first
is what a linear classifier learns, and it keeps that while it learns more.
"""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float, Int64
from lightning import Callback, Trainer
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.optim import LBFGS

from rotelab.data.streaming import Images
from rotelab.measures.information import explained, mutual_information
from rotelab.measures.per_example import AT_ONCE
from rotelab.models import initial
from rotelab.models.mlp import mlp
from rotelab.randomness import stream
from rotelab.spacing import due
from rotelab.training.learner import Learner


def predictions(
    train: Float[Tensor, "image number"],
    labels: Int64[Tensor, " image"],
    held_out: Float[Tensor, "new number"],
    widths: Sequence[int],
    steps: int,
) -> Int64[Tensor, " new"]:
    """The classes of held-out images by a ReLU network of these hidden ``widths``, without any a linear classifier,
    that has the least cross-entropy on the train split which so many ``steps`` of L-BFGS find, from He's start.

    Inputs have the mean of the train split, over all numbers, taken off, and are divided by its deviation. The start
    depends on the widths alone.
    """
    mean, deviation = train.mean(), train.std().clamp_min(torch.finfo(train.dtype).tiny)
    with torch.random.fork_rng(), torch.enable_grad():
        torch.manual_seed(stream("reference", *widths).initial_seed())
        network = mlp((1, 1, train.shape[1]), int(labels.max()) + 1, widths)
        initial.he(network)
        network.to(train)
        descent = LBFGS(network.parameters(), max_iter=steps, line_search_fn="strong_wolfe")

        def loss() -> float:
            descent.zero_grad()
            found = cross_entropy(network((train - mean) / deviation), labels)
            found.backward()
            return found.item()

        descent.step(loss)
    with torch.no_grad():
        return network((held_out - mean) / deviation).argmax(dim=1)


def _flat(images: Images) -> Float[Tensor, "image number"]:
    return torch.cat([piece.flatten(1) for piece in images.split(AT_ONCE)]).double()


class Explained(Callback):
    """Puts into the metrics, about ``per_decade`` times a decade of epochs, in bits and of the held-out images:
    ``information/network``, I(F; Y), and of each of the ``references`` (name -> hidden widths) ``explained/<name>``,
    mu, ``information/<name>``, I(L; Y), which does not change, and ``same_class/<name>``, the share of images for
    which the network predicts what that predicts.

    References are fitted before training, each in ``fit_steps`` at most. The network's predictions are those of the
    evaluation: no pass of its own.
    """

    def __init__(self, references: Mapping[str, Sequence[int]], per_decade: int, fit_steps: int) -> None:
        self.references, self.per_decade, self.fit_steps = references, per_decade, fit_steps
        self.simpler: dict[str, Tensor] = {}

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        (train, labels), (held_out, _) = (learner.data.splits[name].evaluated for name in ("train", "held_out"))
        if "held_out" in learner.outputs:
            seen, new = _flat(train), _flat(held_out)
            self.simpler = {
                name: predictions(seen, labels, new, widths, self.fit_steps) for name, widths in self.references.items()
            }
            self._measure(learner)

    def on_train_epoch_end(self, trainer: Trainer, learner: Learner) -> None:
        if self.simpler and due(trainer.current_epoch + 1, self.per_decade):
            self._measure(learner)

    def _measure(self, learner: Learner) -> None:
        labels = learner.data.splits["held_out"].evaluated[1]
        predicted = learner.outputs["held_out"].argmax(dim=1)
        learner.metrics["information/network"] = mutual_information(predicted, labels)
        for name, simpler in self.simpler.items():
            learner.metrics[f"information/{name}"] = mutual_information(simpler, labels)
            learner.metrics[f"explained/{name}"] = explained(predicted, labels, simpler)
            learner.metrics[f"same_class/{name}"] = float((predicted == simpler).double().mean())
