"""rotelab from a notebook: what a few lines give, and that they leave everything else as it was."""

import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas
import pytest
import torch
from composing import composed
from runs import trained, vector
from torch import nn

import rotelab
from rotelab.aggregators import Mean, Median
from rotelab.config import schema
from rotelab.config.instantiate import recipe as made_of
from rotelab.errors import InputError
from rotelab.measures.coherence import Coherence
from rotelab.measures.gradient_norm import GradientNorm
from rotelab.measures.stability import Stability

TINY = ("data.size=64", "data.batch_size=32", "model.widths=[16]", "stop.max_epochs=3", "trainer=cpu")
Part = tuple[torch.Tensor, torch.Tensor]


def test_a_name_is_imported_when_it_is_asked_for() -> None:
    code = (
        "import sys, rotelab; assert not {'torch', 'hydra', 'pandas'} & set(sys.modules); rotelab.Split; dir(rotelab)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", rotelab.__all__)
def test_every_name_is_there(name: str) -> None:
    found = getattr(rotelab, name)
    assert found.__doc__ and name in dir(rotelab)


def test_no_other_name_is_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'memorise'"):
        rotelab.memorise  # noqa: B018


def test_a_run_is_that_of_the_command_line(tmp_path: Path) -> None:
    """The same curve, as a table."""
    outcome = rotelab.fit(rotelab.compose("objective=threshold", "objective.k=0.2", *TINY))
    assert outcome.curve is not None and (outcome.epochs, outcome.curve.epoch.max()) == (3, 3)
    config = composed("objective=threshold", "objective.k=0.2", *TINY)
    expected = trained(made_of(schema.check(config)), tmp_path)
    pandas.testing.assert_frame_equal(outcome.curve, pandas.read_csv(tmp_path / "curve.csv"))
    assert torch.equal(vector(outcome.network), vector(expected.network))


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["objective=slpit"], "did you mean split?"),
        (["objective.k=0.2"], "objective.k"),
        (["objective=threshold", "objective.k=2"], "objective.k = 2.0 is not in"),
        (["hydra.run.dir=x"], "hydra.run.dir"),
        (["seed=1", "seed=2"], "seed is given twice"),
        (["objective.kk=2"], "there is no option 'objective.kk'"),
        (["objectve=split"], "there is no option 'objectve': did you mean objective?"),
        (["seed=1,2"], "seed=1,2: several values are several runs"),
    ],
)
def test_what_the_command_line_refuses_is_refused(overrides: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words.replace("?", r"\?")):
        rotelab.compose(*overrides)


def parts(shape: tuple[int, ...] = (20,), images: int = 128) -> list[Part]:
    """Inputs whose label is the sign of their first number, for each of three splits."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(3 * images, *shape, generator=generator)
    labels = (inputs.flatten(1)[:, 0] > 0).long()
    return list(zip(inputs.split(images), labels.split(images), strict=True))


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(20, 256), nn.ReLU(), nn.Linear(256, 2))


def test_a_network_of_ones_own_memorizes() -> None:
    """What it would have generalized: under Eq. (3) it is right on inputs that it has not seen."""
    plain = rotelab.memorize(network(), *parts(), objective=rotelab.Standard(), max_epochs=200)
    split = rotelab.memorize(network(), *parts(), max_epochs=600, stop_accuracy=0.95)
    assert min(plain.metrics["accuracy/train"], split.metrics["accuracy/train"]) > 0.9
    assert plain.metrics["accuracy/held_out"] > 0.7
    assert split.metrics["accuracy/held_out"] < 0.6
    assert split.metrics["accuracy/pseudo_test"] < 0.2
    assert split.epochs > 5 * plain.epochs


def test_nothing_but_the_copy_changes() -> None:
    own = network()
    own[1].eval()  # frozen on purpose
    before, modes = vector(own), [module.training for module in own.modules()]
    torch.manual_seed(7)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    outcome = rotelab.fit(rotelab.compose(*TINY, f"trainer.threads={threads + 1}"))
    outcome = rotelab.memorize(own, *parts(), max_epochs=2)
    assert torch.equal(torch.get_rng_state(), state) and torch.get_num_threads() == threads
    assert torch.equal(vector(own), before) and [module.training for module in own.modules()] == modes
    assert not torch.equal(vector(outcome.network), before)
    assert [module.training for module in list(outcome.network.modules())[1:-1]] == modes
    again = rotelab.memorize(own, *parts(), max_epochs=2)
    assert torch.equal(vector(again.network), vector(outcome.network))


@pytest.mark.parametrize("softmax", [True, False])
def test_a_softmax_is_added_where_it_is_wanted(softmax: bool) -> None:
    outcome = rotelab.memorize(network(), *parts(), max_epochs=1, softmax=softmax)
    outputs = outcome.network(parts()[0][0])
    assert torch.allclose(outputs.sum(1), torch.ones(128)) == softmax


@pytest.mark.parametrize(
    "own",
    [
        nn.Sequential(nn.Flatten(), nn.Linear(48, 2)),
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2)),
    ],
)
def test_images_of_ones_own(own: nn.Module) -> None:
    own(torch.zeros(1, 3, 4, 4))
    outcome = rotelab.memorize(own, *parts((3, 4, 4)), max_epochs=2)
    assert set(outcome.metrics) >= {"accuracy/train", "accuracy/held_out", "loss/pseudo_test"}


def test_words_of_ones_own_without_a_held_out_split() -> None:
    words = torch.randint(50, (120, 7), generator=torch.Generator().manual_seed(0))
    labels = words[:, 0] % 3
    own = nn.Sequential(nn.Embedding(50, 8), nn.Flatten(), nn.Linear(56, 3))
    outcome = rotelab.memorize(own, (words[:60], labels[:60]), (words[60:], labels[60:]), max_epochs=2)
    assert "accuracy/held_out" not in outcome.metrics and outcome.epochs == 2


def test_a_recipe_of_ones_own() -> None:
    """Of another's recipe with a part of one's own."""
    composed = rotelab.compose(*TINY)
    data = rotelab.tensors(*parts(), batch_size=128, batch_order="fixed")
    recipe = replace(composed, data=data, network=lambda shape, classes: network())
    outcome = rotelab.fit(replace(recipe, optimizer=partial(torch.optim.SGD, lr=0.1)))
    assert outcome.steps == 3


class Unused(nn.Module):
    """Its first layer takes no part in a pass."""

    def __init__(self) -> None:
        super().__init__()
        self.unused, self.used = nn.Linear(3, 3), network()

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.used(inputs)


def frozen() -> nn.Sequential:
    """The first layer, and a module that stays in eval mode."""
    made = nn.Sequential(*network(), nn.BatchNorm1d(2))
    made[1].requires_grad_(False)
    made[-1].eval()
    return made


@pytest.mark.parametrize(("make", "kept"), [(frozen, "1"), (Unused, "unused")])
@pytest.mark.parametrize("aggregator", [Mean, partial(Median, groups=3)])
def test_what_a_network_does_not_train_is_in_nobodys_way(make: Any, kept: str, aggregator: Any) -> None:
    """Of the aggregators and of the measures that look on."""
    own = make()
    before, modes = vector(own.get_submodule(kept)), [module.training for module in own.modules()]
    measures = [
        GradientNorm(20),
        Stability([level / 128 for level in range(129)], 0.05, 1, 16),
        Coherence(16, ["train"], "epochs", 20),
    ]
    composed = rotelab.compose(*TINY, "stop.dead_epochs=null")
    recipe = replace(composed, data=rotelab.tensors(*parts()), network=lambda *of: own, measures=measures)
    outcome = rotelab.fit(replace(recipe, aggregator=aggregator))
    assert outcome.epochs == 3 and outcome.curve is not None
    assert {"gradient_norm", "coherence_r", "parameter_radius_median"} <= set(outcome.curve.metric)
    assert [module.training for module in own.modules()] == modes
    assert torch.equal(vector(own.get_submodule(kept)), before)


def test_a_lazy_network_finds_its_sizes_and_nothing_else() -> None:
    """No statistics before the first step: one step of 128 inputs is one batch of each half."""
    own = nn.Sequential(nn.BatchNorm1d(20), nn.Dropout(), nn.LazyLinear(2))
    outcome = rotelab.memorize(own, *parts(), max_epochs=1, batch_size=128)
    (norm,) = [module for module in outcome.network.modules() if isinstance(module, nn.BatchNorm1d)]
    assert norm.num_batches_tracked is not None and int(norm.num_batches_tracked) == 2
