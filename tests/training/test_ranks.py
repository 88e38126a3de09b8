"""The mean over ranks of what each makes of its share is what one makes of all; and what several can't do."""

from functools import partial
from pathlib import Path

import pytest
import torch
from composing import composed
from runs import recipe
from torch import nn
from torch.optim import SGD

from rotelab.config import identity, schema
from rotelab.data.batched import Batched
from rotelab.data.share import Share
from rotelab.errors import InputError
from rotelab.models.mlp import mlp
from rotelab.models.one_image import check_shares
from rotelab.objectives import Objective, Split, Standard, Target
from rotelab.training.learner import Learner
from rotelab.training.ranks import Ranks
from rotelab.training.run import fit


def data(share: Share) -> Batched:
    """A train batch of 7 images, then two of 7 and 6, beside pseudo-test batches of 7 and 5."""
    made = recipe(batch_size=7).data()
    made.setup()
    made.share = share
    return made


def gradient(network: nn.Module, objective: Objective, ranks: Ranks, t: int) -> torch.Tensor:
    """Of step ``t``, whose sign is that of the first epoch, on this rank."""
    learner = Learner(network, objective, partial(SGD, lr=0.1), 2, data=data(ranks.share), ranks=ranks)
    learner.metrics = {"accuracy/pseudo_test": 0.5}
    learner.decide(1)
    batch = learner.data.batches(lambda: 0, share=ranks.share).pair(t)
    learner.sizes = learner.data.sizes(t)
    network.zero_grad()
    learner.backward(learner.training_step(batch, t))
    return torch.cat([parameter.grad.flatten() for parameter in network.parameters() if parameter.grad is not None])


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("t", [0, 1, 2])
@pytest.mark.parametrize(
    "objective", [Split(), Standard(), Target(0.6, 0.7)], ids=["unlearned", "left alone", "learned"]
)
def test_the_mean_of_shares_is_the_whole(objective: Objective, t: int, count: int) -> None:
    torch.manual_seed(0)
    network = mlp((1, 4, 4), 2, widths=[8])
    expected = gradient(network, objective, Ranks(), t)
    ranks = [Ranks(Share(rank, count)) for rank in range(count)]
    found = [gradient(network, objective, each, t) for each in ranks]
    torch.testing.assert_close(sum(found) / count, expected, rtol=1e-5, atol=1e-7)
    assert not torch.allclose(found[0], expected, rtol=1e-3)


def test_one_rank_tells_nobody_anything() -> None:
    alone, rows = Ranks(), torch.randn(3, 2)
    assert not alone.several and alone.first and alone.gathered(rows, 3) is rows
    assert alone.agreed("it") == "it" and alone.means([rows.sum()]) == [rows.sum()]
    with alone.one_after_another():
        pass


def test_a_batch_that_leaves_a_device_without_an_image_is_refused() -> None:
    check_shares({"train": 20, "pseudo_test": 12}, 8, 4)
    with pytest.raises(InputError, match=r"trainer.devices = 5: data.batch_size = 8 leaves a train batch of 4"):
        check_shares({"train": 20, "pseudo_test": 12}, 8, 5)


def test_a_notebook_has_one_device(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"trainer.devices = 2: here a run trains on one device"):
        fit(recipe(devices=2), tmp_path / "curve.csv")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("trainer.devices=0",), "trainer.devices = 0 is not greater than 0"),
        (("trainer.devices=2", "trainer.together=2"), "trainer.devices = 2 goes with none of together"),
        (("trainer.devices=2", "trainer.compile=default"), "trainer.devices = 2 goes with none of together, compile"),
        (("trainer.devices=2", "aggregator=median", "optimizer=sgd", "optimizer.momentum=0"), "aggregator=mean of one"),
        (("trainer.devices=2", "aggregator.groups=2"), "trainer.devices = 2 goes with aggregator=mean of one group"),
    ],
)
def test_what_does_not_go_with_several_devices_names_the_option(options: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        schema.check(composed(*options))


def test_devices_do_not_name_a_run() -> None:
    one, two = (schema.check(composed(*given)).values for given in ((), ("trainer.devices=2",)))
    assert identity.digest(one) == identity.digest(two)
