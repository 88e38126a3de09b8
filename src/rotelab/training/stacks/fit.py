"""Runs that differ only in seed, objective, corruption or learning rate train together, as one stack of networks.

Each of them gets what a run of its own would: its curve, its measures, its stop, its outcome; a step differs from that
of a single run in its last bits. All of them take a step at once, and all evaluations of an epoch are read at once. A
run leaves the stack when it has reached its accuracy or its loss, is dead or failed; the others go on.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lightning import Callback
from torch.optim import SGD, Adam, AdamW

from rotelab.aggregators import Mean
from rotelab.errors import CannotStack, RunError, is_out_of_memory
from rotelab.results.dead import Vitals
from rotelab.training.checkpoint import Checkpoints
from rotelab.training.curve import Curve, CurveWriter
from rotelab.training.learner import Learner
from rotelab.training.recipe import Outcome, Recipe
from rotelab.training.run import make_learner, make_trainer
from rotelab.training.stacks.learner import Member, SideBySide, Together
from rotelab.training.stacks.members import Members

EACH_BY_ITSELF = (Adam, AdamW, SGD)
"""Optimizers that take each weight's step from its own gradients: those of others may lie beside it."""


def fit_together(
    recipes: Sequence[Recipe],
    curves: Sequence[Path],
    observers: Sequence[Sequence[Callback]],
    ended: Callable[[int, Outcome | RunError], None],
    watchers: Sequence[Callback] = (),
    checkpoints: Checkpoints | None = None,
    began_with: int | None = None,
) -> None:
    """Train all of them to their ends, as ``fit`` does one; ``ended`` is told of each, by its number, when it ends.

    The recipes may differ in seed, objective, options of the optimizer, and in what the images and labels are. Raises
    CannotStack where they can't be stacked, or don't fit into the device's memory, and InputError as ``fit`` does.
    ``watchers`` look at all of them together, with the metrics of the first that is still training.
    With ``checkpoints`` they go on from the one that was kept, and keep others: those that had ended by then are no
    longer among the recipes, and ``began_with`` is how many there were at first.
    """
    first, *_ = recipes
    sittings, earlier = (checkpoints.sittings, checkpoints.seconds) if checkpoints else (1, 0.0)
    members = Members(ended, began_with or len(recipes), earlier)
    trainer = make_trainer(first, [members, *watchers, *([checkpoints] if checkpoints else [])], first.max_epochs)
    device = trainer.strategy.root_device
    with ExitStack() as files, _enough_memory():
        learners = [make_learner(recipe, device).to(device) for recipe in recipes]
        _check(recipes, learners)
        runs = []
        for number, (recipe, learner) in enumerate(zip(recipes, learners, strict=True)):
            learner.sittings = sittings
            curve = CurveWriter(files.enter_context(Curve(curves[number], goes_on=sittings > 1)))
            optimizer = recipe.optimizer(learner.parameters())
            if type(optimizer) not in EACH_BY_ITSELF:
                raise CannotStack(f"no rule for a stack of {type(optimizer).__name__}")
            (options,) = optimizer.param_groups
            options = {name: value for name, value in options.items() if name != "params"}
            callbacks = (*recipe.measures, curve, *observers[number])
            runs.append(Member(number, recipe, learner, options, Vitals(recipe.dead_epochs), callbacks))
        together = Together(runs)
        trainer.fit(together, train_dataloaders=SideBySide(together))


@contextmanager
def _enough_memory() -> Generator[None, None, None]:
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise CannotStack("they don't fit into the device's memory") from None  # it would hold them there


def _check(recipes: Sequence[Recipe], learners: Sequence[Learner]) -> None:
    for name in (
        *("stop_accuracy", "stop_loss", "dead_epochs", "max_epochs"),
        *("lr_decay", "head_decay", "precision", "accelerator"),
    ):
        if len({getattr(recipe, name) for recipe in recipes}) > 1:
            raise CannotStack(f"runs of different {name}")
    for learner in learners:
        if type(learner.aggregator) is not Mean or learner.aggregator.groups > 1:
            raise CannotStack("an aggregator of several gradients")
        if not learner.data.ready:
            raise CannotStack("images that are augmented or streamed")
    of_each = [
        (learner.data.batch_size, [tuple(split.evaluated[0].shape) for split in learner.data.splits.values()])
        for learner in learners
    ]
    if any(sizes != of_each[0] for sizes in of_each):
        raise CannotStack("batches or splits of different sizes")
