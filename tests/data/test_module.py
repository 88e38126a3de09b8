"""From a source to splits: ordered, sliced, corrupted once."""

from typing import Any

import pytest
import torch
from toy import noise

from rotelab.data import memory, splits
from rotelab.data.module import ImageData, Preparation
from rotelab.data.parts import Part, Source
from rotelab.data.preprocessing import Preprocessing
from rotelab.errors import InputError, RunError


def source(labels: torch.Tensor | None = None) -> Source:
    """60 images whose grey level is their number."""
    images = torch.arange(60, dtype=torch.uint8).reshape(-1, 1, 1, 1).expand(-1, 3, 4, 5)
    return Source({"all": Part(images, torch.arange(60) % 2 if labels is None else labels)}, ("even", "odd"))


def data(**changes: Any) -> ImageData:
    defaults: dict[str, Any] = {
        "load": source,
        "split": {"train": "all[:20]", "pseudo_test": "all[20:40]", "held_out": "all[40:]"},
        "order": "by_name",
        "order_seed": 0,
        "batch_size": 8,
        "batch_order": "fixed",
        "seed": 0,
    }
    made = ImageData(**(defaults | changes))
    made.setup()
    return made


def numbers(of: ImageData) -> dict[str, list[int]]:
    return {name: images(of, name)[:, 0, 0, 0].mul(255).round().int().tolist() for name in of.splits}


def images(of: ImageData, split: str = "train") -> torch.Tensor:
    found, _ = of.splits[split].evaluated
    assert isinstance(found, torch.Tensor)
    return found


def test_by_name_is_the_order_of_the_source() -> None:
    expected = {"train": range(20), "pseudo_test": range(20, 40), "held_out": range(40, 60)}
    assert numbers(data()) == {name: list(of) for name, of in expected.items()}


def test_shuffled_splits_are_disjoint_and_cover_the_source() -> None:
    shuffled = numbers(data(order="shuffled"))
    assert sorted(number for split in shuffled.values() for number in split) == list(range(60))
    assert [len(split) for split in shuffled.values()] == [20, 20, 20]
    assert shuffled != numbers(data())


def test_shuffled_order_depends_on_its_seed_alone() -> None:
    shuffled = numbers(data(order="shuffled"))
    assert numbers(data(order="shuffled", seed=1, batch_order="reshuffled")) == shuffled
    assert numbers(data(order="shuffled", order_seed=1)) != shuffled


@pytest.mark.parametrize("order", ["by_name", "shuffled"])
def test_images_keep_their_labels(order: str) -> None:
    made = data(order=order)
    for name, of in numbers(made).items():
        assert made.splits[name].evaluated[1].tolist() == [number % 2 for number in of]


def test_what_a_split_is_made_of() -> None:
    made = data()
    assert made.image_shape == (3, 4, 5)
    assert made.classes == ("even", "odd")
    for split in made.splits.values():
        pixels, labels = split.evaluated[0][:], split.evaluated[1]
        assert (pixels.dtype, labels.dtype) == (torch.float32, torch.int64)
        assert pixels.is_contiguous(memory_format=torch.channels_last)
        assert not pixels.is_contiguous()
    assert images(made, "held_out")[-1].unique().item() == pytest.approx(59 / 255)


def test_noise_is_drawn_once_for_good() -> None:
    made = data(prepare=noise())
    before = images(made)
    made.setup("fit")  # Lightning calls it again
    assert images(made) is before
    assert torch.equal(images(data(prepare=noise(), seed=1)), before)


def test_noise_depends_on_its_seed_and_on_the_split() -> None:
    made = data(prepare=noise())
    assert not torch.equal(images(data(prepare=noise(seed=1))), images(made))
    assert not torch.equal(images(made, "pseudo_test"), images(made))
    assert not torch.equal(images(made, "held_out"), images(made))


@pytest.mark.parametrize("name", ["train", "pseudo_test", "held_out"])
def test_a_single_class_is_refused(name: str) -> None:
    labels = torch.arange(60) % 2
    labels[data().slices[name].of({"all": 60})] = 1
    with pytest.raises(InputError, match=rf"data\.split\.{name}: all\[\d+:\d*\] .* single class, 'odd'"):
        data(load=lambda: source(labels))


@pytest.mark.parametrize(
    ("held_out", "message"), [("all[40:61]", "beyond the data"), ("test", "no part 'test'"), ("all[39:]", "overlap")]
)
def test_slices_that_do_not_fit(held_out: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        data(split={"train": "all[:20]", "pseudo_test": "all[20:40]", "held_out": held_out})


def test_fixed_batches_are_slices_of_the_splits() -> None:
    made = data()
    (train, _), (pseudo_test, _) = next(iter(made.batches(lambda: 0)))
    assert train.data_ptr() == images(made).data_ptr()
    assert pseudo_test.data_ptr() == images(made, "pseudo_test").data_ptr()


def test_reshuffled_batches_differ_by_epoch_and_seed() -> None:
    def order(epoch: int, seed: int = 0) -> list[list[list[int]]]:
        batches = data(batch_order="reshuffled", seed=seed).batches(lambda: epoch)
        return [[pixels[:, 0, 0, 0].mul(255).round().int().tolist() for pixels, _ in pair] for pair in batches]

    assert order(0) == order(0)
    assert order(0) != order(1)
    assert order(0) != order(0, seed=1)
    assert all([t - 20 for t in other] != train for train, other in order(0)), "both splits have the same order"


def test_batches_stay_where_they_are() -> None:
    batch = (torch.zeros(2), torch.zeros(2))
    assert data().transfer_batch_to_device(batch, torch.device("cpu"), 0) is batch


def test_a_slice_beyond_the_data_says_what_fits() -> None:
    beyond = {"train": "all[:20]", "pseudo_test": "all[20:40]", "held_out": "all[40:61]"}

    def advice(check: splits.Check) -> str:
        with pytest.raises(InputError):
            check(splits.parse(beyond))
        check(splits.parse(beyond | {"held_out": "all[40:60]"}))
        return "at most 19 fit"

    with pytest.raises(
        InputError, match=r"^at most 19 fit \(all\[40:61\] is beyond the data: 'all' holds 60 images\)$"
    ):
        data(split=beyond, too_large=advice)
    with pytest.raises(InputError, match=r"^all\[40:61\] is beyond the data: 'all' holds 60 images$"):
        data(split=beyond)


def test_too_little_memory_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = 60 * 3 * 4 * 5 * 4
    monkeypatch.setattr(memory, "available", lambda: needed)
    data()
    monkeypatch.setattr(memory, "available", lambda: needed - 1)
    with pytest.raises(RunError, match=r"^the images of the splits need 0.0 GiB of memory, .*data.batch_size$"):
        data()
    data(prepare=Preparation(preprocess=Preprocessing(crop=3)))


def test_parts_keep_what_is_used_and_the_source_is_checked() -> None:
    kept: list[list[int]] = []
    checks: list[int] = []

    def load() -> Source:
        (part,) = source().parts.values()
        watched = Part(part.images, part.labels, lambda numbers: kept.append(numbers.tolist()))
        return Source({"all": watched}, ("even", "odd"), check=lambda: checks.append(len(kept)))

    made = data(load=load, split={"train": "all[:5]", "pseudo_test": "all[5:8]", "held_out": "all[20:22]"})
    assert (kept, checks) == ([[*range(8), 20, 21]], [1])
    made.beyond("pseudo_test", 2)
    assert (kept[1:], checks) == ([[8, 9]], [1, 2])
