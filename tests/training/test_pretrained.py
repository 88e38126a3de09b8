"""A run begins with what the same run has fitted under other options, kept beside it, or with its norms alone."""

from pathlib import Path

import pytest
import torch
from composing import composed
from kept import job, trained, trained_together
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from rotelab.config import identity, schema
from rotelab.errors import InputError, RunError
from rotelab.models.initial import scale_to
from rotelab.results import networks
from rotelab.sweeps.job import train
from rotelab.training.start import pretrained

RUN = (
    *("objective=standard", "model.widths=[16]", "optimizer=sgd", "save=true", "save.epochs=[0]"),
    *("data/labels=corrupted", "data.labels.fraction=0", "start=pretrained"),
    "start.instead={data:{labels:{fraction:1}},optimizer:{momentum:0}}",
)
BEFORE = (*RUN, "start.keep=nothing", "data.labels.fraction=1", "optimizer.momentum=0")


def weights(run: Path, epoch: int | None = None) -> dict[str, Tensor]:
    return load_file(networks.file(run, epoch))


def test_norms_are_those_of_the_other_and_directions_are_not() -> None:
    torch.manual_seed(0)
    layer, other = nn.Linear(3, 2), nn.Linear(3, 2)
    nn.init.zeros_(layer.bias)
    drawn = layer.weight.detach().clone()
    scale_to(layer, other.state_dict())
    assert layer.weight.norm().item() == pytest.approx(other.weight.norm().item())
    assert torch.allclose(layer.weight / layer.weight.norm(), drawn / drawn.norm())
    assert not layer.bias.any()


@pytest.mark.parametrize("keep", ["nothing", "norms", "weights"])
def test_what_is_kept(keep: str, tmp_path: Path) -> None:
    """Nothing needs no run before it."""
    torch.manual_seed(0)
    layer, other = nn.Linear(3, 2), nn.Linear(3, 2)
    drawn = layer.weight.detach().clone()
    path = tmp_path / "network.safetensors"
    save_file({name: value.contiguous() for name, value in other.state_dict().items()}, path)
    asked = []
    pretrained(layer, {}, keep, kept=lambda: (asked.append(1), path)[1])
    assert len(asked) == (keep != "nothing")
    assert torch.equal(layer.weight, drawn) == (keep == "nothing")
    assert torch.equal(layer.weight, other.weight) == (keep == "weights")


@pytest.mark.parametrize(
    ("instead", "words"),
    [
        (
            "{data:{labels:{fractoin:1}}}",
            "start.instead.data.labels.fractoin is no option of this run: did you mean fr",
        ),
        ("{data:{labels:1}}", "start.instead.data.labels = 1 has to be a group of options"),
        ("{seed:{a:1}}", "start.instead.seed = {'a': 1} has to be a value"),
        ("3", "start.instead = 3 is not a group of options"),
    ],
)
def test_what_is_no_option_is_said(instead: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        schema.check(composed("data/labels=corrupted", "start=pretrained", f"start.instead={instead}"))
    assert words in str(error.value)


def test_a_stack_has_no_run_that_another_of_it_needs(tmp_path: Path) -> None:
    def stack(keep: str) -> str:
        return identity.stack(job(tmp_path, *RUN, f"start.keep={keep}").config.values)

    assert stack("norms") == stack("weights") != stack("nothing")


@pytest.mark.slow
def test_a_run_goes_on_from_the_other_or_asks_for_it(tmp_path: Path) -> None:
    error = train(job(tmp_path, *RUN)).error
    assert isinstance(error, RunError)
    words = "start.keep=nothing data.labels.fraction=1 optimizer.momentum=0"
    assert f"train it first (objective=standard {words})" in str(error)
    before = trained(tmp_path, *BEFORE)
    runs = trained_together(tmp_path, [(*RUN, f"start.keep={keep}") for keep in ("weights", "norms")])
    for name, value in weights(before).items():
        kept, scaled = (weights(run, 0)[name] for run in runs)
        assert torch.equal(kept, value)
        assert scaled.norm().item() == pytest.approx(value.norm().item(), rel=1e-5) and not torch.equal(scaled, value)
    split = trained(tmp_path, *RUN, "objective=split")  # begins with the same
    assert all(torch.equal(value, weights(before)[name]) for name, value in weights(split, 0).items())
