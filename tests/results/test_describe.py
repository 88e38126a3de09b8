"""What runs have in common, for captions."""

from pathlib import Path

import pytest
from finished import outcome, write_curve

from rotelab.results import describe, record


def written(folder: Path, precisions: list[str], **data: object) -> None:
    """A run of each precision that are otherwise alike."""
    slices = dict.fromkeys(("train", "pseudo_test", "held_out"), "all[:8]")
    config = {
        "seed": 0,
        "data": {"split": slices, "side": None, "batch_size": 8, **data},
        "model": {"softmax": True},
        "optimizer": {"_target_": "torch.optim.Adam", "lr": 1},
    }
    for number, precision in enumerate(precisions):
        run = folder / f"split-{number}"
        write_curve(run)
        choices = {"objective": "split", "model": "mlp", "data": "digits"}
        about = {"choices": choices, "overrides": {}, "config": config | {"precision": precision}}
        record.write_results({run: record.result(run, about, outcome())})


@pytest.mark.parametrize(
    ("precisions", "named"), [(["fp32"], False), (["bf16", "bf16"], True), (["bf16", "fp32"], False)]
)
def test_a_caption_names_a_precision_that_all_runs_have_and_that_is_not_the_usual(
    tmp_path: Path, precisions: list[str], named: bool
) -> None:
    written(tmp_path, precisions)
    assert ("bf16" in describe.sweep(tmp_path)) == named
    assert describe.sweep(tmp_path)[0] == tmp_path.name
    assert {"Adam lr 1", "batch 8", "train all[:8]"} < set(describe.sweep(tmp_path))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"class_groups": 2}, "2 groups of neighbouring classes"),
        ({"positive_classes": ["ship", "truck"]}, "ship, truck against all others"),
    ],
)
def test_a_caption_says_what_is_told_apart(tmp_path: Path, data: dict[str, object], words: str) -> None:
    written(tmp_path, ["fp32"], **data)
    assert words in describe.sweep(tmp_path)


def test_of_several_sweeps_it_says_which_has_what(tmp_path: Path) -> None:
    """A figure whose panels are of one sweep each may not say of all what holds for the first."""
    for folder, precision in (("plain", "fp32"), ("half", "bf16")):
        written(tmp_path / folder, [precision])
    folders = [tmp_path / "plain", tmp_path / "half"]
    assert describe.sweeps(folders)[:2] == ["plain", "half (bf16)"]
    assert describe.sweeps(folders)[2:] == describe.sweep(folders[0])[1:]
    assert describe.sweeps(folders[:1]) == describe.sweep(folders[0])
