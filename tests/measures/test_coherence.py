"""Alpha and r: what they are of made-up gradients, the laws of the papers, and what a run writes down."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pandas
import pytest
import torch
from runs import recipe, trained
from torch import Tensor

from rotelab.data import labels, splits
from rotelab.data.module import Preparation
from rotelab.measures.coherence import Coherence, batches, coherence, measured, sample, sums
from rotelab.measures.per_example import Gradients, gradients
from rotelab.randomness import stream
from rotelab.spacing import due
from rotelab.training.recipe import Recipe
from rotelab.training.run import assemble

EXACT: dict[str, Any] = {"rel": 1e-12, "abs": 1e-15}


def of(vectors: Tensor, *sizes: int) -> Gradients:
    """Gradients that are the rows, in layers of so many weights, or in a single one."""
    parts = dict(zip("abcdefgh", vectors.split(list(sizes) or [vectors.shape[1]], dim=1), strict=False))
    return Gradients(
        {name: part.sum(dim=0) for name, part in parts.items()},
        {name: part.square().sum(dim=1) for name, part in parts.items()},
    )


def alpha(vectors: Tensor) -> float:
    return coherence(of(vectors))["alpha"]


def drawn(examples: int, weights: int, *name: int | str) -> Tensor:
    """Vectors that have something in common."""
    draw = stream("tests", examples, weights, *name)
    return torch.randn(examples, weights, generator=draw, dtype=torch.float64) + torch.linspace(
        -0.5, 1, weights, dtype=torch.float64
    )


def corrupted(made: Recipe, fraction: float = 0.5) -> Recipe:
    relabel = labels.Corruption(partial(labels.corrupted, fraction=fraction, among="wrong"), 0, splits.NAMES)
    return replace(made, data=partial(made.data, prepare=Preparation(relabel=relabel)))


def rows(folder: Path, made: Recipe) -> pandas.DataFrame:
    """Those of the coherence in the curve of a training."""
    trained(made, folder)
    table = pandas.read_csv(folder / "curve.csv")
    return table[table.metric.str.startswith("coherence")]


def measure(schedule: str = "epochs", images: int = 8, names: Sequence[str] = ("train",), often: int = 3) -> Coherence:
    return Coherence(images, list(names), schedule, often)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_of_equal_gradients_every_example_helps_every_other(count: int) -> None:
    found = coherence(of(drawn(1, 5).expand(count, 5)))
    assert found == pytest.approx({"alpha": 1.0, "r": count}, **EXACT)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_of_orthogonal_gradients_an_example_helps_itself(count: int) -> None:
    rotation = torch.linalg.qr(drawn(8, 8)).Q
    found = coherence(of(3 * rotation[:count]))
    assert found == pytest.approx({"alpha": 1 / count, "r": 1.0}, **EXACT)


def test_gradients_that_cancel_help_nobody() -> None:
    vectors = torch.tensor([[1.0, 2.0], [-3.0, 0.5], [2.0, -2.5]])
    assert coherence(of(vectors)) == {"alpha": 0.0, "r": 0.0}


def test_where_all_gradients_are_zero_there_is_none() -> None:
    assert coherence(of(torch.zeros(3, 4))) == {}
    assert measured({"": of(torch.zeros(3, 4), 2, 2)}, "train") == {}
    assert measured({"clean": of(torch.zeros(3, 4)), "corrupted": of(torch.zeros(2, 4))}, "train") == {}


def test_is_the_mean_scalar_product_over_the_mean_square() -> None:
    vectors = drawn(6, 4)
    products = vectors @ vectors.T
    assert alpha(vectors) == pytest.approx((products.mean() / products.diagonal().mean()).item(), **EXACT)
    assert sums(of(vectors)) == pytest.approx((products.sum().item(), products.trace().item(), 6), **EXACT)


@pytest.mark.parametrize("factor", [1e-6, -1.0, 1e6])
def test_the_scale_does_not_matter(factor: float) -> None:
    vectors = drawn(6, 4)
    assert alpha(factor * vectors) == pytest.approx(alpha(vectors), rel=1e-12)


@pytest.mark.parametrize("examples", [2, 5, 20])
@pytest.mark.parametrize("weights", [1, 3, 30])
def test_is_in_range(examples: int, weights: int) -> None:
    found = coherence(of(drawn(examples, weights)))
    assert 0 <= found["alpha"] <= 1
    assert found["r"] == pytest.approx(examples * found["alpha"], **EXACT)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("examples", [2, 4, 5])
def test_law_of_micro_batches(size: int, examples: int) -> None:
    vectors = drawn(examples, 3)
    means = torch.stack([vectors[list(chosen)].mean(dim=0) for chosen in product(range(examples), repeat=size)])
    a = alpha(vectors)
    assert alpha(means) == pytest.approx(size * a / (1 + (size - 1) * a), rel=1e-12)


@pytest.mark.parametrize("zeros", [0, 1, 6])
def test_fitted_examples_take_their_share(zeros: int) -> None:
    vectors = drawn(6, 4)
    found = coherence(of(torch.cat([vectors, torch.zeros(zeros, 4, dtype=torch.float64)])))
    assert found["alpha"] == pytest.approx(6 / (6 + zeros) * alpha(vectors), rel=1e-12)
    assert found["r"] == pytest.approx(6 * alpha(vectors), rel=1e-12)


def test_of_all_layers_is_a_mean_over_the_layers() -> None:
    found = of(drawn(6, 9) * torch.linspace(0.1, 3, 9, dtype=torch.float64), 2, 3, 4)
    squares = {layer: sums(found, [layer])[1] for layer in "abc"}
    expected = sum(squares[layer] / sum(squares.values()) * coherence(found, [layer])["alpha"] for layer in "abc")
    assert coherence(found)["alpha"] == pytest.approx(expected, rel=1e-12)
    assert coherence(found, "abc") == coherence(found)


@pytest.mark.parametrize(("ones", "others"), [(1, 1), (2, 6), (5, 3)])
@pytest.mark.parametrize("size", [0.1, 1.0, 10.0])
def test_two_groups_that_have_nothing_in_common(ones: int, others: int, size: float) -> None:
    first, second = drawn(ones, 3, "one"), size * drawn(others, 4, "other")
    share = ones / (ones + others)
    bound = share * alpha(first) + (1 - share) * alpha(second)
    assert alpha(torch.block_diag(first, second)) <= bound * (1 + 1e-12)


def test_two_gradients_differ_by_less_the_more_they_have_in_common() -> None:
    for common in (0.0, 1.0, 10.0):
        vectors = drawn(12, 5) + common
        bound = (2 * (1 - alpha(vectors)) * vectors.square().sum(dim=1).mean()).sqrt()
        assert torch.cdist(vectors, vectors).mean() <= bound


def test_parts_have_their_share_of_the_step() -> None:
    clean, bad = drawn(6, 5), drawn(3, 5, "corrupted")
    both = torch.cat([clean, bad])
    found = measured({"clean": of(clean, 2, 3), "corrupted": of(bad, 2, 3)}, "train")
    step = both.sum(dim=0)
    expected = {f"coherence_{name}/train": value for name, value in coherence(of(both)).items()}
    for number, layer in ((1, both[:, :2]), (2, both[:, 2:])):
        expected[f"coherence_r_layer{number:02}/train"] = coherence(of(layer))["r"]
    for name, part in (("clean", clean), ("corrupted", bad)):
        expected |= {f"coherence_{key}/train_{name}": value for key, value in coherence(of(part)).items()}
        expected[f"coherence_share/train_{name}"] = (part.sum(dim=0) @ step / (step @ step)).item()
    assert found == pytest.approx(expected, rel=1e-12)
    assert found["coherence_share/train_clean"] + found["coherence_share/train_corrupted"] == pytest.approx(1.0)


def test_of_a_layer_whose_gradients_are_zero_there_is_none() -> None:
    vectors = torch.cat([torch.zeros(3, 2, dtype=torch.float64), drawn(3, 3)], dim=1)
    assert set(measured({"": of(vectors, 2, 3)}, "train")) == {
        "coherence_alpha/train",
        "coherence_r/train",
        "coherence_r_layer02/train",
    }


def test_a_sample_is_the_first_images_clean_and_corrupted() -> None:
    _, _, data = assemble(corrupted(recipe()), (), 1)
    parts = sample(data, "train", 9)
    changed = data.splits["train"].changed.tolist()
    assert {name: chosen.tolist() for name, chosen in parts.items()} == {
        "clean": [n for n in range(9) if not changed[n]],
        "corrupted": [n for n in range(9) if changed[n]],
    }
    _, _, data = assemble(recipe(), (), 1)
    assert {name: chosen.tolist() for name, chosen in sample(data, "train", 9).items()} == {"": [*range(9)]}


def test_names_and_values_in_a_run(tmp_path: Path) -> None:
    made = recipe(measures=[measure(names=["train", "held_out"], images=1000)], max_epochs=1)
    found = rows(tmp_path, made)
    layers = [f"coherence_r_layer{number:02}" for number in range(1, 6)]
    for epoch in (0, 1):
        values = found[found.epoch == epoch].set_index(["metric", "split"]).value
        assert sorted(values.index) == sorted(
            product(["coherence_alpha", "coherence_r", *layers], ["train", "held_out"])
        )
        for split, images in (("train", 20), ("held_out", 12)):
            assert 0 <= values["coherence_alpha", split] <= 1
            assert values["coherence_r", split] == pytest.approx(images * values["coherence_alpha", split])
    _, learner, data = assemble(made, (), 1)
    start = found[found.epoch == 0].set_index(["metric", "split"]).value
    for split, images in (("train", 20), ("held_out", 12)):
        expected = gradients(learner.network, batches(data, split, torch.arange(images)))
        assert start["coherence_r", split] == pytest.approx(coherence(expected)["r"], rel=1e-6)
        for layer, name in zip(layers, expected.total, strict=True):
            assert start[layer, split] == pytest.approx(coherence(expected, [name])["r"], rel=1e-6)


def test_is_of_the_weights_at_the_end_of_the_epoch(tmp_path: Path) -> None:
    made = recipe(measures=[measure(images=8)], max_epochs=1)
    outcome = trained(made, tmp_path)
    _, _, data = assemble(made, (), 1)
    expected = coherence(gradients(outcome.network, batches(data, "train", torch.arange(8))))
    assert outcome.metrics["coherence_r/train"] == pytest.approx(expected["r"], rel=1e-6)


@pytest.mark.parametrize("schedule", ["epochs", "steps"])
def test_corrupted_labels_in_a_run(tmp_path: Path, schedule: str) -> None:
    made = corrupted(recipe(measures=[measure(schedule, names=["train", "held_out"])], max_epochs=2))
    found = rows(tmp_path, made)
    whole = {"coherence_alpha", "coherence_r", *(f"coherence_r_layer{number:02}" for number in range(1, 6))}
    assert set(found[found.split == "train"].metric) == whole
    for kind in ("clean", "corrupted"):
        names = found[found.split == f"train_{kind}"].metric
        assert set(names) == {"coherence_alpha", "coherence_r", "coherence_share"}
    assert set(found.split) == {
        f"{name}{kind}" for name in ("train", "held_out") for kind in ("", "_clean", "_corrupted")
    }
    shares = found[found.metric == "coherence_share"].groupby(["step", found.split.str.startswith("train")]).value
    assert (shares.count() == 2).all()
    assert shares.sum().tolist() == pytest.approx([1.0] * len(shares), rel=1e-5)


def test_in_steps_there_are_rows_between_the_epochs(tmp_path: Path) -> None:
    found = rows(tmp_path, recipe(measures=[measure("steps")]))
    found = found[found.metric == "coherence_r"]
    steps = [step for step in range(1, 13) if due(step, 3)]
    assert {step % 3 for step in steps} == {0, 1, 2}, "of an epoch's three steps the first, the last, and between"
    assert found.step.tolist() == [0, *steps], "those of the start, and none again when an epoch ends"
    assert found.epoch.tolist() == [0, *(step // 3 for step in steps)]
    train = [step // 3 * 20 + step % 3 * 8 for step in steps]
    unlearned = [step // 2 * 12 + step % 2 * 8 for step in steps]
    assert found.images.tolist() == [0, *(sum(both) for both in zip(train, unlearned, strict=True))]


def test_rows_between_the_epochs_leave_the_others_alone(tmp_path: Path) -> None:
    outcome = trained(recipe(measures=[measure("steps", often=40)]), tmp_path)
    assert not [name for name in outcome.metrics if name.startswith("coherence")]
    table = pandas.read_csv(tmp_path / "curve.csv")
    others = table[~table.metric.str.startswith("coherence")]
    assert len(table[table.metric == "coherence_r"]) == 13, "every step, and before the first"
    assert others.step.unique().tolist() == [0, 3, 6, 9, 12]
    assert table.step.is_monotonic_increasing and table.epoch.is_monotonic_increasing
    assert not table.duplicated(["step", "metric", "split"]).any()


def test_in_epochs_it_is_measured_at_due_ones_only(tmp_path: Path) -> None:
    found = rows(tmp_path, recipe(measures=[measure("epochs")]))
    assert found[found.metric == "coherence_alpha"].epoch.tolist() == [0, 1, 3]
    assert (found.step == 3 * found.epoch).all()


def test_both_schedules_measure_the_same(tmp_path: Path) -> None:
    values = []
    for schedule in ("epochs", "steps"):
        found = rows(tmp_path, recipe(measures=[measure(schedule, often=40)]))
        values.append(found[found.step % 3 == 0].drop(columns="images").reset_index(drop=True))
    pandas.testing.assert_frame_equal(*values, check_exact=True)
