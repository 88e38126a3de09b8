"""Rounds of pruning: each begins with what the one before has kept beside it, and a mask holds through training and in
stacks."""

import shutil
from pathlib import Path

import pytest
import torch
from kept import job, trained, trained_together
from safetensors.torch import load_file
from torch import Tensor

from rotelab.config import identity
from rotelab.errors import RunError
from rotelab.results import networks
from rotelab.sweeps.job import train

pytestmark = pytest.mark.slow
PRUNED = (
    *("objective=standard", "model.widths=[16]", "optimizer.weight_decay=1e-3", "save=true", "save.epochs=[0,1]"),
    *("start=pruned", "start.share=0.5", "start.head_share=0.25"),
)
FIRST, HEAD = 64 * 16, 16 * 10


def weights(run: Path, epoch: int | None = None) -> dict[str, Tensor]:
    return {name: value for name, value in load_file(networks.file(run, epoch)).items() if name.endswith("weight")}


def left(run: Path, epoch: int | None = None) -> list[int]:
    return [int(value.count_nonzero()) for value in weights(run, epoch).values()]


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    sweep = tmp_path_factory.mktemp("ladder")
    return [trained(sweep, *PRUNED, f"start.rounds={rounds}") for rounds in range(3)]


def test_each_round_prunes_the_least_of_what_the_last_one_trained(ladder: list[Path]) -> None:
    assert [left(run) for run in ladder] == [[FIRST, HEAD], [FIRST // 2, 120], [FIRST // 4, 90]]
    before, after = weights(ladder[0]), weights(ladder[1])
    for name, value in before.items():
        zero = after[name] == 0
        assert value[zero].abs().max() <= value[~zero].abs().min()
    one, two = ({name: value != 0 for name, value in weights(run).items()} for run in ladder[1:])
    assert all(bool((one[name] | ~two[name]).all()) for name in one)


def test_a_ticket_begins_with_the_initial_weights(ladder: list[Path]) -> None:
    drawn = weights(ladder[0], 0)
    for run in ladder[1:]:
        for name, value in weights(run, 0).items():
            assert torch.equal(value, torch.where(value != 0, drawn[name], 0.0))


@pytest.fixture
def sweep(ladder: list[Path], tmp_path: Path) -> Path:
    for run in ladder:
        shutil.copytree(run, tmp_path / run.name)
    return tmp_path


@pytest.mark.parametrize("arm", ["reinitialized", "random_mask", "magnitude_at_start"])
def test_controls_have_its_counts(arm: str, sweep: Path, ladder: list[Path]) -> None:
    run = trained(sweep, *PRUNED, "start.rounds=2", f"start.arm={arm}")
    assert left(run) == left(ladder[2])
    ours, ticket, drawn = weights(run, 0), weights(ladder[2], 0), weights(ladder[0], 0)
    for name, value in ours.items():
        same_mask = torch.equal(value != 0, ticket[name] != 0)
        assert same_mask == (arm == "reinitialized")
        own = torch.equal(value, torch.where(value != 0, drawn[name], 0.0))
        assert own == (arm != "reinitialized")
    if arm == "magnitude_at_start":
        for name, value in ours.items():
            assert drawn[name][value == 0].abs().max() <= value[value != 0].abs().min()


def test_others_begin_with_the_ticket_of_plain_training(sweep: Path, ladder: list[Path]) -> None:
    """Gradient splitting too, and several together."""
    given = [(*PRUNED, "start.rounds=1", *more) for more in (("objective=split",), ("start.arm=random_mask",))]
    split, drawn = trained_together(sweep, given)
    assert torch.equal(weights(split, 0)["1.weight"], weights(ladder[1], 0)["1.weight"])
    assert left(split) == left(drawn) == left(ladder[1])


def test_a_stack_is_its_runs(sweep: Path, tmp_path: Path, ladder: list[Path]) -> None:
    (sweep / ladder[2].name).rename(sweep / "by itself")
    again, _ = trained_together(
        sweep, [(*PRUNED, "start.rounds=2", f"start.arm={arm}") for arm in ("ticket", "random_mask")]
    )
    for name, value in weights(again).items():
        assert torch.allclose(value, weights(ladder[2])[name], atol=1e-5)


def test_rewound_to_an_epoch(tmp_path: Path) -> None:
    dense, ticket = (trained(tmp_path, *PRUNED, "start.rewind=1", f"start.rounds={rounds}") for rounds in range(2))
    then = weights(dense, 1)
    for name, value in weights(ticket, 0).items():
        assert torch.equal(value, torch.where(value != 0, then[name], 0.0))


def test_global_pruning_counts_all_weights_together(tmp_path: Path) -> None:
    runs = [trained(tmp_path, *PRUNED, "start.scope=global", f"start.rounds={rounds}") for rounds in range(2)]
    assert sum(left(runs[1])) == (FIRST + HEAD) // 2
    assert left(runs[1]) != [FIRST // 2, HEAD // 2]


def test_a_round_that_is_not_there_is_asked_for(tmp_path: Path) -> None:
    error = train(job(tmp_path, *PRUNED, "start.rounds=3")).error
    assert isinstance(error, RunError)
    assert "which has not finished: train it first (objective=standard start.arm=ticket start.rounds=2)" in str(error)
    other = (*PRUNED[:3], *PRUNED[5:], "seed=7")  # of which no network is kept anywhere
    trained(tmp_path, *other, "start.rounds=0")
    error = train(job(tmp_path, *other, "start.rounds=1")).error
    assert isinstance(error, RunError) and "start.rounds=0 save=true): " in str(error)


def test_rounds_never_share_a_stack(tmp_path: Path) -> None:
    def stack(*given: str) -> str:
        return identity.stack(job(tmp_path, *PRUNED, *given).config.values)

    assert stack("start.rounds=1", "seed=1") == stack("start.rounds=1", "start.arm=random_mask")
    assert stack("start.rounds=1") != stack("start.rounds=2")
