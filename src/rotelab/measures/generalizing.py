"""When a run measures what may predict how well its network generalizes."""

from collections.abc import Sequence

from lightning import Trainer

from rotelab.measures.generalization_measures import found, say
from rotelab.measures.initial_weights import InitialWeights
from rotelab.measures.looks import Looks
from rotelab.measures.sharpness import Trial
from rotelab.measures.subject import Subject
from rotelab.training.learner import Learner


class Generalization(Looks, InitialWeights):
    """Puts all measures of generalization on the whole train split into the metrics, at the end of the run and after
    the chosen ``epochs``: ``generalization/<name>``, before the final rescaling, and the seconds that each kind of
    them took, ``generalization_seconds/<kind>``, and how many images each split has, ``generalization_images/<split>``,
    for how well a gap is known. Distances are from the weights before the first step.

    A softmax at the end is taken off: the measures are of logits. What can't be measured has no number, and a Notice
    says why.
    """

    def __init__(self, epochs: Sequence[int], noise: str, draws: int) -> None:
        self.epochs, self.noise, self.draws = set(epochs), noise, draws

    def due_after(self, epoch: int) -> bool:
        return epoch in self.epochs

    def on_train_end(self, trainer: Trainer, learner: Learner) -> None:
        super().on_train_end(trainer, learner)
        self.initial = {}

    def look(self, trainer: Trainer, learner: Learner) -> None:
        images, labels = learner.data.splits["train"].evaluated
        sizes = {name: len(split) for name, split in learner.data.splits.items()}
        learner.metrics |= {f"generalization_images/{name}": float(size) for name, size in sizes.items()}
        trial = Trial(self.draws, units=self.noise == "public")
        measured = found(Subject(*self.networks(learner), images, labels, self.noise, trial))
        say(measured.left_out)
        learner.metrics |= {f"generalization/{name}": value for name, value in measured.values.items()}
        learner.metrics |= {f"generalization_seconds/{kind}": took for kind, took in measured.seconds.items()}
