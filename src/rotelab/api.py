"""rotelab in a notebook: compose a recipe or write one, fit it, and look at what came of it."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas
import torch
from lightning import Callback
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from rotelab.config import compose as config
from rotelab.config import instantiate
from rotelab.data.tensors import Given, TensorData
from rotelab.errors import InputError, Refusal
from rotelab.measures.agreement import agreement as cosines
from rotelab.measures.coherence import coherence as of_gradients
from rotelab.measures.coherence import sums
from rotelab.measures.losses import Loss, nats
from rotelab.measures.per_example import AT_ONCE, gradients, products
from rotelab.measures.stability import radii
from rotelab.models.options import Model
from rotelab.models.parameters import materialize
from rotelab.objectives import Objective, Split
from rotelab.options import typed
from rotelab.results import files, networks
from rotelab.system.threads import threads_kept
from rotelab.training import run
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.saved import Saved
from rotelab.training.saving import put, whitening

SPLIT, ADAM = Split(), partial(Adam, lr=1e-3)


def compose(*overrides: str) -> Recipe:
    """What a run is made of, from the options of the command line: ``compose("objective=threshold", "data.size=640")``.

    A recipe is plain Python: ``dataclasses.replace(recipe, network=...)`` puts something else in. Raises InputError,
    which names the option, for what can't be used.
    """
    return instantiate.recipe(config.compose(*overrides))


def load(folder: Path | str, epoch: int | None = None) -> Saved:
    """The network that a run has kept in its folder (``save=true``), in eval mode, on the CPU: as it was at the end, or
    after an ``epoch`` of ``save.epochs``. Its accuracies on the run's own images are those of ``result.json``.

    It is built anew, one of your own (``model=custom``) by the path of its class or function, and nothing else in the
    file is code. Raises InputError where the folder holds no such network.
    """
    path, about = networks.find(Path(folder).expanduser(), epoch)
    try:
        model = typed(Model, about["model"], "model")
    except Refusal as error:
        raise InputError(f"{path}: {error}") from error
    with torch.random.fork_rng():
        torch.manual_seed(about["seed"])  # of what a network draws and is no part of its state
        build = instantiate.network(model, partial(put, path=path))
        network = build(tuple(about["image_shape"]), len(about["classes"]))
    return Saved(network.to(memory_format=torch.channels_last), about, whitening(path)).eval()


def tensors(
    train: Given,
    pseudo_test: Given,
    held_out: Given | None = None,
    *,
    batch_size: int = 64,
    batch_order: str = "reshuffled",
    seed: int = 0,
) -> Callable[..., TensorData]:
    """Data of a recipe from tensors of one's own: (inputs, labels) of each split. Inputs are what the network gets, of
    any shape; labels are int64, 0 to classes - 1.

    ``batch_order`` is ``reshuffled`` every epoch, from ``seed``, or ``fixed``. Raises InputError for splits that don't
    go together.
    """
    given = {"train": train, "pseudo_test": pseudo_test} | ({"held_out": held_out} if held_out else {})
    data = partial(TensorData, given, batch_size, batch_order, seed)
    data()  # what is wrong is said now
    return data


def fit(recipe: Recipe, observers: Sequence[Callback] = ()) -> Outcome:
    """Train, and return the network, its metrics (``what/where`` -> value), its ``curve`` as a table and the counts.

    ``observers`` are callbacks of Lightning. The state of random numbers and the number of threads are put back. Raises
    InputError for data that can't be used, RunError for a run that can't go on.
    """
    with TemporaryDirectory() as folder, torch.random.fork_rng(), threads_kept():
        file = Path(folder) / files.CURVE
        outcome = run.fit(recipe, file, observers)
        return replace(outcome, curve=pandas.read_csv(file))


def memorize(
    network: nn.Module,
    train: Given,
    pseudo_test: Given,
    held_out: Given | None = None,
    *,
    objective: Objective = SPLIT,
    optimizer: Callable[..., Optimizer] = ADAM,
    softmax: bool = True,
    stop_accuracy: float | None = 0.99,
    max_epochs: int = 1000,
    dead_epochs: int | None = 10,
    batch_size: int = 64,
    seed: int = 0,
    accelerator: str = "auto",
    measures: Sequence[Callback] = (),
) -> Outcome:
    """Gradient splitting of a network of one's own: it learns ``train`` while it unlearns ``pseudo_test``, Eq. (1) of
    "Why Deep Learning Generalizes", or another ``objective``. A copy is trained; the network stays as it is.

    ``softmax`` ends it in a softmax, Eq. (2), whose outputs the cross-entropy takes as if they were logits: no loss is
    above log(classes - 1 + e), so that what is unlearned can't outweigh what is learned.
    It ends at a train accuracy of ``stop_accuracy``, after ``max_epochs``, or when it has been dead for
    ``dead_epochs``. ``seed`` is that of the order of batches and of what the network draws. Inputs, labels and errors:
    see ``tensors`` and ``fit``.
    """
    recipe = Recipe(
        data=tensors(train, pseudo_test, held_out, batch_size=batch_size, seed=seed),
        network=lambda shape, classes: _copied(network, train[0], softmax),
        objective=objective,
        optimizer=optimizer,
        stop_accuracy=stop_accuracy,
        max_epochs=max_epochs,
        dead_epochs=dead_epochs,
        seed=seed,
        accelerator=accelerator,
        measures=measures,
    )
    return fit(recipe)


def coherence(network: nn.Module, inputs: Tensor, labels: Tensor, loss: Loss = nats) -> dict[str, float]:
    """How much the gradients of the examples have in common (Chatterjee and Zielinski): ``alpha``, in [0, 1], and
    ``r = |sum g|^2 / sum |g|^2``, in [0, examples]. Nothing where all gradients are zero.

    ``loss(outputs, labels)`` gives one value an example. The network is taken in eval mode, and nothing of it changes.
    Raises Refusal where examples of a batch mix, as by batch norm without running statistics.
    """
    return of_gradients(gradients(network, _batches(inputs, labels), loss))


def gradient_norm(network: nn.Module, inputs: Tensor, labels: Tensor, loss: Loss = nats) -> float:
    """The Euclidean norm of the gradient of the mean loss, over all parameters that are trained; as ``coherence``."""
    of_sum, _, count = sums(gradients(network, _batches(inputs, labels), loss))
    return of_sum**0.5 / count


def agreement(network: nn.Module, inputs: Tensor, labels: Tensor, loss: Loss = nats) -> Tensor:
    """Of each example the cosine of its gradient with the sum of all the others', in [-1, 1]; as ``coherence``."""
    found = gradients(network, _batches(inputs, labels), loss)
    return cosines(found, products(network, _batches(inputs, labels), found, loss))


def stability_radii(
    network: nn.Module, inputs: Tensor, labels: Tensor, loss: Loss = nats, *, delta: float = 0.05, directions: int = 10
) -> dict[str, float]:
    """How far parameters and inputs can be moved before the mean loss changes by ``delta`` (Badger, Theorem 1): see
    ``rotelab.measures.stability.radii``. In eval mode; nothing of the network changes."""
    return radii(deepcopy(network).eval(), (inputs, labels), delta, directions, lambda *of: loss(*of).mean())


def _batches(inputs: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    return zip(inputs.split(AT_ONCE), labels.split(AT_ONCE), strict=True)


def _copied(network: nn.Module, inputs: Tensor, softmax: bool) -> nn.Module:
    copied = deepcopy(network)
    materialize(copied, inputs[:2])
    return nn.Sequential(copied, nn.Softmax(1)) if softmax else copied
