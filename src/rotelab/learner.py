"""The LightningModule: a network and an objective. Its training step is the whole of the paper's method."""

from collections.abc import Callable, Iterator

from jaxtyping import Float
from lightning import LightningModule
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ExponentialLR, LRScheduler

from rotelab.data.batches import Labelled, Pair
from rotelab.objectives import Objective


class Learner(LightningModule):
    """Minimizes ``J = L(train) + s(m) L(pseudo-test)``, with L the mean cross-entropy of a batch (nats).

    ``s`` is the objective's sign for the pseudo-test accuracy ``m`` at the start of the epoch, read from ``metrics``
    (``what/where`` -> value), which the Evaluation callback fills. The two batches go through the network one after
    the other, so that statistics of a batch never mix the two splits. Every epoch has ``lr_decay`` times the learning
    rate of the one before.
    """

    def __init__(
        self,
        network: nn.Module,
        objective: Objective,
        optimizer: Callable[[Iterator[nn.Parameter]], Optimizer],
        classes: int,
        lr_decay: float = 1.0,
    ) -> None:
        super().__init__()
        self.network, self.objective, self.optimizer, self.classes = network, objective, optimizer, classes
        self.lr_decay = lr_decay
        self.metrics: dict[str, float] = {}
        self.sign = 0

    def on_train_epoch_start(self) -> None:
        self.sign = self.objective.sign(self.metrics["accuracy/pseudo_test"], self.classes, self.current_epoch + 1)

    def training_step(self, batch: Pair, index: int) -> Float[Tensor, ""]:
        train, pseudo_test = batch
        loss = self._loss(train)
        if self.sign:
            loss = loss + self.sign * self._loss(pseudo_test)
        return loss

    def _loss(self, batch: Labelled) -> Float[Tensor, ""]:
        images, labels = batch
        return cross_entropy(self.network(images), labels)

    def configure_optimizers(self) -> tuple[list[Optimizer], list[LRScheduler]]:
        optimizer = self.optimizer(self.parameters())
        return [optimizer], [ExponentialLR(optimizer, self.lr_decay)]
